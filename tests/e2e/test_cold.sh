#!/usr/bin/env bash
# Cold calls on the real kernel: proved or skipped with the reason, never claimed.
. "$(dirname "$0")/tap.sh"

if [ "$(id -u)" != 0 ]; then
	skip "cold calls" "not root"; done_testing; exit 0
fi
"$bpftoll" run --full --variant raw_tp_empty --variant raw_tp_ringbuf --trigger munmap_einval --drain idle --rounds 10 \
	--cache cold --cache hot --counters cycles -o "$dir/run" >"$dir/out" 2>"$dir/err"; code=$?
if [ "$code" = 4 ]; then
	skip "cold calls" "nothing can be measured here"; done_testing; exit 0
fi
check "a run with both cache states ends well" test "$code" = 0
# value EXPRESSION: of the record r, with its cells by id in c
value() { python3 -c 'import json,sys
r=json.load(open(sys.argv[1]+"/record.json")); c={x["id"]:x for x in r["cells"]}
print(eval(sys.argv[2]))' "$dir/run" "$1"; }
cold=raw_tp_empty/munmap_einval/-/cold
status=$(value "c[\"$cold\"][\"status\"]")
check "hot results are measured" test "$(value 'c["raw_tp_empty/munmap_einval/-/hot"]["status"]')" = measured
check "the proofs are kept" test "$(value '[e["what"] for e in r["evictions"]]')" = "['data', 'instructions', 'branches']"
if [ "$status" != measured ]; then
	reason=$(value "c[\"$cold\"][\"reason\"]")
	check "what was not measured has its reason" test -n "$reason"
	# which of the proofs fails, the machine decides; beside others it may be the figures instead
	if [ "$(value 'all(e["holds"] for e in r["evictions"][:2])')" = True ]; then
		quiet "the caches were emptied, so cold results are measured" "$dir/run" false
	else
		check "the reason is the proof that fails" grep -q "cannot be emptied" <(echo "$reason")
		check "and the table says so" grep -q "cannot be emptied" "$dir/out"
	fi
	skip "cold calls" "$reason"; done_testing; exit 0
fi
check "proved: data and instructions" test "$(value 'all(e["holds"] for e in r["evictions"][:2])')" = True
# rounds beside a neighbour may be left out, but whole ones
check "64 calls a round" test "$(value "(lambda n: n==640 or (n%64==0 and c[\"$cold\"][\"stratum\"]=='uncontended'))(c[\"$cold\"][\"n\"]+c[\"$cold\"][\"migrated\"])")" = True
check "a cold call takes longer than a hot one" test "$(value 'c["none/munmap_einval/-/cold"]["arm"]["p50"] > 1.5*c["none/munmap_einval/-/hot"]["arm"]["p50"]')" = True
check "the baseline is cold as well" test "$(value "c[\"$cold\"][\"baseline_id\"]")" = none/munmap_einval/-/cold
quiet "the null test too" "$dir/run" test "$(value 'c["none_again/munmap_einval/-/cold"]["status"]')" = measured
check "all events are accounted for" test "$(value '(lambda e: e["produced"]==e["received"]+e["lost"]>640)(c["raw_tp_ringbuf/munmap_einval/idle/cold"]["events"])')" = True
check "readings are kept apart from the hot ones" test -s "$dir/run/samples/raw_tp_empty.munmap_einval.-.cold.gz"
check "the table says what was evicted" grep -q "between cold calls: L1, L2" "$dir/out"
check "and sets both beside each other" grep -q "Cold against hot" "$dir/out"
"$bpftoll" report --full "$dir/run" >"$dir/again"
check "report prints the same" diff "$dir/out" "$dir/again"
done_testing
