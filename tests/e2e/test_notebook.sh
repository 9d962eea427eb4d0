#!/usr/bin/env bash
# The notebook runs on the sample record, from the first cell to the last; so does the report's command.
# parallel: reads records only
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/../.." || exit 1

# Debian's own Python, whatever else is in PATH
if command -v jupyter-nbconvert >/dev/null && /usr/bin/python3 -c 'import pandas, matplotlib, ipykernel' 2>/dev/null; then
	exits 0 "explore.ipynb runs" env MPLCONFIGDIR="$dir" JUPYTER_RUNTIME_DIR="$dir" HOME="$dir" \
		PYDEVD_DISABLE_FILE_VALIDATION=1 RUN="$PWD/reports/examples/run" \
		jupyter-nbconvert --to html --execute --output-dir "$dir" reports/explore.ipynb
	check "and has drawn" grep -q 'image/png' "$dir/explore.html"
else
	skip "explore.ipynb runs" "jupyter-nbconvert, pandas, matplotlib or ipykernel is not installed"
fi

exits 0 "the report of the sample record" "$bpftoll" report reports/examples/run -o "$dir/report"
check "Markdown is there" grep -q '^# 1. Summary' "$dir/report/report.md"
for tool in gnuplot pandoc weasyprint; do
	command -v $tool >/dev/null || { skip "HTML and PDF" "$tool is not installed"; done_testing; exit 0; }
done
check "HTML is there, in one file" grep -q 'data:image/svg' "$dir/report/report.html"
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
