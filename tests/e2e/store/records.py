#!/usr/bin/env python3
# Records of machines that do not exist, after a real one: records.py FOLDER COUNT [CELLS]. Boot and machine differ, and with
# them the figures; what is written can be known beforehand (nothing is drawn at random).
import copy
import json
import os
import sys

folder, count = sys.argv[1], int(sys.argv[2])
cells = int(sys.argv[3]) if len(sys.argv) > 3 else 12
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "../../../reports/examples/run/record.json"), encoding="utf-8") as file:
    real = json.load(file)
measured = [c for c in real["cells"] if c["overhead"]["typical"]["value"] is not None]

# 500 cells: the real ones under the names of more syscalls
real["cells"] = []
for i in range(cells):
    cell = copy.deepcopy(measured[i % len(measured)])
    if i >= len(measured):
        cell["trigger"] += f"_{i // len(measured)}"
        cell["id"] = "/".join((cell["variant"], cell["trigger"], cell["drain"], cell["cache"]))
    real["cells"].append(cell)
for key in ("conditions", "slopes", "event_points", "knees", "app_results", "evictions", "crosschecks"):
    if key in real:
        real[key] = real[key][:2]
for cell in real["cells"]:
    cell["samples"] = cell["baseline_samples"] = None
typical = [c["overhead"]["typical"]["value"] for c in real["cells"]]

kernels = ("6.1.0-18-amd64", "6.1.0-32-amd64", "6.12.9-amd64", "6.18.2-amd64")
types = ("AMD EPYC 7763 64-Core Processor", "Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz", "AMD EPYC 9654 96-Core Processor")
for i in range(count):
    # two runs a boot, fifty machines, another kernel from boot to boot
    boot = i // 2
    machine = boot % 50
    real["created"] = f"2026-{1 + i // 28 % 12:02}-{1 + i % 28:02}T{i // 336 % 24:02}:{i // 8064 % 60:02}:00Z"
    real["host"].update(node=f"node{machine:02}", boot=f"00000000-0000-4000-8000-{boot:012x}", cpu=types[machine % 3],
                        kernel=kernels[(boot + boot // 50) % 4])
    real["seed"] = i
    for cell, value in zip(real["cells"], typical):
        effect = cell["overhead"]["typical"]
        shift = value + i % 7 + machine / 10 - effect["value"]
        for key in effect:
            effect[key] += shift
    path = os.path.join(folder, f"{i:05}")
    os.makedirs(path)
    with open(os.path.join(path, "record.json"), "w", encoding="utf-8") as file:
        json.dump(real, file, separators=(",", ":"))
