# SPDX-License-Identifier: GPL-3.0-or-later
# What the machine is like, so that two looks at it can be compared.
#
# Facts are sets of strings. Those of OWN belong to this campaign alone (its namespaces, its folders);
# the others are the machine's, which more than the campaign may change.
import ctypes
import glob
import json
import os
import re
import subprocess
import time

OWN = ("process", "mount", "shm", "sysv", "lock", "tmp")
SETTINGS = (
    "/proc/sys/kernel/**", "/proc/sys/vm/**", "/proc/sys/debug/**", "/proc/sys/net/core/*",
    "/proc/irq/*/smp_affinity", "/proc/irq/default_smp_affinity",
    "/sys/devices/virtual/workqueue/cpumask", "/sys/devices/system/cpu/cpu*/online",
    "/sys/devices/system/cpu/cpu*/cpufreq/*", "/sys/devices/system/cpu/cpufreq/boost",
    "/sys/devices/system/cpu/cpu*/power/pm_qos_resume_latency_us", "/sys/devices/system/cpu/intel_pstate/no_turbo",
    "/sys/kernel/mm/transparent_hugepage/*", "/sys/kernel/tracing/*_events", "/sys/kernel/tracing/tracing_on",
    "/sys/kernel/tracing/current_tracer", "/sys/module/rcupdate/parameters/*",
)
# these change by themselves
VOLATILE = re.compile(r"random/|ns_last_pid|pty/nr|scaling_cur_freq|cpuinfo_cur_freq|drop_caches|compact_memory|stat_refresh")


def subreaper():
    """Whatever loses its parent below this process becomes its child: what is left has nowhere to hide."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def text(path):
    try:
        with open(path, errors="replace") as f:
            return f.read().strip()
    except OSError:
        return None


def parents():
    """pid -> (ppid, name) of all processes but zombies."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        stat = text(f"/proc/{pid}/stat")
        if stat:
            name, rest = stat[stat.index("(") + 1:stat.rindex(")")], stat[stat.rindex(")") + 2:].split()
            if rest[0] not in "ZX":
                found[int(pid)] = (int(rest[1]), name)
    return found


def descendants(of=None):
    """pid -> name of what lives below a process (default: this one)."""
    table, below, more = parents(), {}, {of or os.getpid()}
    while more:
        more = {pid for pid, (ppid, _) in table.items() if ppid in more and pid not in below}
        below.update({pid: table[pid][1] for pid in more})
    return below


def reap():
    """Zombies that were orphaned to this process; those that a Popen waits for have been waited for."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def strangers():
    """Do others use this program, or the tests of one, at this moment?"""
    mine = descendants()
    for pid in parents():
        try:
            exe = os.readlink(f"/proc/{pid}/exe")
        except OSError:
            continue
        if pid not in mine and re.search(r"/bpftoll( \(deleted\))?$|/tests/(unit|bench)/|/(bpftrace|perf)$", exe):
            return True
    return False


def bpf(kind):
    done = subprocess.run(["bpftool", kind, "-j"], capture_output=True, text=True)
    try:
        return {row["id"] for row in json.loads(done.stdout)}
    except (ValueError, TypeError, KeyError):
        return set()


def held(mine):
    """Ids of BPF objects that processes of others have open, or that theirs hold: (kind, id)."""
    found, kinds = set(), {"bpf-prog": "prog", "bpf-map": "map", "bpf_link": "link"}
    for path in glob.glob("/proc/[0-9]*/fd/*"):
        pid, fd = path.split("/")[2::2]
        if int(pid) in mine:
            continue
        try:
            kind = kinds.get(os.readlink(path).rpartition(":")[2].strip("[]"))
        except OSError:
            continue
        info = kind and text(f"/proc/{pid}/fdinfo/{fd}") or ""
        found.update((name, int(i)) for name, i in re.findall(r"^(prog|map|link)_id:\s+(\d+)", info, re.M))
    programs = subprocess.run(["bpftool", "prog", "-j"], capture_output=True, text=True).stdout
    try:
        found.update(("map", i) for row in json.loads(programs) if ("prog", row["id"]) in found for i in row.get("map_ids", []))
    except (ValueError, TypeError, KeyError):
        pass
    return found


def tree(top, depth=6, contents=False):
    found, base = set(), top.rstrip("/").count("/")
    for folder, inner, names in os.walk(top):
        if folder.count("/") - base >= depth:
            inner.clear()
        found.update(os.path.join(folder, n) for n in inner + names)
    return found


def settings():
    found = set()
    for pattern in SETTINGS:
        for path in glob.iglob(pattern, recursive=True):
            if not VOLATILE.search(path) and os.path.isfile(path):
                found.add(f"{path} = {text(path)}")
    return found


def judged(lines):
    """Those that nobody else can have made."""
    return [line for line in lines if line.split(":")[0] in OWN]


class Machine:
    """folders: of the campaign, where nothing may be left."""

    def __init__(self, tmp, locks, settle_s):
        self.tmp, self.locks, self.settle_s, self.noise = tmp, locks, settle_s, set()
        first = settings()
        time.sleep(0.5)
        self.noise = {line.split(" = ")[0] for line in first ^ settings()}

    def look(self):
        """kind -> facts."""
        reap()
        mounts = [line.split() for line in (text("/proc/self/mountinfo") or "").splitlines()]
        facts = {
            "process": {f"{pid} ({name})" for pid, name in descendants().items() if name != "bpftool"},
            "mount": {f"{m[4]} {m[m.index('-') + 1]}" for m in mounts},
            "shm": tree("/dev/shm"),
            "sysv": {f"{kind} {line.split()[1]}" for kind in ("shm", "sem", "msg")
                     for line in (text(f"/proc/sysvipc/{kind}") or "").splitlines()[1:]},
            "lock": {p for p in tree("/run/bpftoll") | tree(self.locks) if not p.endswith(".lock")},
            "tmp": tree(self.tmp, 2),
            "run": {p for p in tree("/run", 3) if not p.startswith("/run/bpftoll")},
            "public tmp": {p for where in ("/tmp", "/var/tmp") for p in glob.glob(where + "/*")
                           if re.search(r"bpftoll|PGSQL|postgres", p)},
            "cache": tree(os.path.expanduser("~/.cache/bpftoll/kernels"), 2),
            "cgroup": {p for p in tree("/sys/fs/cgroup", 4) if os.path.isdir(p) and "bpftoll" in p},
            "pinned": tree("/sys/fs/bpf"),
            "setting": {s for s in settings() if s.split(" = ")[0] not in self.noise},
        }
        for kind in ("prog", "map", "link"):
            facts["bpf " + kind] = {str(i) for i in bpf(kind)}
        return facts

    def changes(self, before):
        """What is other than it was, once it has had time to settle: (lines, what cannot be told)."""
        end, lines = time.monotonic() + self.settle_s, None
        while True:
            now = self.look()
            found = {f"{kind}: {sign} {fact}" for kind in now
                     for sign, facts in (("+", now[kind] - before[kind]), ("-", before[kind] - now[kind]))
                     for fact in facts if sign == "+" or kind in ("setting", "cgroup")}  # what others made goes
            if any(line.startswith("bpf ") for line in found):
                found -= {f"bpf {kind}: + {i}" for kind, i in held(descendants() | {os.getpid(): ""})}
            # what is left is there each time; others come and go
            lines = found if lines is None else {line for line in found if line in lines or line.startswith("process")}
            if not lines or time.monotonic() > (end if judged(lines) or not strangers() else end - 0.8 * self.settle_s):
                break
            time.sleep(0.05)
        own = judged(lines)
        shared = [line for line in lines if line not in own]
        if shared and strangers():
            return own, shared
        return own + shared, []

    def clear(self, before):
        """After a failure: so that it is not the next trial's too."""
        for pid in descendants():
            try:
                os.kill(pid, 9)
            except OSError:
                pass
        for mount in reversed([line.split()[4] for line in (text("/proc/self/mountinfo") or "").splitlines()]):
            if mount.startswith(self.tmp + "/"):
                subprocess.run(["umount", mount], check=False)
        for path in sorted(tree(self.tmp, 2) - before["tmp"] | tree("/dev/shm") - before["shm"], reverse=True):
            try:
                (os.rmdir if os.path.isdir(path) and not os.path.islink(path) else os.unlink)(path)
            except OSError:
                pass
