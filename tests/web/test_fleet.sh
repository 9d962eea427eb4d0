#!/usr/bin/env bash
# The page of a fleet in headless Chromium, of made-up machines.
# parallel: reads records only
. "$(dirname "$0")/../e2e/tap.sh"
cd "$(dirname "$0")/../.." || exit 1

lacks=
command -v node >/dev/null || lacks="node is not installed"
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || lacks=${lacks:-chromium is not installed}
[ -e build/web/page.js ] && [ -e build/web/node_modules/playwright-core ] || lacks=${lacks:-the bundle was not built (make web)}
if [ -n "$lacks" ]; then skip "the page of a fleet" "$lacks"; done_testing; exit 0; fi

python3 - tests/records/quick/record.json "$dir/fleet" <<'PY'
import json, os, sys
for cpu, times in ("Cheap CPU", 1), ("Dear CPU", 9):
    for node in range(2):
        r = json.load(open(sys.argv[1]))
        r["host"].update(cpu=cpu, node=f"{cpu} {node}", boot=f"{cpu} {node}")
        for cell in r["cells"]:
            for bound in "p99_bound", "p99_least":
                for end, value in (cell.get(bound) or {}).items():
                    if value is not None:
                        cell[bound][end] = value * times * (1 + node / 100)
        folder = f"{sys.argv[2]}/{cpu}/{node}"
        os.makedirs(folder)
        json.dump(r, open(folder + "/record.json", "w"))
os.makedirs(sys.argv[2] + "/damaged")
open(sys.argv[2] + "/damaged/record.json", "w").write("{")
PY
"$bpftoll" verdict --fleet "$dir/fleet" --variant 'tracepoint_*' -o "$dir/page" >"$dir/out" 2>&1
if grep -q 'built without the page' "$dir/out"; then
	skip "the page of a fleet" "this binary was built before the bundle (make web; make)"; done_testing; exit 0
fi
[ -e "$dir/page/fleet.html" ] || { not_ok "the page is made" "$(cat "$dir/out")"; done_testing; exit 1; }
node tests/web/test_fleet.mjs "$dir/page/fleet.html"
