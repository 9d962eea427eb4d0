#!/usr/bin/env bash
# What a run leaves that is killed, whose disk is full or whose CPU goes: every round that was complete.
. "$(dirname "$0")/../e2e/tap.sh"

until_true() { local i; for i in $(seq 1200); do "$@" && return; sleep 0.05; done; return 1; }
# entries FILE [N]: the rounds in a round log; with N the file is cut behind the N-th
entries() {
	python3 - "$@" <<-'PY'
	import struct, sys
	name, most = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None
	try:
	    data = open(name, "rb").read()
	except FileNotFoundError:
	    data = b""
	at, n = 0, -1  # the head is no round
	while at + 24 <= len(data) and n != most:
	    magic, crc, packed, size = struct.unpack_from("<IIQQ", data, at)
	    if magic != 0x31676c72 or at + 24 + packed > len(data):
	        break
	    at, n = at + 24 + packed, n + 1
	if most is not None:
	    open(name, "r+b").truncate(at)
	print(max(n, 0))
	PY
}
rounds_of() { python3 -c 'import json,sys; print(len(json.load(open(sys.argv[1] + "/record.json"))["conditions"]))' "$1" 2>/dev/null || echo 0; }
has_rounds() { [ "$(entries "$dir/$1/checkpoint")" -ge "$2" ]; }
# the record has been written with rounds, and one more is complete
has_more() { local had; had=$(rounds_of "$dir/$1"); [ "$had" -gt 0 ] && [ "$(entries "$dir/$1/checkpoint")" -gt "$had" ]; }

"$bpftoll" run --variant raw_tp_empty --syscall munmap_einval --calls 64 --rounds 2 -o "$dir/probe" >"$dir/out" 2>"$dir/err"; code=$?
if [ $code = 4 ] || [ "$(id -u)" != 0 ]; then
	skip "killed runs" "$(tail -n 1 "$dir/err")"
	done_testing
	exit
fi
check "a complete run leaves no round log" test ! -e "$dir/probe/checkpoint"

start() {
	local name=$1; shift
	"$bpftoll" run --variant raw_tp_empty --variant raw_tp_ringbuf --syscall munmap_einval --syscall getppid --wakeup-policy none --calls 64 "$@" -o "$dir/$name" >"$dir/$name.out" 2>&1 &
	pid=$!
}

start killed --rounds 400
check "rounds are logged behind the record" until_true has_more killed
exits 1 "a run that goes on is not recovered" "$bpftoll" recover "$dir/killed"
says "which is said" "still going on"
kill -KILL $pid; wait $pid 2>/dev/null
logged=$(entries "$dir/killed/checkpoint") known=$(rounds_of "$dir/killed")
check "the last checkpoint is a record" "$bpftoll" report --full "$dir/killed"
exits 0 "its answer names recover" "$bpftoll" report "$dir/killed"
says "which makes a record of all rounds" "bpftoll recover"
exits 0 "its tables too" "$bpftoll" report --full "$dir/killed"
says "on stderr" "bpftoll: .*bpftoll recover"
cp -r "$dir/killed" "$dir/same"
cp -r "$dir/killed" "$dir/cut"
exits 0 "a killed run is recovered" "$bpftoll" recover "$dir/killed"
says "with every complete round" "recovered $logged complete rounds"
check "they are in the record" test "$(rounds_of "$dir/killed")" = "$logged"
check "which is partial and says why" python3 -c 'import json,sys
r = json.load(open(sys.argv[1] + "/record.json"))
assert r["partial"] and any("was killed" in w for w in r["degraded"]), r["degraded"]
assert all(c["status"] == "measured" for c in r["cells"]), [c for c in r["cells"] if c["status"] != "measured"]' "$dir/killed"
check "the round log is gone" test ! -e "$dir/killed/checkpoint"
for words in "report --full" report "export --csv" "verdict" "compare $dir/probe"; do
	$bpftoll $words "$dir/killed" >"$dir/out" 2>"$dir/err"; code=$?
	# the design of the default budget is not in it, and it is too short for differences
	if [ $code = 0 ] || [ $code = 3 ] || [ "$words$code" = verdict4 ]; then ok "$words reads it"; else not_ok "$words: exit $code" "$(cat "$dir/err")"; fi
done
exits 0 "once more changes nothing" "$bpftoll" recover "$dir/killed"
# half of a record.json: of a writer that is gone (no pid is so high), and of one that may still write
touch "$dir/killed/.record.json.4194305" "$dir/killed/.record.json.$$"
exits 0 "what a killed writer left goes" "$bpftoll" recover "$dir/killed"
check "and not what a living one has" test "$(ls -A "$dir/killed" | grep '^\.record')" = ".record.json.$$"
rm "$dir/killed/.record.json.$$"

# From the rounds of the last checkpoint recover makes the results that the run made of them.
entries "$dir/same/checkpoint" "$known" >/dev/null
cp "$dir/same/record.json" "$dir/before.json"
exits 0 "recovered from the checkpoint's own rounds" "$bpftoll" recover "$dir/same"
check "its results are those of the run" python3 -c 'import json,sys
a, b = (json.load(open(x)) for x in sys.argv[1:])
assert a["cells"] == b["cells"], [(x, y) for x, y in zip(a["cells"], b["cells"]) if x != y][:1]
assert a["conditions"] == b["conditions"] and a["floor"] == b["floor"]' "$dir/before.json" "$dir/same/record.json"

# The kernel lets what was pinned to a CPU that goes offline run elsewhere. Here another program does so
# (make torture unplugs CPUs, in a guest).
let_go() {
	local worker it cpus
	for worker in $(pgrep -P $pid); do
		for it in $(pgrep -P "$worker"); do
			cpus=$(taskset -cp "$it" 2>/dev/null)
			# the readers' host may run where its worker may
			if [ "${cpus##*: }" = "$1" ] && [ "$(taskset -cp "$worker" 2>/dev/null | sed 's/.*: //')" != "$1" ]; then
				taskset -cp "$(cat /sys/devices/system/cpu/online)" "$it" >/dev/null 2>&1 && return
			fi
		done
	done
	gone "$pid"
}
gone() { ! kill -0 "$1" 2>/dev/null; }
cpu=$(python3 -c 'import os; print(max(os.sched_getaffinity(0)))')
if [ "$(nproc)" -gt 1 ]; then
	start moved --cpu "$cpu" --rounds 400
	until_true has_more moved
	check "the process that makes the calls may run elsewhere" until_true let_go "$cpu"
	wait $pid; code=$?
	check "which ends the run" test $code = 1
	check "with its reason" grep -q "CPU $cpu, where the calls are timed, was offline for a while, or another program" "$dir/moved.out"
	check "its rounds are in the record, with that" python3 -c 'import json,sys
r = json.load(open(sys.argv[1] + "/record.json"))
assert r["partial"] and r["conditions"] and any("the run ended there" in w for w in r["degraded"]), r["degraded"]
assert all(c["status"] == "measured" for c in r["cells"]), [c for c in r["cells"] if c["status"] != "measured"]' "$dir/moved"
	check "and no round log" test ! -e "$dir/moved/checkpoint"
else
	skip "a lost CPU" "there is one only"
fi

# Programs of a file are known to their process alone: the log names them.
build=$(dirname "$bpftoll")
if [ -e "$build/bpf/programs/probes_munmap.bpf.o" ]; then
	"$bpftoll" measure --program raw_tp_empty --program raw_tp_ringbuf --trigger getppid --all --calls 64 --rounds 400 -o "$dir/foreign" "$build/bpf/programs/probes_munmap.bpf.o" >"$dir/foreign.out" 2>&1 &
	pid=$!
	check "rounds of a file's programs are logged behind the record" until_true has_more foreign
	kill -KILL $pid; wait $pid 2>/dev/null
	of_file=$(entries "$dir/foreign/checkpoint") known=$(rounds_of "$dir/foreign")
	cp -r "$dir/foreign" "$dir/foreign_same"
	exits 0 "a killed measurement of a file is recovered" "$bpftoll" recover "$dir/foreign"
	says "with every complete round of it" "recovered $of_file complete rounds"
	check "they are in its record" test "$(rounds_of "$dir/foreign")" = "$of_file"
	check "and its round log is gone" test ! -e "$dir/foreign/checkpoint"
	entries "$dir/foreign_same/checkpoint" "$known" >/dev/null
	cp "$dir/foreign_same/record.json" "$dir/before.json"
	exits 0 "recovered from its checkpoint's own rounds" "$bpftoll" recover "$dir/foreign_same"
	check "its results are those of the measurement" python3 -c 'import json,sys
a, b = (json.load(open(x)) for x in sys.argv[1:])
assert a["cells"] == b["cells"], [(x, y) for x, y in zip(a["cells"], b["cells"]) if x != y][:1]' "$dir/before.json" "$dir/foreign_same/record.json"
else
	skip "killed measurements of a file" "no object beside the program"
fi

# Scenarios whose rows are made at the end have them in the record after their first round.
has_rows() { python3 -c 'import json,sys
sys.exit(not any(p.get("throughput") for p in json.load(open(sys.argv[1]))["event_points"]))' "$dir/$1/record.json" 2>/dev/null; }
for scenario in contention flood; do
	"$bpftoll" run --suite events --scenario $scenario --rounds 20 -o "$dir/$scenario" >"$dir/$scenario.out" 2>&1 &
	pid=$!
	check "$scenario: its first round is in the record" until_true has_rows $scenario
	kill -TERM $pid; wait $pid 2>/dev/null
	check "and the rounds of a stopped one" has_rows $scenario
	check "which is partial" grep -q '"partial": true' "$dir/$scenario/record.json"
	check "and can be read" "$bpftoll" report --full "$dir/$scenario"
done

# A kill within a write: half an entry, half a round of readings.
truncate -s -7 "$dir/cut/checkpoint"
for f in "$dir/cut/samples/"*.gz; do truncate -s -3 "$f"; done
cut=$(entries "$dir/cut/checkpoint")
exits 0 "half an entry is left out" "$bpftoll" recover "$dir/cut"
check "and no other round but those whose readings are cut" test "$cut" -ge $((logged - 1))
says "which is said" "left out: [12] round"
check "and can be read" python3 -c 'import json,sys
r = json.load(open(sys.argv[1] + "/record.json"))
assert all(c["status"] == "measured" for c in r["cells"]), [c for c in r["cells"] if c["status"] != "measured"]' "$dir/cut"

# The head is of another build, or nonsense.
for what in build size; do
	cp -r "$dir/probe" "$dir/$what"
	python3 - "$dir/$what" $what <<-'PY'
	import json, struct, sys, zlib
	where, what = sys.argv[1:]
	name = where + "/record.json"
	r = json.load(open(name)); r["partial"] = True; json.dump(r, open(name, "w"))
	data = b"x" * 4096
	packed = zlib.compress(data)
	size = len(data) if what == "build" else 1 << 60
	open(where + "/checkpoint", "wb").write(struct.pack("<IIQQ", 0x31676c72, zlib.crc32(data), len(packed), size) + packed)
	PY
	"$bpftoll" recover "$dir/$what" >"$dir/out" 2>"$dir/err"; code=$?
	check "a strange round log ($what) is refused or left alone" test $code -le 1
	check "its record is as it was ($what)" "$bpftoll" report "$dir/$what"
done

# A full disk: the last record that was written stays, and can be read.
mkdir "$dir/full"
if mount -t tmpfs -o size=128k tmpfs "$dir/full" 2>"$dir/err"; then
	trap 'umount -l "$dir/full"; rm -rf "$dir"' EXIT
	"$bpftoll" run --variant 'raw_tp_*' --syscall munmap_einval --calls 4032 --seconds 600 -o "$dir/full/run" >"$dir/out" 2>"$dir/err"; code=$?
	check "a run on a full disk fails" test $code = 1
	says "and says why" "No space left"
	check "its record can be read" "$bpftoll" report "$dir/full/run"
	rounds=$(entries "$dir/full/run/checkpoint")
	mount -o remount,size=4m "$dir/full"
	exits 0 "with room it is recovered" "$bpftoll" recover "$dir/full/run"
	check "with its complete rounds" test "$(rounds_of "$dir/full/run")" -ge "$rounds"
	umount "$dir/full"
else
	skip "a full disk" "no tmpfs can be mounted here"
fi

done_testing
