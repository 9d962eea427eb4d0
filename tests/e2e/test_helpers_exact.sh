#!/usr/bin/env bash
# run --suite helpers in a guest: exact counts of instructions.
# parallel: measures in a guest
. "$(dirname "$0")/tap.sh"
holds() { check "$1" test "$(slopes "$2" "$3" 2>&1)" = True; }

if [ "$(uname -m)" != x86_64 ] || ! command -v qemu-system-x86_64 >/dev/null; then
	skip "exact counts" "no qemu-system-x86_64"; done_testing; exit 0
fi
"$bpftoll" lab --kernel 6.1 --suite helpers --helper control --helper 'perf_*' --helper 'lookup_*' --helper 'ringbuf_*' \
	--helper 'ktime_*' --drain idle --drain sampled -o "$dir/exact" >"$dir/out" 2>"$dir/err"; code=$?
if [ "$code" = 4 ] && ! [ -e "$dir/exact/record.json" ]; then
	skip "exact counts" "$(tail -n 1 "$dir/err")"; done_testing; exit 0
fi
check "a guest runs the suite" test "$code" = 0
holds "32 additions are 32 instructions on every host program" "$dir/exact" \
	"len([x for x in rows('control') if measured(x)]) == 10 and all(x['slope'] == {'value': 32, 'lo': 32, 'hi': 32} for x in rows('control') if measured(x))"
holds "every residual is zero, or the row says why it is not" "$dir/exact" \
	"all(x['note'] or all(abs(p['residual'][e]) < 1e-6 for p in x['points'] for e in ('value', 'lo', 'hi')) for x in r['slopes'] if measured(x))"
holds "rounds agree" "$dir/exact" "all(x['slope']['lo'] == x['slope']['hi'] for x in r['slopes'] if measured(x))"
holds "every hook carries them" "$dir/exact" \
	"{x['carrier'] for x in rows('control') if measured(x)} == {'kprobe', 'kprobe_offset', 'kprobe_int3', 'kretprobe', 'tracepoint', 'raw_tp', 'tp_btf', 'fentry', 'fexit', 'test_run'}"
holds "more bytes, more instructions" "$dir/exact" \
	"(lambda p: p == sorted(p) and len(p) == 4)([x['slope']['value'] for x in rows('perf_event_output', drain='idle') if x['carrier'] == rows('perf_event_output', drain='sampled')[0]['carrier']])"
done_testing
