#!/usr/bin/env bash
# What others publish about formats and licences, by their own checkers.
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../../.."

# Prometheus' own reader. Its other advice (of units in names, which are the record's) is no fault.
prometheus() {
	"$bpftoll" export --openmetrics "$1" >"$dir/metrics" || return 1
	promtool check metrics <"$dir/metrics" >"$dir/lint" 2>&1
	if grep -v 'should not contain abbreviated units$' "$dir/lint"; then return 1; fi
	[ -s "$dir/metrics" ]
}
for record in reports/examples/*/record.json tests/records/*/record.json; do
	if ! command -v promtool >/dev/null; then skip "$record: promtool" "prometheus is not installed"; continue; fi
	check "$record: promtool" prometheus "$(dirname "$record")"
done
if command -v promtool >/dev/null; then
	check "promtool finds a fault" eval '! promtool check metrics <<<"bpftoll{ 1" >/dev/null 2>&1'
fi

# Tracked files alone: what a build leaves behind is not published.
if ! command -v reuse >/dev/null || ! git rev-parse HEAD >/dev/null 2>&1; then
	skip "licences: reuse lint" "no reuse, or no git clone"
else
	git clone -q . "$dir/clone"
	check "licences: reuse lint" reuse --root "$dir/clone" lint -q
fi
done_testing
