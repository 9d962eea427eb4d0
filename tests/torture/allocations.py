#!/usr/bin/env python3
# Allocation failures: allocations.py BPFTOLL [--points N | --minutes N] [--seed N] [--only WORD]. Each
# command that reads is run once for each allocation that it makes (or for N of them, spread over all),
# and that one fails. It may fail with a message, or print what it always prints: a crash, another
# output with the same exit code, or a failure without a word is a fault. One line a fault, then a count.
import argparse, concurrent.futures, os, random, shutil, subprocess, sys, tempfile, time

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))
p = argparse.ArgumentParser()
p.add_argument("bpftoll")
p.add_argument("--points", type=int, help="allocations of each command")
p.add_argument("--minutes", type=float, help="as many as fit, in random order")
p.add_argument("--seed", type=int, default=1)
p.add_argument("--only", default="", help="commands with this word")
p.add_argument("--at", type=int, help="this allocation alone")
a = p.parse_args()
bpftoll = os.path.realpath(a.bpftoll)

run = "tests/records/run"
events = "tests/records/events"
quick = "tests/records/quick"
commands = [
    ["report", run], ["report", "--full", events], ["report", "--csv", run], ["report", "--json", quick],
    ["report", "-o", "OUT", run],
    ["verdict", run], ["verdict", "--json", run, events], ["compare", run, quick],
    ["compare", "--json", run, quick, "--fail-above", "5%"],
    ["export", "--csv", run], ["export", "--csv", "--rows", "event_points", events],
    ["export", "--openmetrics", run], ["list"], ["completions", "bash"],
    # not doctor: libhwloc 2.9 itself crashes in hwloc_topology_load
]

dir = tempfile.mkdtemp()
library = dir + "/fail_alloc.so"
subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-o", library, here + "/fail_alloc.c"], check=True)


def contents(folder):
    out = b""
    for top, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            with open(os.path.join(top, name), "rb") as f:
                out += name.encode() + b"\0" + f.read()
    return out


def once(words, n, count=None):
    """What the command did when its n-th allocation failed: exit code, what it wrote, its messages."""
    out = tempfile.mkdtemp(dir=dir)
    # no tools: they take seconds, and what is missing is said
    env = {"PATH": "/nonexistent", "TMPDIR": out, "LANG": "C.UTF-8", "LD_PRELOAD": library, "FAIL_ALLOC": str(n), "HOME": out}
    if count:
        env["FAIL_ALLOC_COUNT"] = count
    os.mkdir(out + "/OUT")
    real = [out + "/OUT" if w == "OUT" else w for w in words]
    try:
        done = subprocess.run([bpftoll] + real, env=env, cwd=root, capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
        text = done.stdout.replace(out.encode(), b"DIR")
        written = contents(out + "/OUT").replace(out.encode(), b"DIR") if "OUT" in words else b""
        return done.returncode, text + written, done.stderr.replace(out.encode(), b"DIR")
    except subprocess.TimeoutExpired:
        return "timeout", b"", b""
    finally:
        shutil.rmtree(out, ignore_errors=True)


def judge(words, n, usual):
    code, text, said = once(words, n)
    if code == "timeout" or code < 0 or code >= 128:
        return f"crash ({code}): {said.decode(errors='replace').strip()[-200:]}"
    if code == usual[0]:
        # where something was left out, and that is said, is no silence
        # a row that libbpf or the kernel refused for it says so itself
        lacks = any(text.lower().count(w) > usual[1].lower().count(w) for w in (b"memory", b"-12"))
        if text == usual[1] or said != usual[2] or lacks:
            return None
        return "another output, exit code %d as always" % code
    return None if said.strip() else f"exit code {code} without a word"


try:
    todo, usual = [], {}
    for words in commands:
        key = tuple(words)
        if a.only not in " ".join(words):
            continue
        count = dir + "/count"
        usual[key] = once(words, 0, count)
        total = int(open(count).read())
        again = once(words, 0)
        if again != usual[key]:
            sys.exit(f"{' '.join(words)}: says something else each time")
        if a.at:
            points = [a.at]
        elif a.points and a.points < total:
            points = sorted({1 + i * (total - 1) // (a.points - 1) for i in range(a.points)})
        else:
            points = range(1, total + 1)
        todo += [(key, n) for n in points]
    if a.minutes:
        random.Random(a.seed).shuffle(todo)
    end = time.monotonic() + 60 * a.minutes if a.minutes else None
    tried = faults = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        def one(job):
            if end and time.monotonic() > end:
                return job, "late"
            return job, judge(list(job[0]), job[1], usual[job[0]])
        for (key, n), fault in pool.map(one, todo):
            if fault == "late":
                continue
            tried += 1
            if fault:
                faults += 1
                print(f"allocation {n} of {' '.join(key)}: {fault}", flush=True)
    print(f"{tried} of {len(todo)} allocations failed, {faults} faults")
    sys.exit(faults > 0)
finally:
    shutil.rmtree(dir, ignore_errors=True)
