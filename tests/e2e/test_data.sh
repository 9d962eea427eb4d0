#!/usr/bin/env bash
# What probes report, on Debian's 6.1 in a guest: the probe under test, as written, reports the syscall's number for the length, the corrected
# probes the length; and readers of their own work where pages are given back.
# parallel: measures in guests
. "$(dirname "$0")/tap.sh"
kernel=6.1
# holds NAME DIR EXPRESSION: python says so of the record r, its cells c by id
holds() { check "$1" python3 -c '
import json, sys
r = json.load(open(sys.argv[1] + "/record.json"))
c = {x["id"]: x for x in r["cells"]}
def data(variant, trigger): return c["%s/%s/idle/hot" % (variant, trigger)]["data"]
assert eval(sys.argv[2]), [(x["id"], x["status"], x["reason"], x["data"], x["events"]) for x in r["cells"]]
' "$2" "$3"; }

if [ "$(uname -m)" != x86_64 ] || ! command -v qemu-system-x86_64 >/dev/null; then
	skip "what probes report" "no qemu-system-x86_64 for an x86_64 guest"; done_testing; exit 0
fi
exits 2 "costs are all that another suite has" "$bpftoll" lab --kernel "$kernel" --cpus 2 --suite helpers -o "$dir/bad"
says "and two CPUs withhold them" "cpus 2 withholds costs"

"$bpftoll" lab --kernel "$kernel" --trigger munmap_4k --trigger madvise_dontneed_4k --drain idle --variant 'kprobe_as*' \
	--variant kprobe_perf --variant 'raw_tp_ringbuf' -o "$dir/one" >"$dir/out" 2>"$dir/err"; code=$?
if [ "$code" = 4 ] && ! [ -e "$dir/one/record.json" ]; then
	skip "a guest" "$(tail -n 1 "$dir/err")"; done_testing; exit 0
fi
for buffer in as_written as_written_ringbuf; do
	holds "$buffer: the length is munmap's number" "$dir/one" \
		"data('kprobe_$buffer', 'munmap_4k')['length'] == 'wrong' and 'bytes_freed = 11 for a munmap' in data('kprobe_$buffer', 'munmap_4k')['note']"
	holds "$buffer: or madvise's" "$dir/one" \
		"data('kprobe_$buffer', 'madvise_dontneed_4k')['length'] == 'wrong' and 'bytes_freed = 28 for a madvise' in data('kprobe_$buffer', 'madvise_dontneed_4k')['note']"
	holds "$buffer: pid and tgid are exchanged, the order holds" "$dir/one" \
		"[data('kprobe_$buffer', 'munmap_4k')[k] for k in ('pid', 'tgid', 'order')] == ['wrong', 'wrong', 'right']"
	holds "$buffer: a finding, not an invalid result" "$dir/one" \
		"all(x['status'] == 'measured' and x['events']['produced'] == x['events']['received'] > 100 for x in r['cells'] if x['variant'] == 'kprobe_$buffer')"
done
holds "the corrected probes are right" "$dir/one" \
	"all([data(v, t)[k] for k in ('length', 'pid', 'tgid', 'order')] == ['right'] * 4 for v in ('kprobe_perf', 'raw_tp_ringbuf') for t in ('munmap_4k', 'madvise_dontneed_4k'))"
check "the table says it" grep -qE "kprobe +as_written, as_written_ringbuf +munmap +wrong +wrong +wrong +right" <("$bpftoll" report --full "$dir/one")

# ---- two CPUs: every wakeup policy, costs withheld -------------------------------------------------
"$bpftoll" lab --kernel "$kernel" --cpus 2 --timeout 120 --trigger munmap_4k --variant raw_tp_perf \
	--variant raw_tp_ringbuf -o "$dir/two" >"$dir/out" 2>"$dir/err"
for state in none idle caught_up busy sampled; do
	holds "$state: runs where pages are given back, all events are accounted for" "$dir/two" \
		"all(x['status'] == 'measured' and x['events']['produced'] == x['events']['received'] + x['events']['lost'] > 100 for x in (c['raw_tp_%s/munmap_4k/$state/hot' % b] for b in ('perf', 'ringbuf')))"
done
holds "a sleeping reader was woken" "$dir/two" "c['raw_tp_ringbuf/munmap_4k/caught_up/hot']['events']['wakeups'] > 100"
holds "no cost is said" "$dir/two" "all(e['value'] is None for x in r['cells'] for e in x['overhead'].values()) and all(x['samples'] is None for x in r['cells'])"
says "and why not" "costs are withheld"
done_testing
