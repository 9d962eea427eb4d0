#!/usr/bin/env bash
# Two measurements at once, and other tracing programs: what one sees of the other.
. "$(dirname "$0")/../e2e/tap.sh"

until_true() { local i; for i in $(seq 1200); do "$@" && return; sleep 0.05; done; return 1; }
measure() { "$bpftoll" "$@" --variant raw_tp_empty --syscall munmap_einval --calls 64; }
start() {
	"$bpftoll" run --variant raw_tp_empty --syscall munmap_einval --calls 64 --seconds 60 -o "$dir/$1" >"$dir/$1.out" 2>&1 &
	pid=$!
	until_true test -e "$dir/$1/checkpoint" || not_ok "$1 starts" "$(cat "$dir/$1.out")"
}

measure run --rounds 2 -o "$dir/try" >"$dir/out" 2>"$dir/err"; code=$?
if [ "$(id -u)" != 0 ] || [ $code = 4 ]; then skip "measurements beside each other" "$(tail -n 1 "$dir/err")"; done_testing; exit; fi

start first
exits 1 "a second measurement is refused" measure run --rounds 2 -o "$dir/second"
says "and says who measures" "process $pid measures with CPU .*run --variant raw_tp_empty.*--wait"
check "it leaves no folder" test ! -e "$dir/second"
exits 1 "selfcheck too" "$bpftoll" selfcheck --quick --trials 50
measure run --wait --rounds 2 -o "$dir/waited" >"$dir/out" 2>"$dir/err" &
waiting=$!
until_true grep -q "waiting: process $pid" "$dir/err"
kill -KILL $pid; wait $pid 2>/dev/null
wait $waiting; code=$?
check "--wait measures when the first has ended, even killed" test $code = 0 -a -e "$dir/waited/record.json"
start third
# a tracing program of another tool comes in between
cat >"$dir/load.py" <<'PY'
# loads a program (return 0) of type raw tracepoint, and keeps it until stdin ends
import ctypes, struct, sys
insns = ctypes.create_string_buffer(struct.pack("<BBhi", 0xb7, 0, 0, 0) + struct.pack("<BBhi", 0x95, 0, 0, 0))
licence = ctypes.create_string_buffer(b"GPL")
attr = ctypes.create_string_buffer(struct.pack("<IIQQIIQII16s", 17, 2, ctypes.addressof(insns), ctypes.addressof(licence), 0, 0, 0, 0, 0, b"a_stranger"), 128)
number = {"x86_64": 321, "aarch64": 280}[__import__("platform").machine()]
fd = ctypes.CDLL(None, use_errno=True).syscall(number, 5, attr, 64)
print("loaded" if fd >= 0 else "refused", flush=True)
sys.stdin.read()
PY
mkfifo "$dir/hold"
python3 "$dir/load.py" <"$dir/hold" >"$dir/stranger" &
exec 3>"$dir/hold"
until_true grep -q . "$dir/stranger"
check "a tracing program is loaded" grep -q loaded "$dir/stranger"
told() { python3 -c 'import json, sys
sys.exit(not any("came during the run" in d and "a_stranger" in d for d in json.load(open(sys.argv[1] + "/record.json"))["degraded"]))' "$dir/third"; }
check "that it came is in the record" until_true told
exec 3>&-
kill -TERM $pid; wait $pid; code=$?
check "the run ends as stopped" test $code = 130
done_testing
