# SPDX-License-Identifier: GPL-3.0-or-later
# Trials that need a kernel of their own, in QEMU guests (TCG) with three CPUs. guest_init.sh is what
# happens there.
import os
import re
import shutil
import subprocess

import commands

PATIENCE_S = 150
# CPUs take turns in one thread. With a thread each, QEMU 7.2 now and then goes on to run an int3 that
# the kernel has already replaced (static keys of tracepoints): memory holds the jump, the translation
# the breakpoint, and all CPUs that come by stay in exc_int3 for good, with RCU stalls.
ACCELERATOR = "tcg,thread=single"
# scenarios, and the kernel's own words, of one boot
BOOTS = (("lockdown", "lockdown=confidentiality"), ("lockdown", "lockdown=integrity"), ("clock", ""), ("btf", ""),
         ("unplug,unplug_reader", ""), ("cgroup1,cgroup_hybrid", ""))
CMDLINE = ("quiet panic=-1 oops=panic nokaslr nowatchdog console=ttyS0 reboot=t "
           "cryptomgr.notests")


def needs(program):
    """A program and its libraries, as paths."""
    out = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return [program] + re.findall(r"(?:=> |^\s+)(/\S+) \(", out, re.M)


def image(bpftoll, work):
    top = work + "/image"
    shutil.rmtree(top, ignore_errors=True)
    for folder in ("bin", "dev", "proc", "sys", "run"):
        os.makedirs(f"{top}/{folder}")
    shutil.copy(shutil.which("busybox"), top + "/bin/busybox")
    for program in (bpftoll, shutil.which("bpftool") or "/usr/sbin/bpftool"):
        shutil.copy(program, f"{top}/bin/{os.path.basename(program)}")
        for path in needs(program)[1:]:
            os.makedirs(top + os.path.dirname(path), exist_ok=True)
            shutil.copy(path, top + path)
    os.rename(f"{top}/bin/{os.path.basename(bpftoll)}", top + "/bin/bpftoll")
    shutil.copy(os.path.dirname(os.path.abspath(__file__)) + "/guest_init.sh", top + "/init")
    os.chmod(top + "/init", 0o755)
    with open(work + "/initrd", "wb") as out:
        names = subprocess.run(["find", "."], cwd=top, capture_output=True, check=True).stdout
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=top, input=names, stdout=out, check=True)
    shutil.rmtree(top)
    return work + "/initrd"


def boot(campaign, scenarios, append, rows, note):
    """One guest; adds to rows, notes faults."""
    initrd = image(campaign.bpftoll, campaign.work)
    words = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-monitor", "none",
             "-machine", "pc", "-accel", ACCELERATOR, "-cpu", "max", "-smp", "3", "-m", "768",
             "-serial", "stdio", "-kernel", commands.kernel(), "-initrd", initrd, "-append", f"{CMDLINE} {append} torture={scenarios}"]
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S)
        console = done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        console = (late.stdout or b"").decode(errors="replace")
    os.unlink(initrd)
    last = None
    for line in console.replace("\r", "").splitlines():
        if line.startswith("TRIED "):
            last = line[6:]
            rows(last)
        elif line.startswith("FAULT ") and last:
            kind, column, what = line[6:].split(": ", 2)
            note(kind, column, what)
    if "TORTURE ENDS" not in console:
        rows(last or "guest")
        note(last or "guest", "crashed", "the guest did not come to its end: " + " | ".join(console.splitlines()[-4:])[-400:])
    return console
