#!/usr/bin/env bash
# Runs every test and counts: tests/run.sh BUILD SANITIZED_BUILD. Unit tests run in both builds, end-to-end tests with
# the first. Prints failures whole, skips with their reason, and last "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/.."
build=$1 sanitized=$2
passed=0 failed=0 skipped=0
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# A TAP stream in a file -> counts; what is not "ok" is shown.
tally() {
	local name=$1 file=$2 code=$3 ok bad skip
	# cmocka writes a skipped test as "not ok N # SKIP name"
	skip=$(grep -cE '^(not )?ok .*# SKIP' "$file")
	ok=$(grep -E '^ok ' "$file" | grep -cv '# SKIP')
	bad=$(grep -E '^not ok' "$file" | grep -cv '# SKIP')
	# a crash or a sanitizer's abort prints no "not ok"
	if [ "$code" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
	# no line at all is no pass
	if [ $((ok + bad + skip)) = 0 ]; then bad=1; fi
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
	if [ "$bad" != 0 ]; then
		echo "FAIL $name (exit $code)"; sed 's/^/    /' "$file" | tail -n 60
	else
		printf 'ok   %-40s %s passed%s\n' "$name" "$ok" "$([ "$skip" != 0 ] && echo ", $skip skipped")"
		grep -hE '^# skip:|^skipped: |^ok .*# SKIP ..' "$file" | sort -u | sed 's/^/     /'
	fi
}

run() {
	local name=$1; shift
	CMOCKA_MESSAGE_OUTPUT=TAP timeout 900 "$@" >"$out/log" 2>&1
	tally "$name" "$out/log" $?
}

run "format, folders, clang-tidy" bash tests/static.sh "$build"
for dir in "$build" "$sanitized"; do
	for t in $(find "$dir/tests" -type f -name 'test_*' -perm -u+x ! -name '*.d' | sort); do
		run "$t" "$t"
	done
done
for f in $(find "$sanitized/tests/fuzz" -type f -name 'fuzz_*' -perm -u+x ! -name '*.d' | sort); do
	run "$f" bash tests/fuzz/short.sh "$f"
done
for t in tests/e2e/test_*.sh; do
	run "$t" bash "$t" "$build/bpftoll"
done
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
