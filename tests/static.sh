#!/usr/bin/env bash
# The static checks as TAP: tests/static.sh BUILD. With ALL=1 clang-tidy reads every file, else those
# that were changed since main.
n=0
for what in check-format check-layout check-tidy; do
	n=$((n + 1))
	if log=$(make -s -k --no-print-directory -j"$(nproc)" B="$1" CC=gcc "$what" 2>&1); then
		echo "ok $n - $what"
		echo "$log" | grep '^# '
	else
		echo "not ok $n - $what"
		echo "$log" | tail -n 40
	fi
done
echo "1..$n"
