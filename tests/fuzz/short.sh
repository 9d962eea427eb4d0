#!/usr/bin/env bash
# A short fuzz run as TAP: tests/fuzz/short.sh FUZZER. Its corpus starts with the records that tests keep, if any, and a BPF object.
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT
cp tests/fuzz/corpus/* "$(dirname "$1")"/../../bpf/programs/rates_munmap.bpf.o "$corpus"/ 2>/dev/null
if "$1" -runs=20000 -max_total_time=20 -rss_limit_mb=1024 -artifact_prefix="$corpus"/ "$corpus" 2>&1 |
	tail -n 30 >"$corpus.log"; [ "${PIPESTATUS[0]}" = 0 ]; then
	echo "ok 1 - $(basename "$1")"
else
	echo "not ok 1 - $(basename "$1")"
	cat "$corpus.log"
fi
rm -f "$corpus.log"
echo "1..1"
