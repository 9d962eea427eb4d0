#!/usr/bin/env python3
# How the tree is laid out: tests/layout.py [ROOT] prints each fault as "PLACE: what", and nothing when
# all is well. Folders may hold only so many files and include only what MAY allows; no two headers have
# one name or guard, no files include each other in a circle; files, functions and lines have a longest.
import os
import re
import sys

PRODUCT = ("kit", "bpf", "cpuset", "calib", "reports")
# Whom a folder may include besides itself and what it holds. Rules of subfolders add to those of their folder's.
MAY = {
    "kit": {"bpf", "cpuset", "calib", "reports"},
    "bpf": set(),
    "cpuset": set(),
    "calib": set(),
    "reports": set(),
}
PURE = {"calib/buckets.h", "calib/clock.h", "calib/error.h", "calib/path.h"}  # all may include these: they hold no state and call nothing
IDS = {"id", "curve", "row->detail"}  # their slashes separate names
FILES, LINES, FUNCTION, COLUMNS = 25, 500, 60, 100

root = sys.argv[1] if len(sys.argv) > 1 else "."
faults = []


def fault(place, what):
    faults.append(f"{place}: {what}")


def sources():
    """Path within root -> lines, of all C of the product and the tests."""
    found = {}
    for top in PRODUCT + ("tests",):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in names:
                if name.endswith((".c", ".h", ".def")):
                    path = os.path.join(folder, name)
                    with open(path, encoding="utf-8") as text:
                        found[os.path.relpath(path, root)] = text.read().split("\n")[:-1]
    return found


def check_sizes(files):
    for path, lines in files.items():
        if len(lines) > LINES:
            fault(path, f"{len(lines)} lines, at most {LINES}")
        begin = None
        for n, line in enumerate(lines, 1):
            if len(line.expandtabs(8)) > COLUMNS:
                fault(f"{path}:{n}", f"beyond {COLUMNS} columns")
            if line == "{":
                begin = n
            elif line == "}" and begin:
                if n - begin - 1 > FUNCTION:
                    fault(f"{path}:{begin}", f"a function of {n - begin - 1} lines, at most {FUNCTION}")
                begin = None
    for top in PRODUCT + ("tests",):
        for folder, inner, names in os.walk(os.path.join(root, top)):
            place = os.path.relpath(folder, root)
            if place == "reports/runs":  # what users measured
                inner.clear()
            elif len(names) > FILES:
                fault(place, f"{len(names)} files, at most {FILES}")


def includes(lines):
    return [m[1] for m in (re.match(r'#include "([^"]+)"', line) for line in lines) if m]


def check_folders(files):
    for path, lines in files.items():
        inside = [f for f in MAY if path.startswith(f + "/")]
        for to in includes(lines):
            for folder in inside:
                allowed = to.startswith(folder + "/") or to in PURE or any(
                    to.startswith(may + "/") for may in MAY[folder])
                # what is no folder of ours was generated or is the system's
                if not allowed and to.split("/")[0] in PRODUCT:
                    fault(path, f"{folder} may not include {to}")


def check_headers(files):
    names, guards = {}, {}
    for path, lines in sorted(files.items()):
        if not path.endswith(".h"):
            continue
        guard = next((m[1] for m in (re.match(r"#ifndef (\w+_H_?)$", line) for line in lines) if m), None)
        for what, key, seen in (("name", os.path.basename(path), names), ("guard", guard, guards)):
            if key and key in seen:
                fault(path, f"the {what} of {seen[key]}")
            seen.setdefault(key, path)


def check_circles(files):
    """a.c, a.h and a_private.h are one unit; units may not include each other in a circle."""
    def unit_of(path):
        return os.path.splitext(path)[0].removesuffix("_private")

    after = {}
    for path, lines in files.items():
        unit = unit_of(path)
        wanted = {unit_of(to) for to in includes(lines) if to in files}
        after[unit] = after.get(unit, set()) | wanted - {unit}
    reached = {}
    for unit in after:
        found, ahead = set(), [unit]
        while ahead:
            new = after[ahead.pop()] - found
            found |= new
            ahead.extend(new)
        reached[unit] = found
    circles = {tuple(sorted(v for v in reached[u] if u in reached[v])) for u in after if u in reached[u]}
    for circle in circles:
        fault(circle[0], "a circle of includes: " + " ".join(circle))


def check_paths(files):
    """A path that is cut names another file: path_put (calib/path.h) writes it whole or not at all."""
    for path, lines in files.items():
        if not path.startswith(("kit/", "reports/")):
            continue
        text = "\n".join(lines)
        for call in re.finditer(r'(?<!v)snprintf\(([^,]+),[^";]*"([^"]*)', text):
            if re.match(r"%s/|/.*%", call[2]) and call[1] not in IDS:
                fault(f"{path}:{text.count(chr(10), 0, call.start()) + 1}", "a path by snprintf: path_put")


found = sources()
product = {path: lines for path, lines in found.items() if path.split("/")[0] in PRODUCT}
check_sizes(found)
check_folders(product)
check_headers(found)
check_circles(product)
check_paths(product)
for line in sorted(faults):
    print(line)
sys.exit(bool(faults))
