#!/usr/bin/env python3
# tests/layout.py finds each fault that is planted in a small tree, also in a folder's folder.
import os
import subprocess
import sys
import tempfile

LAYOUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "layout.py")
GOOD = {"reports/show/table.c": '#include "reports/show/table.h"\n#include "calib/error.h"\n',
        "reports/show/table.h": "#ifndef A_H\n", "calib/error.h": "#ifndef B_H\n"}
# what is planted (path -> text), and what must be said of it
PLANTED = (
    ({"reports/show/deep/a.c": '#include "kit/probes/plan.h"\n'}, "reports may not include kit/probes/plan.h"),
    ({"bpf/load/a.c": '#include "calib/tsc.h"\n'}, "bpf may not include calib/tsc.h"),
    ({f"kit/cmd/f{i}.c": "" for i in range(26)}, "kit/cmd: 26 files"),
    ({"kit/cmd/table.h": "#ifndef C_H\n"}, "the name of kit/cmd/table.h"),
    ({"kit/cmd/other.h": "#ifndef A_H\n"}, "the guard of kit/cmd/other.h"),
    ({"kit/a.c": '#include "kit/b.h"\n', "kit/a.h": "", "kit/b.h": "", "kit/b.c": '#include "kit/a.h"\n'},
     "a circle of includes: kit/a kit/b"),
    ({"kit/long.c": "\n" * 501}, "kit/long.c: 501 lines"),
    ({"kit/cmd/f.c": "void f(void)\n{\n" + "\tx();\n" * 61 + "}\n"}, "kit/cmd/f.c:2: a function of 61 lines"),
    ({"tests/unit/wide.c": "\t" * 12 + "wide();\n"}, "tests/unit/wide.c:1: beyond 100 columns"),
    ({"kit/cmd/p.c": '\tsnprintf(path, sizeof(path),\n\t\t "%s/x", dir);\n'}, "kit/cmd/p.c:1: a path by snprintf"),
)


def said(planted):
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**GOOD, **planted}.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        return subprocess.run([sys.executable, LAYOUT, root], capture_output=True, text=True, check=False).stdout


wrong = [] if said({}) == "" else ["a good tree has faults: " + said({})]
for planted, expected in PLANTED:
    if expected not in said(planted) or len(said(planted).splitlines()) != 1:
        wrong.append(f"planted: {expected}; said: {said(planted)}")
print("\n".join(wrong), end="")
sys.exit(bool(wrong))
