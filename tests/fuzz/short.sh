#!/usr/bin/env bash
# A fuzz run as TAP: tests/fuzz/short.sh FUZZER. It begins with the seeds of seeds.py, and must reach the
# coverage that floors.txt names: a fuzzer that gets no further than the first check passes nothing.
set -u
fuzzer=$1 name=$(basename "$1") build=$(dirname "$1")/../..
corpus=$(mktemp -d)
# what was freed is kept for a while, but not so much that each run needs new pages
export ASAN_OPTIONS=${ASAN_OPTIONS:-quarantine_size_mb=8}
trap 'rm -rf "$corpus" "$corpus.log" "$corpus.dict"' EXIT
read -r floor runs < <(awk -v name="$name" '$1 == name {print $2, $3}' tests/fuzz/floors.txt)
limit=(-runs="${runs:-4000}" -max_total_time=20)
python3 tests/fuzz/seeds.py "$name" "$corpus" "$build" 2>"$corpus.log" &&
	{ [ ! -s "$corpus.dict" ] || limit+=(-dict="$corpus.dict"); } &&
	"$fuzzer" "${limit[@]}" -seed=1 -timeout=20 -rss_limit_mb=1024 -artifact_prefix="$corpus"/ "$corpus" >"$corpus.log" 2>&1
code=$?
covered=$(sed -nE 's/.* cov: ([0-9]+) .*/\1/p' "$corpus.log" | tail -n 1)
if [ $code != 0 ]; then
	echo "not ok 1 - $name"
	tail -n 30 "$corpus.log" | sed 's/^/# /'
elif [ "${covered:-0}" -lt "${floor:-1000000000}" ]; then
	echo "not ok 1 - $name: covers ${covered:-0} of the ${floor:-unnamed} edges that floors.txt asks for"
else
	echo "ok 1 - $name: $(sed -nE 's/^#([0-9]+)[[:space:]]+DONE.*/\1 runs/p' "$corpus.log" | tail -n 1), $covered edges"
fi
echo "1..1"
