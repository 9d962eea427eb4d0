#!/usr/bin/env bash
# Many runs of each fuzzer: tests/fuzz/long.sh FAST SANITIZED CORPUS SECONDS RUNS FUZZER... The build FAST makes them, until
# the seconds or the runs (-1: no limit) are over; then SANITIZED goes over the corpus that this made, and on for a
# tenth of the time. The corpus stays, and the next call goes on from it. A line for each says when coverage last grew.
set -u
fast=$1 sanitized=$2 corpora=$3 seconds=$4 runs=$5
shift 5
export ASAN_OPTIONS=${ASAN_OPTIONS:-quarantine_size_mb=8}

# fuzz BUILD NAME LOG OPTION...: what it finds is left in the corpora's folder
fuzz() {
	local build=$1 name=$2 log=$3
	shift 3
	[ ! -s "$corpora/$name.dict" ] || set -- "$@" -dict="$corpora/$name.dict"
	"$build/tests/fuzz/$name" -timeout=20 -rss_limit_mb=2048 -artifact_prefix="$corpora/$name-" "$@" \
		"$corpora/$name" >"$log" 2>&1 && return
	tail -n 40 "$log"
	echo "$name: an input that fails is in $corpora/$name-*"
	exit 1
}

for name; do
	mkdir -p "$corpora/$name"
	log=$corpora/$name.log
	[ -n "$(ls "$corpora/$name")" ] || python3 tests/fuzz/seeds.py "$name" "$corpora/$name" "$fast" || exit 1
	fuzz "$fast" "$name" "$log" -runs="$runs" -max_total_time="$seconds"
	fuzz "$sanitized" "$name" "$log.sanitized" -max_total_time=$((seconds / 10 + 1))
	awk -v name="$name" '$3 == "cov:" {runs = substr($1, 2); if ($4 > edges) {edges = $4; grew = runs}} END {
		printf "%-20s %10d runs, %5d edges, the last new one in run %d\n", name, runs, edges, grew}' "$log"
done
