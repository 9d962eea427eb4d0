#!/usr/bin/env python3
# Allocation failures: allocations.py BPFTOLL [--points N | --sites | --minutes N] [--seed N] [--only WORD]. A
# command is run, and one of its allocations fails. It may fail with a message, or print what it always
# prints: a crash, another output with the same exit code, or a failure without a word is a fault.
# --points: N of each command, spread over those of --sites; --sites: the first and the last one of each distinct call
# stack; --minutes: first those of --sites, then any others, in random order, as many as fit. One line a
# fault, then a count.
import argparse, concurrent.futures, os, random, shutil, signal, subprocess, sys, tempfile, time

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))
run = "tests/records/run"
events = "tests/records/events"
quick = "tests/records/quick"
COMMANDS = [
    ["report", run], ["report", "--full", events], ["report", "--csv", run], ["report", "--json", quick],
    ["report", "-o", "OUT", run],
    ["verdict", run], ["verdict", "--json", run, events], ["compare", run, quick],
    ["compare", "--json", run, quick, "--fail-above", "5%"],
    ["export", "--csv", run], ["export", "--csv", "--rows", "event_points", events],
    ["export", "--openmetrics", run], ["list"], ["completions", "bash"], ["recover", "OUT"], ["doctor"],
]
# call stacks that are left alone, by a library's or a function's name, and why
LEFT = {
    "doctor": ("libhwloc", "it crashes itself (Debian's 2.9, in hwloc_topology_load)"),
    "list": ("libbpf,libz", "they give another reason why a program cannot be loaded, or none"),
    "report": ("getpwnam", "it crashes itself (glibc 2.36, in nss_database_reload)"),
}


def contents(folder):
    out = b""
    for top, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            with open(os.path.join(top, name), "rb") as f:
                out += name.encode() + b"\0" + f.read()
    return out


def killed_run(bpftoll, folder):
    """The folder of a run that was killed, with rounds behind its record; None: nothing can be measured here."""
    process = subprocess.Popen([bpftoll, "run", "--variant", "raw_tp_empty", "--syscall", "munmap_einval", "--calls", "64",
                                "--rounds", "400", "-o", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    log = folder + "/checkpoint"
    while process.poll() is None and not (os.path.exists(log) and os.path.getsize(log) > 6000):
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return folder if os.path.exists(log) else None


class Usual:
    """What a command does when nothing fails. repeats: it says the same each time."""

    def __init__(self, did, total, sites, left, repeats):
        self.did, self.total, self.sites, self.left, self.repeats = did, total, sites, left, repeats


class Allocations:
    def __init__(self, bpftoll, folder):
        self.bpftoll, self.dir, self.known = os.path.realpath(bpftoll), folder, {}
        self.library = folder + "/fail_alloc.so"
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-o", self.library, here + "/fail_alloc.c"], check=True)
        self.killed = killed_run(self.bpftoll, folder + "/killed")

    def commands(self):
        return [c for c in COMMANDS if c[0] != "recover" or self.killed]

    def once(self, words, n, **more):
        """What the command did when its n-th allocation failed: exit code, what it wrote, its messages."""
        out = tempfile.mkdtemp(dir=self.dir)
        # no tools: they take seconds, and what is missing is said
        env = {"PATH": "/nonexistent", "TMPDIR": out, "LANG": "C.UTF-8", "LD_PRELOAD": self.library, "FAIL_ALLOC": str(n),
               "FAIL_ALLOC_LEAVE": LEFT.get(words[0], ("",))[0], "HOME": out, **more}
        if words[0] == "recover":
            shutil.copytree(self.killed, out + "/OUT")
        else:
            os.mkdir(out + "/OUT")
        real = [out + "/OUT" if w == "OUT" else w for w in words]
        try:
            done = subprocess.run([self.bpftoll] + real, env=env, cwd=root, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
            text = done.stdout.replace(out.encode(), b"DIR")
            written = contents(out + "/OUT").replace(out.encode(), b"DIR") if "OUT" in words else b""
            return done.returncode, text + written, done.stderr.replace(out.encode(), b"DIR")
        except subprocess.TimeoutExpired:
            return "timeout", b"", b""
        finally:
            shutil.rmtree(out, ignore_errors=True)

    def usual(self, words):
        key = tuple(words)
        if key not in self.known:
            count, sites = self.dir + "/count", self.dir + "/sites"
            did = self.once(words, 0, FAIL_ALLOC_COUNT=count, FAIL_ALLOC_SITES=sites)
            rows = [line.split() for line in open(sites)]
            self.known[key] = Usual(did, int(open(count).read()), sorted({int(n) for r in rows if len(r) == 2 for n in r}),
                                    sum(len(r) > 2 for r in rows), self.once(words, 0) == did)
        return self.known[key]

    def judge(self, words, n):
        """None, or what is wrong: (crashed, line)."""
        usual = self.usual(words)
        code, text, said = self.once(words, n)
        if code == "timeout" or code < 0 or code >= 128:
            return True, f"crash ({code}): {said.decode(errors='replace').strip()[-200:]}"
        if code == usual.did[0]:
            # where something was left out, and that is said, is no silence
            # a row that libbpf or the kernel refused for it says so itself
            lacks = any(text.lower().count(w) > usual.did[1].lower().count(w) for w in (b"memory", b"-12"))
            if text == usual.did[1] or said != usual.did[2] or lacks or not usual.repeats:
                return None
            return False, f"another output, exit code {code} as always"
        if words[0] == "recover" and code == 0:
            return False, "recovered less"
        return None if said.strip() else (False, f"exit code {code} without a word")


def chosen(usual, a):
    if a.at:
        return [a.at]
    if a.sites:
        return usual.sites
    if a.points:
        some = usual.sites
        return sorted({some[i * (len(some) - 1) // max(a.points - 1, 1)] for i in range(min(a.points, len(some)))})
    return usual.sites if usual.left else range(1, usual.total + 1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("bpftoll")
    p.add_argument("--points", type=int, help="so many of each command's --sites")
    p.add_argument("--sites", action="store_true", help="the first and the last of each call stack")
    p.add_argument("--minutes", type=float, help="as many as fit, in random order")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--only", default="", help="commands with this word")
    p.add_argument("--at", type=int, help="this allocation alone")
    a = p.parse_args()
    folder = tempfile.mkdtemp()
    try:
        these = Allocations(a.bpftoll, folder)
        if not these.killed:
            print("not recover: no run can be killed here")
        todo, order = [], random.Random(a.seed)
        for words in these.commands():
            if a.only not in " ".join(words):
                continue
            usual = these.usual(words)
            points = list(chosen(usual, a))
            print(f"{' '.join(words)}: {len(points)} of {usual.total} allocations, {len(usual.sites)} at the ends of call stacks" +
                  (f", {usual.left} call stacks through {LEFT[words[0]][0]} left out: {LEFT[words[0]][1]}" if usual.left else "") +
                  ("" if usual.repeats else "; it says something else each time: only crashes and silence are looked for"), flush=True)
            first = set(usual.sites)
            todo += [(words, n, n not in first, order.random()) for n in points]
        if a.minutes:
            todo.sort(key=lambda job: job[2:])
        end = time.monotonic() + 60 * a.minutes if a.minutes else None
        tried = faults = 0
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            def one(job):
                late = end and time.monotonic() > end
                return job, "late" if late else these.judge(job[0], job[1])
            for (words, n, *_), fault in pool.map(one, todo):
                if fault == "late":
                    continue
                tried += 1
                if fault:
                    faults += 1
                    print(f"allocation {n} of {' '.join(words)}: {fault[1]}", flush=True)
        print(f"{tried} of {len(todo)} allocations failed, {faults} faults")
        sys.exit(faults > 0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
