#!/usr/bin/env bash
# Runs tests and counts them: tests/run.sh static|unit|e2e|all BUILD [SANITIZED_BUILD]. Unit tests run
# in each build that is given, end-to-end tests with the first. What measures this machine runs in
# series; what only computes, or measures within guests alone ("# parallel:" in the script), runs
# beside it. So is the second build made, whose tests come last. Prints failures whole, skips with
# their reason, the slowest, and last "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/.." || exit 1
what=${1:?static, unit, e2e or all} build=${2:?a build folder} sanitized=${3-}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM
mkdir "$out/parallel" "$out/series" "$out/taken" "$out/results"
n=1000

# add QUEUE NAME COMMAND…: of a queue the earlier runs first
add() {
	local queue=$1; shift
	n=$((n + 1))
	printf '%q ' "$@" >"$out/$queue/$n"
}

# tally NAME LOG EXIT_CODE SECONDS: counts a TAP stream; what is not "ok" is shown
tally() {
	local name=$1 log=$2 code=$3 seconds=$4 ok bad skip
	# cmocka writes a skipped test as "not ok N # SKIP name"
	skip=$(grep -cE '^(not )?ok .*# SKIP' "$log")
	ok=$(grep -E '^ok ' "$log" | grep -cv '# SKIP')
	bad=$(grep -E '^not ok' "$log" | grep -cv '# SKIP')
	# a crash or a sanitizer's abort prints no "not ok"
	if [ "$code" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
	# no line at all is no pass
	if [ $((ok + bad + skip)) = 0 ]; then bad=1; fi
	if [ "$bad" != 0 ]; then
		echo "FAIL $name (exit $code)"
		sed 's/^/    /' "$log" | tail -n 60
	else
		printf 'ok   %-44s %4d s  %s passed%s\n' "$name" "$seconds" "$ok" \
			"$([ "$skip" != 0 ] && echo ", $skip skipped")"
		grep -hE '^# skip:|^skipped: |^ok .*# SKIP ..' "$log" | sort -u | sed 's/^/     /'
	fi
	echo "$seconds $ok $bad $skip $name" >"$out/results/$(basename "$log")"
}

# work QUEUE…: until all are empty. Whoever moves a job has it.
work() {
	local queue job id begin
	for queue; do
		for job in "$out/$queue"/*; do
			id=$(basename "$job")
			mv "$job" "$out/taken/$id" 2>/dev/null || continue
			eval "set -- $(cat "$out/taken/$id")"
			begin=$SECONDS
			CMOCKA_MESSAGE_OUTPUT=TAP timeout 1800 "${@:2}" >"$out/$id" 2>&1 </dev/null
			code=$?
			tally "$1" "$out/$id" "$code" $((SECONDS - begin)) >"$out/$id.told"
			cat "$out/$id.told"
		done
	done
}

# programs FOLDER PREFIX
programs() { find "$1" -type f -name "$2*" -perm -u+x ! -name '*.d' | sort; }

# add_units BUILD
add_units() {
	for t in $(programs "$1/tests" test_ | sort -r); do
		# what a record says of itself: no kernel, no clock
		case $t in */reports/*) add parallel "$t" "$t" ;; *) add series "$t" "$t" ;; esac
	done
}

# All that there is to do. One more at a time than there are CPUs: most wait for guests, processes or the clock.
finish() {
	local n=$(($(nproc) < 4 ? $(nproc) : 4))
	for _ in $(seq "$n"); do work parallel & done
	work series parallel
	wait
}

if [ "$what" = all ] && [ -n "$sanitized" ]; then
	# as who called make, and owns the folder
	add parallel "make $sanitized" ${SUDO_USER:+sudo -u "$SUDO_USER"} bash -c 'if make -j2 --no-print-directory \
		B="$0" CC=clang SAN=1 "$0/bpftoll" tests fuzz; then echo "ok 1 - $0"; else echo "not ok 1 - $0"; fi' "$sanitized"
fi
if [ "$what" = static ] || [ "$what" = all ]; then
	add parallel "format, layout, clang-tidy" bash tests/static.sh "$build"
fi
if [ "$what" = e2e ] || [ "$what" = all ]; then
	for t in $(find tests/e2e tests/torture tests/web -name 'test_*.sh' | sort); do
		queue=series
		if grep -q '^# parallel:' "$t"; then queue=parallel; fi
		add $queue "$t" bash "$t" "$build/bpftoll"
	done
fi
if [ "$what" = unit ] || [ "$what" = all ]; then
	add_units "$build"
fi
finish
if [ "$what" = all ] && [ -n "$sanitized" ]; then
	for f in $(programs "$sanitized/tests/fuzz" fuzz_); do
		add parallel "$f" bash tests/fuzz/short.sh "$f"
	done
fi
if [ -n "$sanitized" ]; then
	add_units "$sanitized"
	finish
fi

echo
echo "slowest:"
sort -rn "$out/results"/* | head -n 10 | awk '{printf "%6d s  %s\n", $1, substr($0, index($0, $5))}'
# a test that left no result has not passed
awk -v tests=$((n - 1000)) '{ok += $2; bad += $3; skip += $4} END {
	printf "\n%d passed, %d failed, %d skipped\n", ok, bad, skip
	if (NR != tests) printf "%d of %d tests have a result\n", NR, tests
	exit bad != 0 || NR == 0 || NR != tests }' "$out/results"/*
