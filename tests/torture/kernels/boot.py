#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# boot.py BPFTOLL KERNELS [NAME...]: boots the kernels that build.sh has built (KERNELS/NAME/bzImage) by bpftoll lab, without
# their configuration and with it beside the image. A line each; exit 1 if one is silent, wrong, or not named.
import json
import os
import shutil
import subprocess
import sys
import tempfile

NOTHING, DONE = 4, 0
HOOKS = {"kprobe", "kprobe_offset", "kprobe_int3", "kretprobe", "kprobe_multi", "tracepoint", "raw_tp", "tp_btf", "fentry", "fexit"}
TYPED = {"tp_btf", "fentry", "fexit"}
TRAMPOLINES = {"fentry", "fexit"}
TRACING = {**{h: "CONFIG_KPROBES" for h in HOOKS if h.startswith(("kprobe", "kretprobe"))}, "kprobe_multi": "CONFIG_FPROBE",
           "tracepoint": "CONFIG_FTRACE_SYSCALLS", "raw_tp": "CONFIG_TRACEPOINTS", "tp_btf": "CONFIG_BPF_EVENTS",
           **{h: "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS" for h in TRAMPOLINES}}
# kernel: the exit code, the hooks that must be skipped with this option as the reason, words that must be said
EXPECTED = {
    "base": (DONE, {}, ()),
    "no_bpf": (NOTHING, {}, ("kernel built without CONFIG_BPF_SYSCALL",)),
    "no_bpf_told": (NOTHING, {}, ("kernel built without CONFIG_BPF_SYSCALL (its own configuration, in ",)),
    "no_initrd": (NOTHING, {}, ("built without CONFIG_BLK_DEV_INITRD",)),
    "no_tracing": (NOTHING, TRACING, ("kernel built without CONFIG_KPROBES",)),
    "no_jit": (DONE, {h: "CONFIG_BPF_JIT" for h in TRAMPOLINES}, ("Interpreted",)),
    "no_btf": (DONE, {h: "CONFIG_DEBUG_INFO_BTF" for h in TYPED}, ()),
}
TIMEOUT_S = 120  # of a guest; one that says nothing until then has failed


def faults(done, expected, out):
    """What is wrong with a lab's end, as lines."""
    code, skipped, words = expected
    said = done.stdout + done.stderr
    if done.returncode != code:
        yield f"exit {done.returncode}, not {code}: {said.strip()[-300:]}"
    if "ran out of time" in said:
        yield "silence until the time was over"
    for word in words:
        if word not in said:
            yield f"nothing says '{word}': {said.strip()[-300:]}"
    if not os.path.exists(out + "/record.json"):
        if code == DONE or skipped:
            yield "no record"
        return
    with open(out + "/record.json") as f:
        record = json.load(f)
    cells = {c["hook"]: c for c in record["cells"] if c["variant"].endswith("_empty")}
    for hook in sorted(HOOKS):
        cell, option = cells.get(hook), skipped.get(hook)
        if not cell:
            yield f"{hook}: no row"
        elif option and (cell["status"] != "skipped" or option not in (cell["reason"] or "")):
            yield f"{hook}: {cell['status']}, {cell['reason']}, not skipped for {option}"
        elif not option and cell["status"] != "measured":
            yield f"{hook}: {cell['status']}: {cell['reason']}"
        elif not option and cell["hits"]["expected"] != cell["hits"]["counted"]:
            yield f"{hook}: {cell['hits']}"


def boot(bpftoll, image, config, expected, work):
    """One guest. config: a file to be laid beside the image, or None. Its end, and what is wrong."""
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    shutil.copy(image, work + "/bzImage")
    if config:
        with open(image, "rb") as f:
            head = f.read(1 << 16)
        at = int.from_bytes(head[0x20e:0x210], "little") + 0x200
        shutil.copy(config, work + "/config-" + head[at:].split(b" ")[0].decode())
    done = subprocess.run([bpftoll, "lab", "--kernel", work + "/bzImage", "--timeout", str(TIMEOUT_S), "--syscall", "munmap_einval",
                           "--variant", "*_empty", "-o", work + "/out"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done, list(faults(done, expected, work + "/out"))


def boot_all(bpftoll, kernels, names, work, tell, late=lambda: False):
    """tell(kind, done, faults) for each, as long as it is not late. False: there are none."""
    there = [n for n in names or EXPECTED if os.path.exists(f"{kernels}/{n}/bzImage")]
    for name in there:
        for config in (None, f"{kernels}/{name}/config"):
            if name == "no_bpf_told" and config:
                continue
            if late():
                print(f"no time for kernel {name}")
                continue
            done, wrong = boot(bpftoll, f"{kernels}/{name}/bzImage", config, EXPECTED[name], work)
            tell(f"kernel {name}" + (", its configuration beside it" if config else ""), done, wrong)
    return bool(there)


def main():
    bpftoll, kernels, names = os.path.realpath(sys.argv[1]), sys.argv[2], sys.argv[3:]
    work, bad = tempfile.mkdtemp(prefix="kernels-"), []

    def tell(kind, done, wrong):
        bad.extend(wrong)
        print(f"{kind}: {'; '.join(wrong) if wrong else 'as expected'}", flush=True)
        for line in done.stderr.strip().splitlines():
            print("    " + line[:300])

    there = boot_all(bpftoll, kernels, names, work, tell)
    shutil.rmtree(work)
    if not there:
        sys.exit(f"boot.py: no kernels in {kernels}: make kernels")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
