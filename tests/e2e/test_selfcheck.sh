#!/usr/bin/env bash
# The selfcheck as a command. Its figures are timings, so no test asks that they be ok: tests/bench does.
. "$(dirname "$0")/tap.sh"

exits 2 "too few trials" "$bpftoll" selfcheck --trials 1
says "names the valid range" "from 50 to"
exits 2 "unknown CPU" "$bpftoll" selfcheck --cpu 65000
exits 2 "an argument" "$bpftoll" selfcheck all

"$bpftoll" selfcheck --quick --trials 50 --seed 1 >"$dir/out" 2>"$dir/err"
code=$?
if [ $code = 0 ] || [ $code = 3 ]; then ok "a quick check ends with a verdict"; else
	not_ok "a quick check ends with a verdict: exit $code" "$(cat "$dir/err")"; fi
for figure in "timed region over" "samples a second" "delays, slope" "delays, intercept" "delays, largest" "neighbour on the other thread" "intervals, typical" \
	"intervals, mean" "hits, tracepoint" "the same run again" "during the check"; do
	says "a line: $figure" "$figure"
done
check "in 80 columns" python3 -c 'import sys; sys.exit(max(len(l) for l in open(sys.argv[1])) > 81)' "$dir/out"
if [ $code = 3 ] && ! grep -q '^NOT ok' "$dir/out" || { [ $code = 0 ] && grep -q '^NOT ok' "$dir/out"; }; then
	not_ok "exit 3 if, and only if, a figure is not ok: exit $code" "$(cat "$dir/out")"; else ok "exit 3 if, and only if, a figure is not ok"; fi
# counts are no timings
if grep -qE '^NOT ok +(hits|events)' "$dir/out"; then not_ok "hits and events are exact" "$(cat "$dir/out")"; else ok "hits and events are exact"; fi

timeout --preserve-status -s INT 4 "$bpftoll" selfcheck >"$dir/out" 2>"$dir/err"
code=$?
if [ $code = 130 ]; then ok "a signal stops it"; else not_ok "a signal stops it: exit $code" "$(cat "$dir/err")"; fi
says "and it says so" "stopped"

if [ "$(id -u)" = 0 ]; then
	cp "$bpftoll" "$dir/bpftoll"
	chmod 755 "$dir" "$dir/bpftoll"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$dir/bpftoll" selfcheck --quick --trials 50 >"$dir/out" 2>"$dir/err"
	says "without root hooks are skipped, with the reason" "^skipped +hits, tracepoint +needs root"
	says "and the rest is examined" "^(ok|waste|NOT ok) +null test"
fi
done_testing
