#!/usr/bin/env bash
# What verdict and compare decide of kept and made-up records, and their exit codes. Needs no privilege.
# parallel: reads records only
. "$(dirname "$0")/tap.sh"

examples=tests/records
# the sample's machine has no kprobes: the probe under test is undecided there, whatever the others do
exits 4 "no kprobes" "$bpftoll" verdict --full $examples/run $examples/events
says "the probe under test comes first" "VERDICT +INCONCLUSIVE: the probe under test"
says "what would settle it" "bpftoll lab --variant kprobe_perf"
says "what other syscalls pay" "WARNING +raw_tp: every other syscall of every task pays"
exits 3 "asked for by name, the worst of them" "$bpftoll" verdict --full --variant 'tp_btf_*' --wakeup-policy per-event $examples/run
exits 4 "events alone" "$bpftoll" verdict --full $examples/events
says "say what they hold" "These records hold event runs: their CPU and loss are judged"
says "and are judged" "^CPU and loss at 10,000 events/s"
"$bpftoll" verdict --full $examples/events >"$dir/out"
check "no empty table" awk '/^[A-Z]/ { if (head) exit 1; head = 1; next } NF { head = 0 } END { exit head }' "$dir/out"
exits 0 "report of events" "$bpftoll" report --full $examples/events
check "ends in no bare heading" awk '/^[A-Z]/ { head = 1; next } NF { head = 0 } END { exit head }' "$dir/out"
exits 4 "nothing of that name" "$bpftoll" verdict --full --variant 'nothing_*' $examples/run
exits 2 "no rate" "$bpftoll" verdict --other-syscalls none $examples/run
exits 2 "other syscalls without a report" "$bpftoll" report --other-syscalls 5 $examples/run

# made_up NAME P99 HOST_KEEPS: the probe under test with this p99, and all that its verdict rests on
made_up() {
	mkdir -p "$dir/$1"
	python3 - "$dir/$1" "$2" "${3:-0}" <<'PY'
import json, sys
run = json.load(open("tests/records/run/record.json"))
points = json.load(open("tests/records/events/record.json"))["event_points"]
p99, off = float(sys.argv[2]), float(sys.argv[3])
near = lambda x, half: {"value": x, "lo": x - half, "hi": x + half}
cell = next(c for c in run["cells"] if c["id"] == "tracepoint_perf/munmap_einval/caught_up/hot")
run["cells"] = [c for c in run["cells"] if c["hook"] == "none" or c["variant"].startswith("tracepoint")]
cell.update(id="kprobe_perf/munmap_einval/caught_up/hot", variant="kprobe_perf", hook="kprobe")
cell["overhead"].update(p99=near(p99 - 50, 30), mean=near(300, 20), typical=near(280 + off, 2))
reader = {"wake": "default", "every": 0, "every_bytes": 0, "wait": "edge", "interval_ms": None}
cell.update(reader=reader, p99_bound=near(p99, 30), p99_least=near(p99 - 100, 30))
p = next(p for p in points if p["id"] == "sweep/tracepoint_perf/munmap_einval/caught_up/-/10000")
p.update(id="sweep/kprobe_perf/munmap_einval/caught_up/-/10000", variant="kprobe_perf", hook="kprobe")
p.update(producer_cpu=near(0.3, 0.05), reader=reader, consumer_cpu=near(0.3, 0.1), produced=120000, received=120000,
         lost_full=0, lost_records=0, lost_missed=0, exposure_s=12, buffer_fills=20, exposure_produced=120000, exposure_lost=0, saturated=False,
         stalls=0)
run["event_points"] = [p]
for e in next(c for c in run["cells"] if c["variant"] == "none_again")["overhead"].values():
    e.update(near(0, 5))
json.dump(run, open(sys.argv[1] + "/record.json", "w"))
PY
}
made_up good 500
made_up bad 3000
made_up worse 500 60
exits 0 "the probe passes" "$bpftoll" verdict --full "$dir/good"
says "proceed" "VERDICT +GREEN: proceed with the probe as it is"
exits 3 "the probe fails" "$bpftoll" verdict --full "$dir/bad"
says "redesign" "VERDICT +RED: redesign"
exits 0 "the probe by name" "$bpftoll" verdict --full --variant kprobe_perf --wakeup-policy per-event "$dir/good"
exits 0 "runs that disagree" "$bpftoll" verdict --full "$dir/good" "$dir/worse"
says "are told" "run A and run B disagree on 1 of [0-9]+ results"

exits 3 "a regression between two runs" "$bpftoll" compare --full --fail-above 5% "$dir/good" "$dir/worse"
says "which covers these two runs" "The gate covers these two runs"
exits 0 "runs that differ as much by themselves" "$bpftoll" compare --full --fail-above 5% "$dir/good,$dir/worse" "$dir/worse,$dir/good"
says "the next run" "The gate covers the next run"
exits 1 "one of them is missing" "$bpftoll" compare --full "$dir/good,$dir/nothing" "$dir/worse"
mkdir "$dir/a,b" && cp "$dir/good/record.json" "$dir/a,b"
exits 0 "a comma in a name" "$bpftoll" compare --full "$dir/a,b" "$dir/good"
done_testing
