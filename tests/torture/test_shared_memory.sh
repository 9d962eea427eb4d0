#!/usr/bin/env bash
# PostgreSQL's shared memory goes with it, also when it does not end by itself and its keeper kills it. In namespaces of the test's own, so that whatever
# is left in /dev/shm or as System V segments is this test's.
if [ "$(id -u)" = 0 ] && [ "${1-}" != inside ]; then
	exec unshare --mount --ipc --propagation private bash -c 'mount -t tmpfs none /dev/shm && exec bash "$0" inside "$@"' "$0" "$@"
fi
[ "${1-}" != inside ] || shift
. "$(dirname "$0")/../e2e/tap.sh"
root=$(realpath "$(dirname "$0")/../..")
if [ "$(id -u)" != 0 ] || ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then
	skip "shared memory of PostgreSQL" "needs root and PostgreSQL"
	done_testing
	exit
fi
export TMPDIR=$dir/tmp
mkdir -m 1777 "$TMPDIR"
chmod 755 "$dir"
shared() { find /dev/shm -mindepth 1; tail -n +2 /proc/sysvipc/shm; }
ended() { timeout 60 bash -c 'while pgrep -f "$0/" >/dev/null; do sleep 0.05; done' "$dir"; }
# a stopped server heeds no signal but SIGKILL
stop_server() { kill -STOP "$(head -n 1 "$(find "$TMPDIR" -name postmaster.pid)")"; }
for moment in loaded stopped; do
	"$bpftoll" run --app postgres --scale tiny --variant raw_tp_ringbuf --price "$root/tests/records/run" --rounds 100000 -o "$dir/out" >"$dir/log" 2>&1 & pid=$!
	until pgrep -f "pgbench .*$TMPDIR" >/dev/null; do kill -0 $pid || break; sleep 0.05; done
	[ $moment = loaded ] || check "the server is stopped" stop_server
	check "PostgreSQL is $moment" kill -0 $pid
	kill -KILL $pid; wait $pid 2>/dev/null
	check "its keeper ends it" ended
	check "and nothing is left in shared memory" test -z "$(shared)"
	check "nor in its folder" test -z "$(ls -A "$TMPDIR")"
	rm -rf "$dir/out"
done
done_testing
