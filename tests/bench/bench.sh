#!/usr/bin/env bash
# Figures of the instrument itself, one line each: tests/bench/bench.sh BUILD
set -eu
build=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# a figure that is not ok is shown with the others, and makes the benchmark fail at its end
failed=0
"$build/bpftoll" selfcheck 2>"$dir/err" || failed=$?
if [ "$failed" != 0 ] && [ "$failed" != 3 ]; then cat "$dir/err" >&2; exit "$failed"; fi
echo
"$build/bpftoll" run --variant raw_tp_empty --trigger munmap_einval --seconds 20 -o "$dir/run" >/dev/null 2>"$dir/err" &
pid=$!
peak=0
while kill -0 $pid 2>/dev/null; do
	now=$(awk '/^VmHWM/ {print $2}' /proc/$pid/status 2>/dev/null || echo 0)
	[ "${now:-0}" -gt "$peak" ] && peak=$now
	read -r -t 0.2 <> <(:) || true
done
wait $pid || { cat "$dir/err" >&2; exit 1; }
python3 - "$dir/run/record.json" "$peak" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))
cell = {c["id"]: c for c in r["cells"]}
e = cell["raw_tp_empty/munmap_einval/-/stirred"]["overhead"]["typical"]
a = cell["none_again/munmap_einval/-/stirred"]["overhead"]["typical"]
print("raw_tp_empty, 20 s: typical %+.2f ns, half-width %.2f ns over worker processes" % (e["value"], (e["hi"] - e["lo"]) / 2))
print("null test: %+.2f ns [%+.2f, %+.2f]; detection limit %.2f ns" % (a["value"], a["lo"], a["hi"], max(abs(a["lo"]), abs(a["hi"]))))
print("peak memory: %.0f MiB (asked: 256 at most)" % (int(sys.argv[2]) / 1024))
PY
echo
# do the intervals of successive runs agree? BENCH_GROUPS groups of five runs of BENCH_SECONDS s each
groups=${BENCH_GROUPS:-2} seconds=${BENCH_SECONDS:-20} agree=0
for group in $(seq "$groups"); do
	for i in 1 2 3 4 5; do
		"$build/bpftoll" run --variant raw_tp_empty --trigger munmap_einval --seconds "$seconds" -o "$dir/repeat/$group-$i" >/dev/null 2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }
		rm -rf "$dir/repeat/$group-$i/samples"
	done
	code=0
	"$build/tests/bench/repeat" raw_tp_empty/munmap_einval/-/stirred "$dir/repeat/$group-"? || code=$?
	[ "$code" = 0 ] && agree=$((agree + 1))
	[ "$code" = 0 ] || [ "$code" = 3 ] || exit "$code"
done
echo "repeatability: $agree of $groups series of five runs of $seconds s cover each other (asked: 19 of 20)"
echo
# what preempts the process that makes the timed calls? Kernel threads bound to its CPU would be caused by bpftoll itself
cat >"$dir/who.sh" <<'WHO'
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
bpftrace -e "tracepoint:sched:sched_switch /args->prev_comm == \"bpftoll\" && cpu == $2 && args->prev_state == 0/ { @[args->next_comm] = count(); }" >"$3/who" 2>"$3/err" &
tracer=$!
while kill -0 $tracer 2>/dev/null && ! grep -q Attaching "$3/who"; do read -r -t 0.1 <> <(:) || true; done
"$1/bpftoll" run --cpu "$2" --variant raw_tp_ringbuf --variant tracepoint_perf --trigger munmap_einval --drain idle --seconds 10 -o "$3/preempted" >/dev/null 2>&1
kill -INT $tracer; wait $tracer
WHO
if command -v bpftrace >/dev/null && unshare -m true 2>/dev/null; then
	cpu=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["placement"]["measure_cpu"])' "$dir/run/record.json")
	unshare -m bash "$dir/who.sh" "$build" "$cpu" "$dir" || true
	visits=$(python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(r["cells"][0]["rounds"] * 8)' "$dir/preempted/record.json")
	echo "kworkers of the measuring CPU that preempted a timed call: $(sed -nE "s#^@\\[kworker/$cpu:.*: ([0-9]+)\$#\1#p" "$dir/who" | awk '{n += $1} END {print n + 0}') in about $visits visits (asked: 0)"
	grep '^@' "$dir/who" | sort -t: -k3 -n | sed 's/^/  /'
fi
echo
# do the intervals include a known true value?
"$build/tests/bench/coverage" 2000 tests/records/run
echo
# and when the run ends because they are narrow?
"$build/tests/bench/precision" 2000 tests/records/run reports/examples/run
echo
# how many events a second the reader can take; the kernel's own benchmark, on the machine of its figures: 13 M/s and 3.8 M/s
"$build/bpftoll" run --suite events --scenario flood -o "$dir/flood" >/dev/null 2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }
"$build/bpftoll" report --full "$dir/flood" | sed -n '/^  Flood:/,/^$/p'
python3 - "$dir/flood/record.json" <<'PY'
import json, sys
best = {}
for p in json.load(open(sys.argv[1]))["event_points"]:
    # leaves out the backlog, which is read while no events are produced
    if p["scenario"] != "flood" or p["status"] != "measured" or p["policy"].startswith("a backlog"):
        continue
    kind = "perf" if p["body"] == "perf" else "ringbuf"
    if kind not in best or p["throughput"]["value"] > best[kind]["throughput"]["value"]:
        best[kind] = p
for kind, asked in ("ringbuf", 13), ("perf", 3.8):
    p = best.get(kind)
    if not p:
        sys.exit("no flood of a %s buffer was measured" % kind)
    t = {k: v / 1e6 for k, v in p["throughput"].items()}
    print("%s: %.1f M events/s [%.1f, %.1f], %s; the reader used %.0f %% of its CPU (asked: %.1f)"
          % (p["body"], t["value"], t["lo"], t["hi"], p["policy"], p["consumer_cpu"]["value"], asked))
PY
echo
# prices of helpers, three minutes; without the incremental programs, which take half of a run's time
"$build/bpftoll" run --suite helpers --helper '*' --seconds 180 -o "$dir/helpers" >/dev/null 2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }
python3 - "$dir/helpers/record.json" <<'PY'
import json, sys
rows = [s for s in json.load(open(sys.argv[1]))["slopes"] if s["status"] == "measured"]
def within(e):
    half = (e["hi"] - e["lo"]) / 2
    return half <= 1.5 or half <= 0.05 * abs(e["value"])
slopes = sum(within(s["slope"]) for s in rows)
# in a row that is not a line, the price is that of the first call
either = sum(within(s["slope"]) or s["nonlinear"] and within(s["first"]) for s in rows)
print("rows within 1.5 ns or 5 %%: %d of %d (asked: 100 of 110), by the slope alone %d; %d rounds of %d loads"
      % (either, len(rows), slopes, max(s["rounds"] for s in rows), rows[0]["copies"]))
PY
exit "$failed"
