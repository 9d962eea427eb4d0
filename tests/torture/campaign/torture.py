#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# torture.py BPFTOLL [--minutes N] [--seed N] [--short] [--guests] [--kernels FOLDER] [--settle SECONDS] [--kind NAME]... [--only WORD] [--trial SEED] [--log FILE]
# The campaign: trials of all kinds until the time is over, then a table. As root. Exit 1 when anything
# was left behind, lost, silently changed, or crashed.
import sys

sys.dont_write_bytecode = True  # the tree stays as it is
import argparse
import ctypes
import json
import os
import random
import shutil
import subprocess
import tempfile
import time

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "/kernels")

import boot
import commands
import guest
import kinds
import machine
from trial import Trial

COLUMNS = ("left", "lost", "silent", "crashed")
CLONE_NEWNS, CLONE_NEWIPC = 0x20000, 0x8000000


def private():
    """Mounts, System V memory, /dev/shm and /run/bpftoll of the campaign's own."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS | CLONE_NEWIPC):
        sys.exit(f"torture: namespaces: {os.strerror(ctypes.get_errno())}")
    os.makedirs("/run/bpftoll", mode=0o755, exist_ok=True)
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "none", "/dev/shm"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "none", "/run/bpftoll"], check=True)


class Campaign:
    def __init__(self, a, work):
        self.bpftoll, self.short, self.only, self.work = os.path.realpath(a.bpftoll), a.short, a.only, work
        self.kernels = a.kernels
        self.root = os.path.realpath(os.path.dirname(os.path.abspath(__file__)) + "/../../..")
        self.usual, self.seconds, self.verbose, self.log, self.allocations = {}, {}, a.verbose, a.log, None
        os.makedirs(work + "/tmp")
        os.chmod(work, 0o755)
        os.chmod(work + "/tmp", 0o1777)
        self.machine = machine.Machine(work + "/tmp", work + "/locks", a.settle)
        self.rows = {}

    def trial(self, kind, seed):
        row = self.rows.setdefault(kind, {"tried": 0, "kept": 0, "unsure": 0, **{c: 0 for c in COLUMNS}})
        begin, before = time.monotonic(), self.machine.look()
        t = Trial(kind, seed, self)
        kinds.KINDS[kind][0](t)
        shutil.rmtree(t.folder, ignore_errors=True)
        ran = time.monotonic() - begin
        left, unsure = self.machine.changes(before)
        t.faults["left"] += left
        if self.verbose:
            for line in unsure:
                print(f"  not judged: {line}")
            print(f"{kind}: {t.what}: {ran:.1f} s, settled in {time.monotonic() - begin - ran:.1f} s", flush=True)
        row["tried"] += 1
        row["kept"] += t.kept
        row["unsure"] += bool(unsure)
        bad = {c: lines for c, lines in t.faults.items() if lines}
        if self.log:
            with open(self.log, "a") as f:
                json.dump({"kind": kind, "trial": seed, "what": t.what, "kept": t.kept, "seconds": round(ran, 1), "settled": round(time.monotonic() - begin - ran, 1), "unsure": unsure, "faults": bad}, f)
                f.write("\n")
        for column in bad:
            row[column] += 1
        if bad:
            print(f"{kind}: {t.what}")
            for column, lines in bad.items():
                for line in lines[:12]:
                    print(f"  {column}: {line.strip()}")
            print(f"  again: python3 tests/torture/campaign/torture.py {os.path.relpath(self.bpftoll, self.root)}"
                  f" --kind '{kind}' --trial {seed}{' --short' * self.short}" + (f" --only '{self.only}'" if self.only else ""), flush=True)
            self.machine.clear(before)
        return not bad

    def guests(self, until):
        """Boots one guest after another, as many as can begin in the time."""
        if not commands.kernel():
            print("no guests: no kernel's image in the cache (bpftoll lab --kernel 6.1 fetches one), or no QEMU")
            return

        began = time.monotonic()

        def row(kind):
            return self.rows.setdefault(kind, {"tried": 0, "kept": 0, "unsure": 0, **{c: 0 for c in COLUMNS}})

        def tried(kind):
            row(kind)["tried"] += 1

        def fault(kind, column, what):
            row(kind)[column] += 1
            print(f"{kind}: guest: {column}: {what}", flush=True)

        for scenarios, append in guest.BOOTS:
            if time.monotonic() > until:
                print(f"no time for guests with {scenarios} {append}")
                continue
            guest.boot(self, scenarios, append, tried, fault)
        self.lacking(time.monotonic() + (until - began) / 2, tried, fault)

    def lacking(self, until, tried, fault):
        """Boots small kernels that lack an option each, by bpftoll lab."""
        def tell(kind, done, wrong):
            tried(kind)
            for what in wrong:
                fault(kind, "crashed" if what.startswith("exit") else "silent", what)

        if not boot.boot_all(self.bpftoll, self.kernels, (), self.work + "/kernel", tell, lambda: time.monotonic() > until):
            print(f"no kernels that lack something in {self.kernels} (make kernels)")

    def table(self):
        head = ("kind", "tried", "left behind", "lost rounds", "silent", "crashed", "not judged", "rounds and rows kept")
        rows = [(kind, r["tried"], *(r[c] for c in COLUMNS), r["unsure"], r["kept"]) for kind, r in self.rows.items()]
        rows.append(("all", *(sum(r[i] for r in rows) for i in range(1, len(head)))))
        width = [max(len(str(r[i])) for r in [head, *rows]) for i in range(len(head))]
        for row in [head, *rows]:
            print("  ".join(str(c).ljust(w) if i == 0 else str(c).rjust(w) for i, (c, w) in enumerate(zip(row, width))))
        tried = {k: sum(r["tried"] for kind, r in self.rows.items() if (kind in kinds.KILLS) == k) for k in (True, False)}
        print(f"{tried[True]} kills and {tried[False]} faults: {rows[-1][2]} left something behind, {rows[-1][3]} lost rounds, "
              f"{rows[-1][4]} silent changes, {rows[-1][5]} crashes")
        return rows[-1][2:6] == (0, 0, 0, 0)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("bpftoll")
    p.add_argument("--minutes", type=float, default=10)
    p.add_argument("--seed", type=int, default=None)
    p.add_argument("--short", action="store_true", help="only commands that take seconds")
    p.add_argument("--guests", action="store_true", help="first, for a third of the time, guests under QEMU, and for half as long kernels that lack something")
    p.add_argument("--kernels", default="build/kernels", help="a folder of tests/torture/kernels/build.sh")
    p.add_argument("--kind", choices=list(kinds.KINDS), action="append", help="this kind alone; may be repeated")
    p.add_argument("--only", default="", help="commands with this word")
    p.add_argument("--settle", type=float, default=10, help="seconds in which all must be as it was")
    p.add_argument("--trial", help="this trial alone, as a failure has printed it")
    p.add_argument("--log", help="a file to which each trial adds a line of JSON")
    p.add_argument("--verbose", action="store_true", help="a line for each trial")
    a = p.parse_args()
    if os.geteuid():
        sys.exit("torture: as root")
    private()
    machine.subreaper()
    seed = a.seed if a.seed is not None else random.randrange(1 << 31)
    work = tempfile.mkdtemp(prefix="torture-")
    fine = True
    try:
        c = Campaign(a, work)
        names = a.kind or list(kinds.KINDS)
        if a.trial:
            fine = c.trial(names[0], a.trial)
        else:
            print(f"seed {seed}, {a.minutes:g} min", flush=True)
            order, end, i = random.Random(seed), time.monotonic() + 60 * a.minutes, 0
            if a.guests:
                c.guests(time.monotonic() + 20 * a.minutes)
            while time.monotonic() < end:
                # each kind once, then by its share
                kind = names[i] if i < len(names) else order.choices(names, [kinds.KINDS[n][1] for n in names])[0]
                c.trial(kind, f"{seed}:{i}")
                i += 1
        fine = c.table() and fine
    finally:
        shutil.rmtree(work, ignore_errors=True)
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
