#!/usr/bin/env bash
# The report's interactive page in headless Chromium: of the example records, and of one whose strings are markup.
# parallel: reads records only
. "$(dirname "$0")/../e2e/tap.sh"
cd "$(dirname "$0")/../.." || exit 1

lacks=
command -v node >/dev/null || lacks="node is not installed"
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || lacks=${lacks:-chromium is not installed}
[ -e build/web/page.js ] && [ -e build/web/node_modules/playwright-core ] || lacks=${lacks:-the bundle was not built (make web)}
# the page needs none of the programs that draw pictures and make the PDF
mkdir "$dir/none"
report() { env PATH="$dir/none" "$bpftoll" report "$@" >"$dir/out" 2>&1; }
if [ -z "$lacks" ]; then
	report reports/examples/run reports/examples/events -o "$dir/report" ||
		{ not_ok "the report is made" "$(cat "$dir/out")"; done_testing; exit 1; }
	grep -q 'id="data"' "$dir/report/report.html" || lacks="this binary was built before the bundle (make web; make)"
fi
if [ -n "$lacks" ]; then skip "the interactive page" "$lacks"; done_testing; exit 0; fi

# what a record may say of itself freely
mkdir "$dir/hostile"
python3 - reports/examples/run/record.json "$dir/hostile/record.json" <<'PY'
import json, sys
evil = '<img src=x onerror=alert(1)>"\'</script><script>alert(1)</script><!-- {{data}} \u2028'
r = json.load(open(sys.argv[1]))
r["degraded"] = [evil] * 3
r["argv"] = [evil]
for key, value in r["host"].items():
    if isinstance(value, str):
        r["host"][key] = evil
r["placement"]["reason"] = evil
for cell in r["cells"]:
    cell["samples"] = cell["baseline_samples"] = None
    if cell["reason"]:
        cell["reason"] = evil
json.dump(r, open(sys.argv[2], "w"))
PY
report "$dir/hostile" -o "$dir/hostile-report" || { not_ok "the hostile record's report" "$(cat "$dir/out")"; done_testing; exit 1; }
node tests/web/test_page.mjs "$dir/report/report.html" "$dir/hostile-report/report.html" "$dir"
