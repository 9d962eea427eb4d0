#!/usr/bin/env bash
# run --suite helpers: prices of helpers here. Their exact counts: test_helpers_exact.sh.
. "$(dirname "$0")/tap.sh"
holds() { check "$1" test "$(slopes "$2" "$3" 2>&1)" = True; }
holds_quiet() { quiet "$1" "$2" test "$(slopes "$2" "$3" 2>&1)" = True; }

exits 2 "unknown helper" "$bpftoll" run --suite helpers --helper ktime_get_nss
says "names the nearest helper" "nearest: ktime_get_ns"
exits 2 "unknown host program" "$bpftoll" run --suite helpers --host-program test_rum
says "names the nearest host program" "nearest: test_run"
exits 2 "the option's older name" "$bpftoll" run --suite helpers --carrier test_rum
exits 2 "another syscall" "$bpftoll" run --suite helpers --trigger munmap_4k
says "says which one it is" "times munmap_einval only"
exits 2 "cold caches" "$bpftoll" run --suite helpers --cache cold
says "says why not" "the later calls find warm caches"
exits 2 "a helper with another suite" "$bpftoll" run --suite quick --helper control
says "says where it belongs" "belongs to --suite helpers"

if [ "$(id -u)" != 0 ]; then
	skip "measuring" "not root"; done_testing; exit 0
fi
"$bpftoll" run --full --suite helpers --helper control --helper ringbuf_submit --helper arg_direct --drain idle \
	--drain none --rounds 10 -o "$dir/run" >"$dir/out" 2>"$dir/err"; code=$?
if [ "$code" = 4 ]; then
	skip "measuring" "nothing can be measured here: $(tail -n 1 "$dir/err")"; done_testing; exit 0
fi
check "a run ends well" test "$code" = 0
# rounds in which the core was never alone are left out, down to nine
holds_quiet "a slope for each host program, over ten rounds, its points and residuals with it" "$dir/run" \
	"len(rows('control')) == 2 and all(measured(x) and 9 <= x['rounds'] <= 10 and [p['repeats'] for p in x['points']] == [0, 1, 4, 16] and x['copies'] == 2 for x in rows('control'))"
holds "the first call has a price of its own" "$dir/run" \
	"all(x['first']['lo'] <= x['first']['value'] <= x['first']['hi'] for x in rows('ringbuf_submit') if measured(x))"
holds_quiet "32 additions take time" "$dir/run" "all(x['slope']['lo'] > 0 for x in rows('control'))"
holds_quiet "each size with both wakeup policies, test_run's without the full buffer" "$dir/run" \
	"len(rows('ringbuf_submit')) == 12 and all(map(measured, rows('ringbuf_submit'))) and len(rows('ringbuf_submit', drain='none')) == 4"
holds "what a host program cannot do has its reason" "$dir/run" \
	"'BTF-typed' in rows('arg_direct', carrier='test_run')[0]['reason']"
holds "a helper alone brings no incremental programs" "$dir/run" "not r['cells']"
check "the table shows the price" grep -q "ringbuf_submit" "$dir/out"
"$bpftoll" report --full "$dir/run" >"$dir/again"
check "a record without incremental programs says so" grep -q "No incremental programs" "$dir/out"
check "report prints the same table" diff "$dir/out" "$dir/again"

# the step beside the slope
exits 0 "incremental programs beside a price" "$bpftoll" run --full --suite helpers --helper get_current_pid_tgid --helper ktime_get_ns --variant 'raw_tp_*' --drain idle \
	--rounds 10 --calls 200 -o "$dir/steps"
says "the step has a column" "step on raw_tp"
says "and a sentence" "The step is what one call in a probe"

# parts and whole in the same run
exits 0 "incremental programs with their prices" "$bpftoll" run --suite helpers --helper control --variant raw_tp_empty --variant tp_btf_empty \
	--rounds 10 --calls 200 -o "$dir/both"
holds_quiet "as many rounds of the one as of the other" "$dir/both" \
	"{x['rounds'] for x in rows('control')} <= {9, 10} and {c['rounds'] for c in r['cells'] if c['status'] == 'measured'} == {10} and len(r['cells']) == 6"

# where no row can be measured no time is spent: such rounds also heeded no signal
exits 4 "without a row to measure the run ends at once" timeout -k 5 30 "$bpftoll" run --suite helpers --helper arg_direct --carrier test_run \
	--seconds 60 -o "$dir/nothing"

# stopped in the middle: whole rounds are kept. A file of its own: the last run's messages may stay in
# $dir/err until the new process has started, and a SIGINT before that is ignored (a background job).
"$bpftoll" run --suite helpers --helper control --seconds 3000 -o "$dir/stopped" >/dev/null 2>"$dir/stopped.err" &
pid=$!
while kill -0 $pid 2>/dev/null && ! grep -qs "helpers are run by" "$dir/stopped.err"; do sleep 0.05; done
kill -INT $pid
wait $pid; code=$?
check "SIGINT ends with 130" test "$code" = 130
holds "what there was of it is marked as a part" "$dir/stopped" "r['partial']"
done_testing
