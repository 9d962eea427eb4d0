#!/usr/bin/env python3
# Runs the code cells of notebooks on records, one after another in one process: notebooks.py NOTEBOOK... -- RECORD...
# Prints a line of TAP for each pair; what a cell raises is the failure.
import contextlib
import io
import json
import os
import sys
import traceback

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

split = sys.argv.index("--")
notebooks, records = sys.argv[1:split], sys.argv[split + 1:]
here = os.getcwd()
sys.path.insert(0, os.path.join(here, "reports"))
for notebook in notebooks:
    with open(notebook, encoding="utf-8") as file:
        cells = [cell for cell in json.load(file)["cells"] if cell["cell_type"] == "code"]
    for record in records:
        os.environ["RUN"] = os.path.join(here, record)
        name, fault, names = f"{os.path.basename(notebook)} on {record}", None, {}
        try:
            for number, cell in enumerate(cells):
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile("".join(cell["source"]), f"{notebook}, cell {number}", "exec"), names)
        except Exception:  # whatever a cell raises
            fault = traceback.format_exc()
        plt.close("all")
        print(("not ok" if fault else "ok") + f" - {name}")
        if fault:
            print("".join(f"# {line}\n" for line in fault.splitlines()), end="")
