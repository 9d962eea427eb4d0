"""Reads a record of bpftoll (numpy, pandas): run = bpftoll.read("DIR"); run.results, run.points, run.readings(id).

Tables have the names that bpftoll shows: wakeup (per-event, none, ...) for the file's drain, syscall for trigger, program for
body. Members of a member have a dot: overhead.p99.value, .low and .high are an estimate with its 95 % interval. What a record
does not know is NaN; a record without such rows gives an empty table with the columns that every row has.
bpftoll-record(5) and record.schema.json say what each member means.
"""
import gzip
import json
import pathlib

import numpy as np
import pandas as pd

SHOWN = {"trigger": "syscall", "drain": "wakeup", "body": "program", "program": "program_info", "carrier": "host_program",
         "arm": "config", "lag_p50": "start_delay_p50", "lag_p99": "start_delay_p99", "lag_max": "start_delay_max",
         "lo": "low", "hi": "high"}
WAKEUPS = {"caught_up": "per-event", "idle": "none", "none": "buffer-full", "busy": "busy-poll", "sampled": "every-64"}
LEFT_OUT = (0xFFFFFFFF, 0xFFFFFFFD)  # the call changed CPU; its reader was still awake after 2 ms
COST = [f"overhead.{figure}.{end}" for figure in ("typical", "mean", "p50", "p90", "p99", "p999") for end in ("value", "low", "high")]
CONFIGURATION = ["id", "variant", "hook", "program", "syscall", "wakeup", "status", "reason"]
ENDS = ("value", "low", "high")
COLUMNS = {
    "cells": CONFIGURATION + ["cache", "unit", "n", "rounds", "samples"] + COST,
    "event_points": CONFIGURATION + ["scenario", "policy", "rate_target", "rate_achieved", "saturated", "produced", "received",
                                     "age_p50", "age_p99", "age_max"]
    + [f"{figure}.{end}" for figure in ("overhead", "producer_cpu", "consumer_cpu", "call_p99", "exposure_loss") for end in ENDS],
    "knees": ["curve", "quantity", "found", "p", "highest", "rate.value", "rate.low", "rate.high"],
    "slopes": ["id", "host_program", "helper", "size", "wakeup", "cache", "status", "unit", "nonlinear"]
    + [f"{figure}.{end}" for figure in ("slope", "first") for end in ENDS],
    "app_results": ["id", "app", "variant", "monitored", "quantity", "measure", "status", "reason"]
    + [f"{figure}.{end}" for figure in ("change", "predicted") for end in ENDS],
    "crosschecks": ["id", "variant", "syscall", "tool", "quantity", "status", "reason"]
    + [f"{figure}.{end}" for figure in ("says", "bpftoll") for end in ENDS],
    "conditions": ["syscall", "cache", "round", "seconds", "steal", "interrupts", "switches", "frequency", "contended"],
}


def wakeup_name(value):
    """A wakeup policy as bpftoll shows it: caught_up is per-event, sampled_16 is every-16."""
    if value in WAKEUPS:
        return WAKEUPS[value]
    if value.startswith(("sampled_", "polled_", "watermark_")):
        return value.replace("sampled_", "every-").replace("_", "-")
    return value


def shown(row):
    """A row of the file with the names that are shown."""
    if isinstance(row, list):
        return [shown(each) for each in row]
    if not isinstance(row, dict):
        return row
    return {SHOWN.get(key, key): wakeup_name(value) if key == "drain" else shown(value) for key, value in row.items()}


class Record:
    """One record. results, points, breakpoints, prices, apps, crosschecks and conditions are tables."""

    def __init__(self, path):
        path = pathlib.Path(path)
        self.folder = path if path.is_dir() else path.parent
        self.data = json.loads((self.folder / "record.json").read_text(encoding="utf-8"))
        if self.data.get("schema") != "bpftoll/1":
            raise ValueError(f"{path}: not a record of schema bpftoll/1")
        self.host, self.warnings = self.data["host"], self.data["degraded"]
        self.results, self.points, self.breakpoints = map(self.table, ("cells", "event_points", "knees"))
        self.prices, self.apps = self.table("slopes"), self.table("app_results")
        self.crosschecks, self.conditions = self.table("crosschecks"), self.table("conditions")

    def table(self, kind):
        """All rows of one kind, by its name in the file."""
        frame = pd.json_normalize(shown(self.data.get(kind, [])))
        missing = [column for column in COLUMNS[kind] if column not in frame]
        frame = frame.join(pd.DataFrame(index=frame.index, columns=missing, dtype=float)) if missing else frame
        for column in frame:  # a column of nulls is one of numbers that are not known
            if frame[column].isna().all() or column.endswith(tuple("." + end for end in ENDS)):
                frame[column] = pd.to_numeric(frame[column], errors="coerce")
        return frame

    @property
    def measured(self):
        """The results that have a cost: measured, with a program."""
        return self.results[(self.results.status == "measured") & (self.results.hook != "none")]

    @property
    def curves(self):
        """Measured points with a probe, by (scenario, variant, wakeup, policy): pairs of a label and a table, by rate."""
        points = self.points[(self.points.status == "measured") & (self.points.variant != "none")]
        for (scenario, variant, wakeup, policy), rows in points.groupby(["scenario", "variant", "wakeup", "policy"], sort=False):
            label = ", ".join(part for part in (variant, wakeup, policy) if part != "-")
            yield scenario, label, rows.sort_values("rate_achieved")

    def readings(self, id, baseline=False):
        """All calls of a result (or of its baseline) in ns, the timer overhead included, rounds by calls; None: not kept.

        NaN where a call is left out: it changed CPU, or its reader was still awake."""
        row = next(cell for cell in self.data["cells"] if cell["id"] == id)
        name = row["samples"]
        if baseline and name:
            name = row.get("baseline_samples") or (f"before-{name}" if row.get("baseline_id") else None)
        path = self.folder / "samples" / name if name else None
        if not path or not path.exists():
            return None
        ticks = np.frombuffer(gzip.decompress(path.read_bytes()), dtype="<u4").astype(float)
        ticks[np.isin(ticks, LEFT_OUT)] = np.nan
        calls = row["calls_per_round"]
        whole = ticks.reshape(-1, calls) if calls and len(ticks) % calls == 0 else ticks.reshape(1, -1)
        return whole * 1e9 / self.host["tsc_hz"]

    @property
    def kept(self):
        """Ids of the measured results with a cost whose readings and baseline are there."""
        return [id for id in self.measured.id[self.measured.samples.notna()]
                if self.readings(id) is not None and self.readings(id, baseline=True) is not None]

    def label(self, id):
        """A result as tables name it: "tracepoint_ringbuf, per-event"."""
        row = self.results[self.results.id == id].iloc[0]
        return ", ".join(part for part in (row.variant, row.wakeup) if part != "-")

    def __str__(self):
        return (f"{self.data['created']}: suite {self.data['suite']}, Linux {self.host['kernel']} on {self.host['cpu']}"
                + "".join(f"\nwarning: {warning}" for warning in self.warnings))


def read(path):
    """The record in a run's folder, or the record.json itself."""
    return Record(path)


def whiskers(frame, figure):
    """Distances from the estimate to the ends of its interval, as matplotlib's errorbar takes them; 0 where there is none."""
    value, low, high = (frame[f"{figure}.{end}"].astype(float) for end in ENDS)
    return np.nan_to_num([value - low, high - value]).clip(min=0)
