#!/usr/bin/env bash
# The notebooks run on each kind of record, from the first cell to the last; so does the report's command.
# parallel: reads records only
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/../.." || exit 1

# Debian's own Python, whatever else is in PATH
if command -v jupyter-nbconvert >/dev/null && /usr/bin/python3 -c 'import pandas, matplotlib, ipykernel' 2>/dev/null; then
	# one record of each kind, and one in which nothing is known that may be unknown
	/usr/bin/python3 tests/e2e/notebook/unknown.py reports/record.schema.json "$dir/unknown"
	/usr/bin/python3 tests/e2e/notebook/notebooks.py reports/latency.ipynb reports/scaling.ipynb -- \
		reports/examples/*/record.json tests/records/*/record.json "$dir/unknown" >"$dir/cells" 2>"$dir/err"
	while read -r line; do
		case $line in
		"ok - "*) ok "${line#ok - }" ;;
		"not ok - "*) not_ok "${line#not ok - }" "$(grep '^#' "$dir/cells")" ;;
		esac
	done <"$dir/cells"
	check "the notebooks ran" grep -q '^ok' "$dir/cells"
	cp reports/bpftoll.py reports/*.ipynb "$dir"
	ln -s "$PWD/reports/examples" "$dir/examples"
	exits 0 "the notebooks run in Jupyter" env MPLCONFIGDIR="$dir" JUPYTER_RUNTIME_DIR="$dir" HOME="$dir" PATH="/usr/bin:$PATH" \
		PYDEVD_DISABLE_FILE_VALIDATION=1 jupyter-nbconvert --to notebook --execute --inplace \
		--ExecutePreprocessor.record_timing=False "$dir/latency.ipynb" "$dir/scaling.ipynb"
	# pictures differ from one matplotlib to another
	for notebook in latency scaling; do
		check "$notebook.ipynb: what is stored is what it prints and draws (make notebooks)" /usr/bin/python3 -c '
import json, sys
def outputs(path):
    for cell in json.load(open(path))["cells"]:
        for out in cell.get("outputs", []):
            data = out.get("data", {})
            yield "picture" if "image/png" in data else out.get("text") or data.get("text/plain")
stored, now = map(list, map(outputs, sys.argv[1:]))
assert "picture" in stored and stored == now, [pair for pair in zip(stored, now) if pair[0] != pair[1]]
' "reports/$notebook.ipynb" "$dir/$notebook.ipynb"
	done
	check "README reads a record with Python" sh -c "PATH=/usr/bin:\$PATH; $(grep -oE "PYTHONPATH=reports python3 -c '[^']*'" README.md)"
	check "the reader has bpftoll's names of wakeup policies" /usr/bin/python3 -c '
import re, sys
sys.path.insert(0, "reports")
import bpftoll
names = re.findall(r"\{\"(\w+)\", \"([\w-]+)\"\}", open("reports/record/wakeup_name.c").read())
assert len(names) > 5 and all(bpftoll.wakeup_name(kept) == shown for kept, shown in names), names'
else
	skip "the notebooks run" "jupyter-nbconvert, pandas, matplotlib or ipykernel is not installed"
fi

exits 0 "the report of the sample record" "$bpftoll" report reports/examples/run -o "$dir/report"
check "Markdown is there" grep -q '^# 1. Methodology' "$dir/report/report.md"
for tool in gnuplot pandoc weasyprint; do
	command -v $tool >/dev/null || { skip "HTML and PDF" "$tool is not installed"; done_testing; exit 0; }
done
if grep -q 'static pictures' "$dir/err"; then
	check "HTML is there, in one file" grep -q 'data:image/svg' "$dir/report/report.html"
	check "and says that its pictures are static" grep -q '<p class="static">static pictures: ' "$dir/report/report.html"
else
	check "the page is there, with its data" grep -q '<script type="application/json" id="data">{"schema":"bpftoll-page/1"' "$dir/report/report.html"
fi
check "PDF is there" grep -aq '%PDF' "$dir/report/report.pdf"
check "nothing was left out" sh -c "! grep -q 'left out' $dir/err"
exits 0 "the report of a record of 0.1" "$bpftoll" report tests/records/run tests/records/events -o "$dir/old"
check "says which of its figures are withdrawn" grep -qi "withdrawn" "$dir/old/report.md"
mkdir "$dir/unread"
cp tests/records/run/record.json "$dir/unread"
exits 0 "the report of a record whose readings are gone" "$bpftoll" report "$dir/unread" -o "$dir/pictureless"
check "removes no device for the picture that it cannot draw" test -c /dev/null
exits 0 "again" "$bpftoll" report reports/examples/run -o "$dir/again"
check "the same bytes" cmp "$dir/report/report.md" "$dir/again/report.md"

# what the same records say must not change unnoticed: a change that is meant remakes reports/examples/report as well
exits 0 "the sample report" "$bpftoll" report reports/examples/run reports/examples/events -o "$dir/golden"
check "is the one that is kept" diff reports/examples/report/report.md "$dir/golden/report.md"

# without the tools: Markdown alone, and it says so
mkdir "$dir/empty"
exits 0 "without any tool" env PATH="$dir/empty" "$bpftoll" report reports/examples/run -o "$dir/plain"
says "says what is missing" "left out: .*pandoc: not installed"
check "the Markdown says so too" grep -q 'was not drawn:.*gnuplot: not installed' "$dir/plain/report.md"
done_testing
