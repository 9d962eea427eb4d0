#!/usr/bin/env bash
# The static checks as TAP: tests/static.sh BUILD
n=0
for what in check-format check-folders check-tidy; do
	n=$((n + 1))
	if log=$(make -s -k --no-print-directory -j2 B="$1" CC=gcc "$what" 2>&1); then
		echo "ok $n - $what"
	else
		echo "not ok $n - $what"
		echo "$log" | tail -n 40
	fi
done
echo "1..$n"
