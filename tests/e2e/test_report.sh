#!/usr/bin/env bash
# The report as its reader has it: sentences, pages, raw tables; fewer records, and a link in its way, change nothing of that.
# parallel: reads records only
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/../.." || exit 1
example=reports/examples

reads() {
	local faults
	faults=$(python3 tests/e2e/read/reading.py "$1") && [ -z "$faults" ] || { echo "$faults"; return 1; }
}
pages() { pdfinfo "$1" | sed -n 's/^Pages: *//p'; }
between() { [ "$2" -le "$1" ] && [ "$1" -le "$3" ] || { echo "$1 pages, $2 to $3 wanted"; return 1; }; }
first_page() {
	local what
	sed '/^# 1\. /q' "$1" >"$dir/first"
	for what in '^# What a probe' '^\*\*Host' Question Decision 'Wrong data' 'As designed' 'Best alternative' \
		'Cheapest hook' '^\*\*Why' 'Figure 1' 'no evidence for' 'Do first' 'Measured by'; do
		grep -q "$what" "$dir/first" || { echo "no $what"; return 1; }
	done
}
advice() {
	local n
	sed -n '/^# [0-9]*\. Recommendations/,/^# [0-9]*\. Appendix/p' "$1" >"$dir/advice"
	n=$(grep -c '^[0-9]*\. \*\*' "$dir/advice")
	[ "$n" -ge 3 ] && [ "$(grep -c 'Condition:' "$dir/advice")" = "$n" ] &&
		[ "$(grep -c '^\[^[0-9]*\]: Evidence' "$dir/advice")" = "$n" ]
}

# the reading test itself finds what it is for
cat >"$dir/bad.md" <<'E'
A short one.

So many words stand in this sentence that no reader gets to its end without having to begin again, which is what the test is there to find before a reader does.

The wakeup policy caught_up is a name of records.

Of tracepoint_perf/munmap_einval/idle/stirred nothing is known.

The cost is nan here.
E
check "the reading test finds four faults" test "$(python3 tests/e2e/read/reading.py "$dir/bad.md" | wc -l)" = 4

# umask and owner of each file, and of its folders: the caller's
exits 0 "a report of one record" env SUDO_UID=1234 SUDO_GID=1235 bash -c 'umask 077; exec "$@"' - "$bpftoll" report $example/run -o "$dir/one"
check "reads well" reads "$dir/one/report.md"
check "its umask is heeded" test -z "$(find "$dir/one" -perm /077)"
if [ "$(id -u)" = 0 ]; then
	check "under sudo all of it is the caller's" test "$(find "$dir/one" -printf '%U:%G\n' | sort -u)" = 1234:1235
fi
exits 0 "a report of event runs alone" "$bpftoll" report $example/events -o "$dir/events"
check "reads well" reads "$dir/events/report.md"
exits 0 "a report of three records" "$bpftoll" report $example/run $example/events --lab $example/lab -o "$dir/all"
check "reads well, too" reads "$dir/all/report.md"
check "the first page asks, decides and is signed" first_page "$dir/all/report.md"
check "each recommendation has its condition and its evidence" advice "$dir/all/report.md"
check "results.csv has every result of the records" python3 -c '
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1])))
records = [json.load(open(f"reports/examples/{name}/record.json")) for name in ("run", "events", "lab")]
assert [r["id"] for r in rows] == [c["id"] for record in records for c in record["cells"]]
assert {r["record"] for r in rows} == {"A", "L1"}' "$dir/all/results.csv"
check "event_points.csv is there" test -s "$dir/all/event_points.csv"

# a table's name that leads elsewhere
mkdir "$dir/linked"
echo kept >"$dir/target"
ln -s "$dir/target" "$dir/linked/results.csv"
exits 0 "a report over a link" "$bpftoll" report $example/run -o "$dir/linked"
check "follows no link" grep -q '^kept$' "$dir/target"

for tool in pdfinfo gnuplot pandoc weasyprint; do
	command -v $tool >/dev/null || { skip "pages" "$tool is not installed"; done_testing; exit 0; }
done
check "of 8 to 15 pages" between "$(pages "$dir/all/report.pdf")" 8 15
check "and fewer of one" test "$(pages "$dir/one/report.pdf")" -lt "$(pages "$dir/all/report.pdf")"
check "the first page ends with its signatures" sh -c "pdftotext -f 1 -l 1 $dir/all/report.pdf - | grep -q 'Name, date'"
exits 0 "a report of less in the same folder" "$bpftoll" report $example/run -o "$dir/all"
check "leaves no table of the one before" test ! -e "$dir/all/event_points.csv"
done_testing
