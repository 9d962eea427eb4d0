#!/usr/bin/env bash
# A slice of tests/torture/allocations.py: some allocations of each command that reads fail, one a run.
. "$(dirname "$0")/../e2e/tap.sh"
if command -v "${CC:-cc}" >/dev/null; then
	check "an allocation that fails is no crash and no silent change" python3 "$(dirname "$0")/allocations.py" "$bpftoll" --points 5
	check "nor at any call stack of the answer" python3 "$(dirname "$0")/allocations.py" "$bpftoll" --sites --only "report tests/records/run"
	check "nor does recover lose rounds for it" python3 "$(dirname "$0")/allocations.py" "$bpftoll" --points 60 --only recover
else
	skip "failing allocations" "no C compiler"
fi
done_testing
