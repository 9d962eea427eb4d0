# SPDX-License-Identifier: GPL-3.0-or-later
# What happens to commands: each function is one kind, and makes one trial.
import os
import resource
import shutil
import signal
import subprocess

from allocations import Allocations
import machine
import record

CALLS = ("write", "pwrite64", "fsync", "renameat2,renameat,rename", "openat", "read", "close", "mmap", "clone,clone3,fork,vfork",
         "mkdirat,mkdir", "unlinkat,unlink", "ftruncate", "fstat,newfstatat", "bpf", "perf_event_open", "epoll_ctl")
ERRORS = {"write": ("EIO", "ENOSPC", "EINTR"), "pwrite64": ("EIO", "ENOSPC"), "fsync": ("EIO", "ENOSPC"),
          "openat": ("EMFILE", "ENFILE", "EIO", "ENOMEM", "EACCES"), "read": ("EIO",), "close": ("EIO",), "mmap": ("ENOMEM",),
          "clone,clone3,fork,vfork": ("EAGAIN",), "mkdirat,mkdir": ("ENOSPC", "EROFS"), "unlinkat,unlink": ("EIO",),
          "renameat2,renameat,rename": ("EIO", "ENOSPC"), "bpf": ("ENOMEM", "EPERM"), "perf_event_open": ("EMFILE", "EACCES")}


def look(t, command):
    """The record and the round log of a command that runs."""
    out = t.folder + "/out"
    logged = record.logged(out) if command.rounds else 0
    return (record.load(out) if command.record else None), logged


def kill(t, which="measuring"):
    """A signal at a random moment, to the command or to one of its processes."""
    command = t.pick(which)
    if command.reads:
        t.usual(command)
    moment = t.random.uniform(0, 1.1 * (t.usual_seconds(command) if command.reads else command.seconds))
    number = t.random.choice([signal.SIGKILL] * 6 + [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
    inner = t.random.random() < 0.25
    t.what = f"{command.name}: {number.name} after {moment:.3f} s" + (" to one of its processes" if inner else "")
    process = t.start(t.words(command))
    before, logged = None, 0
    if not t.until(process, moment):
        before, logged = look(t, command)
        below = sorted(machine.descendants(process.pid))
        victim = t.random.choice(below) if inner and below else process.pid
        try:
            os.kill(victim, number)
        except ProcessLookupError:
            pass
    code = t.end(process)
    t.crash(code, expected=(number,))
    if "--isolate" in command.words:
        t.restore()
    t.holds(command, code, before, logged, stopped=True)


def kill_reading(t):
    kill(t, "reading")


def system_call(t, which="measuring"):
    """One system call fails, in whichever process comes to its N-th (strace)."""
    command = t.pick(which)
    if command.reads:
        t.usual(command)
    call = t.random.choice(CALLS)
    error = t.random.choice(ERRORS.get(call, ("EIO",)))
    # without its first mapping the loader crashes, of any program
    nth = int(10 ** t.random.uniform(0, 2.5)) + (call == "mmap")
    follow = ["-f"] if t.random.random() < 0.5 else []
    t.what = f"{command.name}: {error} of the {nth}th {call.split(',')[0]}" + (" of any process" if follow else "")
    process = t.start(["strace", *follow, "-qq", "-o", "/dev/null", *(["--seccomp-bpf"] if follow else []), "-e", f"trace={call}",
                       "-e", f"inject={call}:error={error}:when={nth}", *t.words(command)])
    code = t.end(process)
    t.crash(code)
    t.holds(command, code)


def system_call_reading(t):
    system_call(t, "reading")


def kill_at_call(t):
    """SIGKILL just as a system call is made: between a file's steps, where a random moment seldom falls."""
    command = t.pick(t.random.choice(["measuring", "reading"]))
    if command.reads:
        t.usual(command)
    call = t.random.choice(CALLS)
    nth = int(10 ** t.random.uniform(0, 2.5))
    t.what = f"{command.name}: SIGKILL at the {nth}th {call.split(',')[0]}"
    code = t.end(t.start(["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={nth}",
                          *t.words(command)]))
    t.crash(code, expected=(9,))
    if "--isolate" in command.words:
        t.restore()
    t.holds(command, code, stopped=True)


def full_disk(t):
    """The record, or temporary files, on a small disk; recovered when there is room again."""
    command = t.pick(t.random.choice(["measuring", "reading"]))
    if command.reads:
        t.usual(command)
    size = 1 << t.random.randrange(13, 20)
    where = t.random.choice(["out", "tmp"])
    t.what = f"{command.name}: {size >> 10} KiB for {'its results' if where == 'out' else 'TMPDIR'}"
    place = t.folder + "/disk"
    os.mkdir(place)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", place], check=True)
    try:
        real = place + "/out"
        if where == "out":
            os.symlink(real, t.folder + "/out")
            code = t.end(t.start(t.words(command, real)))
        else:
            code = t.end(t.start(t.words(command), TMPDIR=place))
        t.crash(code)
        subprocess.run(["mount", "-o", "remount,size=64m", place], check=True)
        t.holds(command, code)
        if where == "tmp" and os.listdir(place):
            t.fault("left", f"TMPDIR: {os.listdir(place)[:3]}")
    finally:
        subprocess.run(["umount", place], check=False)


def limits(t):
    """Few open files, or little memory."""
    command = t.pick(t.random.choice(["measuring", "reading"]))
    if command.reads:
        t.usual(command)
    if t.random.random() < 0.6:
        limit = (resource.RLIMIT_NOFILE, t.random.randrange(4, 64))
        t.what = f"{command.name}: {limit[1]} open files"
    else:
        limit = (resource.RLIMIT_AS, t.random.randrange(16, 400) << 20)
        t.what = f"{command.name}: {limit[1] >> 20} MiB of memory"
    code = t.end(t.start(t.words(command), limits=[limit]))
    # 127: the loader itself had too little
    if code != 127:
        t.crash(code)
        t.holds(command, code)


def output(t):
    """stdout that cannot be written to."""
    command = t.pick("reading")
    usual = t.usual(command)
    t.what = f"{command.name}: stdout is /dev/full"
    with open("/dev/full", "wb") as full:
        code = t.end(t.start(t.words(command), stdout=full))
    t.crash(code)
    if usual[1] and code in (0, 3) or not t.said().strip() and usual[1]:
        t.fault("silent", f"exit {code}, says {t.said()[-200:]}")


def hostile(t):
    """A damaged record: refused or read, never a crash, and no escape byte reaches the terminal."""
    source = t.random.choice(["run", "events", "quick"])
    folder = t.folder + "/damaged"
    shutil.copytree(f"{t.campaign.root}/tests/records/{source}", folder)
    paths = [os.path.join(top, name) for top, _, names in os.walk(folder) for name in names]
    path = t.random.choice(paths if t.random.random() < 0.3 else [folder + "/record.json"])
    with open(path, "rb") as f:
        data = bytearray(f.read())
    for _ in range(t.random.randrange(1, 6)):
        at = t.random.randrange(len(data))
        how = t.random.randrange(5)
        if how == 0:
            data[at] = t.random.randrange(256)
        elif how == 1:
            del data[at:]
        elif how == 2:
            del data[at:at + t.random.randrange(1, 200)]
        elif how == 3:
            data[at:at] = data[t.random.randrange(len(data)):][:t.random.randrange(1, 200)]
        else:
            data[at:at] = t.random.choice([b"\\u001b[31m", b"1e999", b"-", b"null", b"[", b"\0", b"9" * 40])
        if not data:
            break
    with open(path, "wb") as f:
        f.write(data)
    words = t.random.choice([["report"], ["report", "--full"], ["report", "--csv"], ["verdict"], ["verdict", "--json"],
                             ["export", "--csv"], ["export", "--openmetrics"], ["compare", f"{t.campaign.root}/tests/records/run"],
                             ["recover"]])
    t.what = f"{' '.join(words[:2])}: damaged {source}/{os.path.relpath(path, folder)}"
    code = t.end(t.start([t.campaign.bpftoll, *words, folder]))
    t.crash(code)
    if code > 4:
        t.fault("crashed", f"exit {code}")
    if b"\x1b" in t.said() + t.said(stream="out"):
        t.fault("silent", "a raw escape byte")
    if code in (1, 2) and not t.said().strip():
        t.fault("silent", f"exit {code} without a word")


def beside(t):
    """Two measurements of one CPU: one of them is refused, or waits; one is killed."""
    command = t.pick("measuring")
    while not command.rounds or "--isolate" in command.words:
        command = t.pick("measuring")
    wait = t.random.random() < 0.5
    moment = t.random.uniform(0, command.seconds)
    t.what = f"two of {command.name}{' with --wait' if wait else ''}: one killed after {moment:.2f} s"
    other = t.folder + "/second"
    first = t.start(t.words(command))
    second = t.start([*t.words(command, other)[:2], *(["--wait"] if wait else []), *t.words(command, other)[2:]], "second")
    before, logged = None, 0
    if not t.until(first, moment):
        before, logged = look(t, command)
        first.kill()
    code = t.end(first)
    t.crash(code, expected=(9,))
    second_code = t.end(second)
    t.crash(second_code, "second")
    if second_code not in (0, 1) or second_code == 1 and not t.said("second").strip():
        t.fault("crashed", f"the second: exit {second_code}: {t.said('second')[-200:].decode(errors='replace')}")
    t.holds(command, code, before, logged, stopped=True)


def allocation(t):
    """One allocation fails, and what is printed is compared: tests/torture/allocations.py."""
    try:
        these = t.campaign.allocations
        if not these:
            folder = t.campaign.work + "/allocations"
            os.mkdir(folder)
            these = t.campaign.allocations = Allocations(t.campaign.bpftoll, folder)
    except (OSError, subprocess.CalledProcessError) as why:
        t.what = f"nothing: {why}"
        return
    words = t.random.choice(these.commands())
    usual = these.usual(words)
    ends = usual.left or t.random.random() < 0.5
    n = t.random.choice(usual.sites) if ends and usual.sites else t.random.randrange(1, usual.total + 1)
    t.what = f"allocation {n} of {' '.join(words)}"
    fault = these.judge(words, n)
    if fault:
        t.fault("crashed" if fault[0] else "silent", fault[1])


# kind -> (function, share of the trials)
KINDS = {
    "kill": (kill, 8),
    "kill a reader": (kill_reading, 4),
    "kill at a call": (kill_at_call, 6),
    "system call": (system_call, 6),
    "system call, reader": (system_call_reading, 4),
    "full disk": (full_disk, 3),
    "limits": (limits, 3),
    "stdout": (output, 1),
    "damaged record": (hostile, 4),
    "two at once": (beside, 2),
    "allocation": (allocation, 3),
}
# of these a process is killed; of the others something fails
KILLS = ("kill", "kill a reader", "kill at a call", "two at once")
