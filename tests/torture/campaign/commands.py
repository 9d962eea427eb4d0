# SPDX-License-Identifier: GPL-3.0-or-later
# What is tried. Words: OUT is a folder that the command makes, RECORD and EVENTS records of tests.
import glob
import os
import shutil


class Command:
    """seconds: about what it takes. rounds: it logs complete rounds. apps: programs of others."""

    def __init__(self, name, words, seconds, rounds=False, record=False, reads=False):
        self.name, self.words, self.seconds = name, words.split(), seconds
        self.rounds, self.record, self.reads = rounds, record or rounds, reads


CALLS = "--syscall munmap_einval --syscall getppid --calls 64"


def kernel():
    found = sorted(p for p in glob.glob(os.path.expanduser("~/.cache/bpftoll/kernels/*/vmlinuz*")) if "amd64" in p)
    found.sort(key=lambda p: "/linux-image-6.1." not in p)  # old, but new enough for all hooks
    return found[0] if found and shutil.which("qemu-system-x86_64") else None


def measuring(root):
    # without prices of calls of their own, which take half a minute, but for one
    quick = f"--scale tiny --price {root}/tests/records/run --variant raw_tp_ringbuf"
    out = [
        Command("run", f"run --variant raw_tp_* {CALLS} --seconds 1 -o OUT", 3, rounds=True),
        Command("run full", "run --suite full --syscall munmap_einval --variant raw_tp_empty --calls 64 --seconds 1 -o OUT", 4, rounds=True),
        Command("run --isolate", f"run --isolate --variant raw_tp_empty {CALLS} --seconds 1 -o OUT", 3, rounds=True),
        Command("run --precision", "run --variant raw_tp_perf --calls 64 --syscall munmap_einval --precision 1ns --seconds 2 -o OUT", 4, rounds=True),
        Command("run helpers", "run --suite helpers --helper ktime_* --seconds 1 -o OUT", 2, record=True),
        Command("run events", "run --suite events --rate 10000 --scenario sweep --rounds 2 --seconds 1 -o OUT", 6, record=True),
        Command("run contention", "run --suite events --scenario contention --rounds 4 -o OUT", 3, record=True),
        Command("run flood", "run --suite events --scenario flood --rounds 2 -o OUT", 6, record=True),
        Command("run --app exec", f"run --app exec {quick} --seconds 1 -o OUT -- sleep 0.1", 3, record=True),
        Command("selfcheck", "selfcheck --quick --trials 20", 5),
        Command("doctor", "doctor", 2),
        Command("list", "list", 1),
    ]
    for app, program in (("redis", "redis-server"), ("postgres", "postgres"), ("python", "python3"), ("node", "node"),
                         ("sysbench", "sysbench")):
        if shutil.which(program) or app == "postgres" and glob.glob("/usr/lib/postgresql/*/bin/postgres"):
            out.append(Command(f"run --app {app}", f"run --app {app} {quick} --seconds 1 -o OUT", 4, record=True))
    out.append(Command("run --app python, prices", "run --app python --scale tiny --seconds 1 -o OUT", 35, record=True))
    if shutil.which("bpftrace"):
        out.append(Command("run crosscheck", "run --suite crosscheck --seconds 5 -o OUT", 70, record=True))
    built = glob.glob(f"{root}/build*/bpf/programs/probes_munmap.bpf.o")
    if built:
        out.append(Command("measure", f"measure --program raw_tp_empty --calls 64 --seconds 1 -o OUT {built[0]}", 3, rounds=True))
    if kernel():
        out.append(Command("lab", f"lab --kernel {kernel()} --variant raw_tp_empty -o OUT", 15))
        out.append(Command("lab --xray", f"lab --kernel {kernel()} --xray raw_tp_empty -o OUT", 25))
    return out


def reading(root):
    tests = f"{root}/tests/records"
    lines = {
        "report": f"report {tests}/run", "report --full": f"report --full {tests}/events",
        "report --csv": f"report --csv {tests}/run", "report -o": f"report -o OUT {tests}/run",
        "verdict": f"verdict --full {tests}/quick", "verdict --json": f"verdict --json {tests}/run {tests}/events",
        "compare": f"compare {tests}/run {tests}/quick", "compare --json": f"compare --json {tests}/run {tests}/quick",
        "export --csv": f"export --csv {tests}/run", "export --openmetrics": f"export --openmetrics {tests}/quick",
        "export --folded": f"export --folded {root}/reports/examples/xray/kprobe_empty", "help": "help run", "completions": "completions zsh",
    }
    return [Command(name, words, 3 if name == "report -o" else 0.3, reads=True) for name, words in lines.items()]
