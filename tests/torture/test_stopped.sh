#!/usr/bin/env bash
# What a signal leaves of a command: nothing that runs, no temporary folder.
. "$(dirname "$0")/../e2e/tap.sh"
root=$(realpath "$(dirname "$0")/../..")
example=$root/reports/examples/run
mkdir "$dir/tmp"
export TMPDIR=$dir/tmp

# until COMMAND…: tries for at most 20 s
until_true() { local i; for i in $(seq 400); do "$@" && return; sleep 0.05; done; return 1; }
empty() { [ -z "$(ls -A "$dir/tmp")" ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }
# the pid of a program that $pid has started, named as one of PATTERN, into $child
started() { child=$(pgrep -P "$pid" -x "$1" | head -n 1); [ -n "$child" ] || gone "$pid"; }

if command -v pandoc >/dev/null && command -v weasyprint >/dev/null; then
	for signal in TERM INT KILL; do
		# a command in the background of a script would ignore INT
		python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$bpftoll" report "$example" -o "$dir/report" >"$dir/out" 2>"$dir/err" &
		pid=$!
		until_true started 'pandoc|weasy.*'
		kill -STOP "$child"
		check "report runs its tools" test -n "$child"
		if [ "$(id -u)" = 0 ]; then
			check "report's tools do not run as root" test "$(stat -c %u "/proc/$child")" != 0
		fi
		kill -"$signal" "$pid"
		wait "$pid" 2>/dev/null; code=$?
		if [ "$signal" != KILL ]; then check "report: $signal ends it as stopped" test $code = 130; fi
		check "report: its tool ends with it ($signal)" until_true gone "$child"
		check "report: no temporary folder is left ($signal)" until_true empty
		check "report: no half of it is there ($signal)" test ! -e "$dir/report/report.md"
	done
else
	skip "a stopped report" "pandoc or weasyprint is not installed"
fi

# an image of a kernel that is here already; nothing is fetched
kernel=$(find "${XDG_CACHE_HOME:-$HOME/.cache}/bpftoll/kernels" /boot -name 'vmlinuz*' 2>/dev/null | grep -v arm64 | sort | head -n 1)
if [ -n "$kernel" ] && command -v qemu-system-x86_64 >/dev/null && [ "$(uname -m)" = x86_64 ]; then
	for words in "--variant raw_tp_empty" "--xray raw_tp_empty"; do
		"$bpftoll" lab --kernel "$kernel" $words -o "$dir/lab-${words:2:4}" >"$dir/out" 2>"$dir/err" &
		pid=$!
		until_true started 'qemu-system-x86'
		check "lab $words runs QEMU" test -n "$child"
		kill -KILL "$pid"
		wait "$pid" 2>/dev/null
		check "lab $words: QEMU ends with it (KILL)" until_true gone "$child"
		check "lab $words: no temporary folder is left (KILL)" until_true empty
	done
else
	skip "a killed lab" "no kernel's image or no QEMU"
fi

done_testing
