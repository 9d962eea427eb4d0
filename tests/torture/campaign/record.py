# SPDX-License-Identifier: GPL-3.0-or-later
# What a record holds, read without bpftoll's own reader.
import json
import os
import struct

MAGIC = 0x31676c72  # kit/probes/checkpoint/round_entry.h


def logged(folder):
    """Complete rounds in the round log: its entries but the head."""
    try:
        with open(folder + "/checkpoint", "rb") as f:
            data = f.read()
    except OSError:
        return 0
    at, n = 0, -1
    while at + 24 <= len(data):
        magic, _, packed, _ = struct.unpack_from("<IIQQ", data, at)
        if magic != MAGIC or at + 24 + packed > len(data):
            break
        at, n = at + 24 + packed, n + 1
    return max(n, 0)


def load(folder):
    try:
        with open(folder + "/record.json") as f:
            return json.load(f)
    except (OSError, ValueError):
        return None


def kept(record):
    """How many rows of each list are finished: what a later record of the run may not have fewer of."""
    if not record:
        return {}
    return {name: len(rows) for name, rows in record.items() if isinstance(rows, list) and name not in ("argv", "degraded", "cells")}


def rounds(record):
    return len(record.get("conditions", [])) if record else 0


def fewer(before, after):
    """Rows that were there and are not any more."""
    now = kept(after)
    return sum(max(0, n - now.get(name, 0)) for name, n in kept(before).items())


def strange(folder):
    """Files that belong to no record."""
    out = []
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.relpath(os.path.join(top, name), folder)
            if not (path in ("record.json", "object.bpf.o") or path.startswith("samples/") and path.endswith(".gz")):
                out.append(path)
    return out
