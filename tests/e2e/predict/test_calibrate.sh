#!/usr/bin/env bash
# What instructions cost in user space: a short run, its record, and what takes it.
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../../.."

exits 2 "a variant is refused" "$bpftoll" run --suite calibrate --variant raw_tp_empty
says "with the reason" "in user space"
exits 2 "so are instructions" "$bpftoll" run --suite calibrate --unit instructions
exits 4 "prices alone are no run to predict from" "$bpftoll" predict reports/examples/calibrate --lab reports/examples/features
check "says so" grep -q "no run to fit them to" "$dir/err"
exits 0 "with a run they are" "$bpftoll" predict reports/examples/run reports/examples/calibrate --lab reports/examples/features
exits 0 "they can be exported" "$bpftoll" export --csv --rows instruction_prices reports/examples/calibrate
check "a line each" test "$(wc -l <"$dir/out")" -ge 20
if [ "$(uname -m)" != x86_64 ]; then
	skip "a run" "the loops are written for x86-64"; done_testing; exit 0
fi
if [ "$(id -u)" != 0 ]; then
	skip "a run" "not root"; done_testing; exit 0
fi
exits 0 "a run" "$bpftoll" run --suite calibrate --rounds 3 -o "$dir/run"
check "its answer fits a screen" test "$(wc -l <"$dir/out")" -le 25
check "of 80 columns" test "$(awk '{ if (length > n) n = length } END { print n }' "$dir/out")" -le 80
# prices EXPRESSION: of p, the prices by name
prices() { python3 -c 'import json, math, sys
p = {r["name"]: r for r in json.load(open(sys.argv[1] + "/record.json"))["instruction_prices"]}
ns = {n: r["ns"]["value"] for n, r in p.items() if r["status"] == "measured"}
sys.exit(not eval(sys.argv[2]))' "$dir/run" "$1"; }
check "every row has a price with an interval, or a reason" \
	prices 'all(r["ns"]["lo"] <= r["ns"]["value"] <= r["ns"]["hi"] if r["status"] == "measured" else r["reason"] for r in p.values())'
# each is several times the other on any processor of the last twenty years, so a load beside it changes nothing
check "a load that waits for the one before is dearer" prices 'ns["load_dependent"] > 2 * ns["load_independent"]'
check "a locked addition is dearer than a plain one" prices 'ns["lock_add"] > 2 * ns["plain_dependent"]'
check "a page fault is dearer than all" prices 'ns["minor_fault"] > 5 * ns["lock_add"]'
check "calls are priced as this kernel makes them" prices 'all(p[n]["way"] != "-" or p[n]["reason"] for n in ("call_return", "indirect_call_return"))'
exits 0 "report takes it" "$bpftoll" report --full "$dir/run"
exits 0 "the store takes it" "$bpftoll" store add --db "$dir/store.db" "$dir/run"
done_testing
