# SPDX-License-Identifier: GPL-3.0-or-later
# One trial: a command that is started, something that happens to it, and what must hold then.
import os
import random
import resource
import shutil
import signal
import subprocess
import time

import commands
import record

PATIENCE_S = 240  # a command that takes longer hangs: other work shares the CPUs


class Trial:
    """faults: column -> lines. kept: rounds or rows that survived."""

    def __init__(self, kind, seed, campaign):
        self.kind, self.seed, self.campaign = kind, seed, campaign
        self.random = random.Random(f"{seed}")
        self.faults = {"left": [], "lost": [], "silent": [], "crashed": []}
        self.kept, self.what = 0, ""
        self.folder = f"{campaign.work}/trial"
        self.tmp = campaign.machine.tmp
        shutil.rmtree(self.folder, ignore_errors=True)
        os.mkdir(self.folder)

    def fault(self, column, line):
        self.faults[column].append(line)

    def words(self, command, out=None):
        return [self.campaign.bpftoll] + [(out or self.folder + "/out") if w == "OUT" else w for w in command.words]

    def environment(self, **more):
        env = {k: os.environ[k] for k in ("PATH", "HOME", "SUDO_UID", "ASAN_OPTIONS") if k in os.environ}
        return {**env, "LANG": "C.UTF-8", "TMPDIR": self.tmp, "BPFTOLL_LOCKS": self.campaign.machine.locks, **more}

    def start(self, words, name="it", stdout=None, limits=(), **more):
        def prepare():
            for limit, value in limits:
                resource.setrlimit(limit, (value, value))
            # a script's background job would ignore it
            signal.signal(signal.SIGINT, signal.SIG_DFL)

        with open(f"{self.folder}/{name}.out", "wb") as out, open(f"{self.folder}/{name}.err", "wb") as err:
            return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=stdout or out, stderr=err, cwd=self.folder,
                                    env=self.environment(**more), start_new_session=True, preexec_fn=prepare)

    def said(self, name="it", stream="err"):
        try:
            with open(f"{self.folder}/{name}.{stream}", "rb") as f:
                return f.read().replace(f"{self.folder}/{'usual' if name == 'usual' else 'out'}".encode(), b"OUT")
        except OSError:
            return b""

    def end(self, process, patience=PATIENCE_S):
        """Its exit code; a hang is a fault, and ended."""
        try:
            return process.wait(patience)
        except subprocess.TimeoutExpired:
            self.fault("crashed", f"hangs: not ended after {patience} s")
            process.kill()
            return process.wait()

    def run(self, words, name="it", **more):
        return self.end(self.start(words, name, **more))

    def crash(self, code, name="it", expected=()):
        """A signal that nobody sent, or a sanitizer's word."""
        text = self.said(name)
        if code is not None and (code < 0 and -code not in expected or code > 130 and code - 128 not in expected) or \
                b"Sanitizer" in text or b"runtime error:" in text:
            self.fault("crashed", f"exit {code}: {text[-300:].decode(errors='replace')}")

    def usual(self, command):
        """Exit code and output when nothing happens to it; once for all trials."""
        store = self.campaign.usual
        if command.name not in store:
            out = self.folder + "/usual"
            begin = time.monotonic()
            code = self.run(self.words(command, out), "usual")
            self.campaign.seconds[command.name] = time.monotonic() - begin
            store[command.name] = code, self.said("usual", "out"), self.said("usual", "err"), self.files(out)
            shutil.rmtree(out, ignore_errors=True)
        return store[command.name]

    def usual_seconds(self, command):
        self.usual(command)
        return self.campaign.seconds[command.name]

    def restore(self):
        code = self.run([self.campaign.bpftoll, "restore"], "restore")
        self.crash(code, "restore")
        if code:
            self.fault("left", f"restore: exit {code}: {self.said('restore').decode(errors='replace')}")

    @staticmethod
    def files(folder):
        found = {}
        for top, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(top, name)
                with open(path, "rb") as f:
                    found[os.path.relpath(path, folder)] = f.read()
        return found

    # ---- what must hold when a command has ended ------------------------------------------------
    def holds(self, command, code, before=None, logged=0, stopped=False):
        """before, logged: the record and the rounds in the log that were seen while it ran."""
        if command.reads:
            self.holds_reading(command, code)
        elif command.record:
            self.holds_record(command, code, before, logged, stopped)

    def holds_reading(self, command, code):
        usual_code, out, err, files = self.usual(command)
        if code == usual_code and self.said(stream="out") != out and self.said() == err:
            self.fault("silent", f"another output with exit code {code}")
        elif code == 0 and usual_code == 0 and self.said() == err:
            missing = sorted(set(files) - set(self.files(self.folder + "/out")))
            if missing:
                self.fault("silent", f"exit 0 without {missing[:3]}")
        for path, text in self.files(self.folder + "/out").items():
            # dates and random identifiers are in PDF alone
            if path not in files:
                self.fault("left", f"OUT/{path}")
            elif text != files[path] and path.endswith((".md", ".csv", ".svg")) and self.said() == err:
                self.fault("silent", f"OUT/{path} is not what it should be")

    def holds_record(self, command, code, before, logged, stopped):
        out = self.folder + "/out"
        if not os.path.isdir(out):
            if logged or before:
                self.fault("lost", "the whole folder")
            elif code == 0:
                self.fault("silent", "exit 0 without a record")
            return
        kept, logged = record.load(out), max(logged, record.logged(out))
        if code == 0 and not kept:
            self.fault("silent", "exit 0 without a record")
        if code == 0 and kept and kept.get("partial") and not stopped:
            self.fault("silent", "exit 0 with a partial record")
        if os.path.exists(out + "/record.json") and not kept:
            self.fault("lost", "record.json cannot be read")
        if not logged and not kept and not before:
            return
        if os.path.exists(out + "/checkpoint") or kept and kept.get("partial"):
            made = self.run([self.campaign.bpftoll, "recover", out], "recover")
            self.crash(made, "recover")
            if made:
                self.fault("lost", f"{logged} rounds: recover: exit {made}: {self.said('recover').decode(errors='replace')[-200:]}")
                return
        after = record.load(out)
        lost = record.fewer(kept, after) + record.fewer(before, after)
        if command.rounds:
            lost = max(lost, logged - record.rounds(after))
        if lost > 0:
            self.fault("lost", f"{lost} of {max(logged, record.rounds(kept))}: {self.said('recover')[-200:].decode(errors='replace')}")
        self.kept += record.rounds(after) or sum(record.kept(after).values())
        shown = self.run([self.campaign.bpftoll, "report", out], "report")
        self.crash(shown, "report")
        if shown and after and record.rounds(after):
            self.fault("crashed", f"report: exit {shown}: {self.said('report')[-200:].decode(errors='replace')}")
        strange = record.strange(out)
        if strange:
            self.fault("left", f"OUT: {strange[:4]}")

    def pick(self, which):
        """A command; each gets about as much of the time."""
        root = self.campaign.root
        some = commands.measuring(root) if which == "measuring" else commands.reading(root)
        if self.campaign.short:
            some = [c for c in some if c.seconds <= 6]
        if self.campaign.only:
            some = [c for c in some if self.campaign.only in c.name] or some
        return self.random.choices(some, [1 / (1 + c.seconds) for c in some])[0]

    def until(self, process, seconds):
        """Lets it run so long, or to its end: has it ended?"""
        try:
            process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

