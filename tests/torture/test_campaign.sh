#!/usr/bin/env bash
# A slice of the campaign (make torture has all of it), and that the campaign sees what is left, lost and changed.
. "$(dirname "$0")/../e2e/tap.sh"
root=$(realpath "$(dirname "$0")/../..")
campaign() { python3 "$root/tests/torture/campaign/torture.py" "$@" >"$dir/out" 2>"$dir/err"; }

if [ "$(id -u)" != 0 ] || ! command -v strace >/dev/null || ! command -v bpftool >/dev/null; then
	skip "the campaign" "needs root, strace and bpftool"
	done_testing
	exit
fi

# in the place of bpftoll: what does wrong, on purpose
# planted KIND COLUMN NAME SCRIPT: a trial with it must be told as a fault of this column
planted() {
	local kind=$1 column=$2 name=$3
	printf '#!/bin/bash\n%s\n' "$4" >"$dir/bpftoll"
	chmod 755 "$dir/bpftoll"
	campaign "$dir/bpftoll" --kind "$kind" --trial 1 --settle 0.5 --only "${5-}"; code=$?
	if [ $code = 1 ] && grep -q "^  $column: " "$dir/out"; then ok "$name is seen"; else not_ok "$name: exit $code" "$(cat "$dir/out" "$dir/err")"; fi
}
planted "damaged record" left "a file" 'touch "$TMPDIR/left"; exit 1'
planted "damaged record" left "a process" '(exec setsid sleep 60 >/dev/null 2>&1) & echo no >&2; exit 1'
planted "damaged record" left "a mount" 'mkdir "$TMPDIR/m"; mount -t tmpfs none "$TMPDIR/m"; echo no >&2; exit 1'
planted "damaged record" left "shared memory" 'touch /dev/shm/left; ipcmk -M 4096 >/dev/null; echo no >&2; exit 1'
planted "damaged record" crashed "a crash" 'kill -SEGV $$'
planted "damaged record" silent "an escape byte" 'printf "\033[31m"; exit 0'
planted "stdout" silent "an unwritten output" 'echo text 2>/dev/null; exit 0'
planted "system call, reader" silent "another output" 'echo $RANDOM$RANDOM; exit 0'
# rounds in the log that recover does not bring back
planted "kill" lost "a lost round" 'for out; do case $out in */out) mkdir -p "$out";; esac; done
case $1 in recover) exit 1;; esac
python3 -c "import struct,sys; sys.stdout.buffer.write(struct.pack(\"<IIQQ\",0x31676c72,0,0,0)*3)" >"${out%/*}/out/checkpoint"
echo "{\"conditions\": [], \"partial\": true}" >"${out%/*}/out/record.json"; exec sleep 20' "run --precision"

campaign "$bpftoll" --seed 1 --minutes 0.1 --short; code=$?
check "a slice of it: nothing is left, lost, changed or crashed" test $code = 0
[ $code = 0 ] || sed 's/^/# /' "$dir/out" "$dir/err"
done_testing
