#!/usr/bin/env bash
# Real programs at a tiny scale: each starts, is measured and is gone; so it is after SIGINT and SIGKILL.
. "$(dirname "$0")/tap.sh"
# programs run as somebody else, who must reach their folders
chmod 711 "$dir"
export TMPDIR="$dir/tmp"
mkdir -m 711 "$TMPDIR"

exits 2 "an unknown program" "$bpftoll" run --suite apps --app rediss
says "the nearest is named" "nearest: redis"
exits 2 "exec without a command" "$bpftoll" run --suite apps --app exec
says "how to give one" "-- COMMAND"
exits 2 "a command without exec" "$bpftoll" run --suite apps --app redis -- true
exits 2 "pid without one" "$bpftoll" run --suite apps --app pid
exits 2 "an unknown scale" "$bpftoll" run --suite apps --scale big
exits 2 "its options take the suite" "$bpftoll" run --app rediss
says "which is said" "to --suite apps, which is run"
exits 2 "its options with another suite" "$bpftoll" run --suite quick --app redis
says "which is named" "--app belongs to --suite apps"
exits 2 "options of two suites" "$bpftoll" run --rate 1000 --app redis
says "both are named" "--app belongs to --suite apps, --rate to --suite events"
exits 2 "what an application cannot be told" "$bpftoll" run --suite apps --trigger munmap_4k
if [ "$(id -u)" != 0 ]; then
	skip "measuring" "not root"; done_testing; exit 0
fi

# the prices of calls once, for all that follows
"$bpftoll" run --full --variant raw_tp_ringbuf --variant raw_tp_lookup_miss --trigger munmap_einval --trigger getppid \
	--drain idle --drain caught_up --rounds 10 --calls 200 -o "$dir/prices" >"$dir/out" 2>"$dir/err"; code=$?
if [ "$code" = 4 ]; then
	skip "measuring" "nothing can be measured here: $(grep -m1 -i 'skipped' "$dir/out")"
	done_testing; exit 0
fi
tiny=("$bpftoll" run --full --suite apps --scale tiny --variant raw_tp_ringbuf --price "$dir/prices" --seed 7)

# row FOLDER ID EXPRESSION: of one row `a` of a record
row() { python3 -c 'import json,sys
r=json.load(open(sys.argv[1]+"/record.json")); a=[a for a in r["app_results"] if a["id"]==sys.argv[2]]
print(eval(sys.argv[3], {"a": a[0] if a else None}))' "$@"; }
# A killed bpftoll's keepers end after it: all that has this test's folder in its command line must end by itself.
nothing_left() {
	local left
	DIR="$dir" timeout 60 bash -c 'while pgrep -f "$DIR/" >/dev/null; do sleep 0.05; done'
	left=$(find "$TMPDIR" -mindepth 1; pgrep -af "$dir/")
	[ -z "$left" ] || { echo "left: $left"; return 1; }
}

# Of each program that works in a folder of TMPDIR, a line: user, group, further groups, no_new_privs, names of its environment
inside() {
	local p who names
	find /proc -maxdepth 2 -path '/proc/[0-9]*/cwd' -lname "$TMPDIR/*" 2>/dev/null | while read -r p; do
		p=${p%/cwd}
		[ "$(readlink "$p/exe")" != "$bpftoll" ] || continue
		who=$(awk '/^(Uid|Gid):/ { printf "%s %s %s %s,", $2, $3, $4, $5 } /^Groups:/ { printf "groups%s,", substr($0, 9) }
			/^NoNewPrivs:/ { print $2 }' "$p/status")
		# last: one that is ending has no environment any more, and what was read before may be half of it
		names=$(tr '\0' '\n' <"$p/environ" | grep -oE '^[A-Z_]+=' | sort | tr -d '\n')
		[ -z "$names" ] || echo "$who $names"
	done 2>/dev/null | sort -u
}

for app in redis postgres python node sysbench; do
	"${tiny[@]}" --app $app --rounds 2 -o "$dir/$app" >"$dir/out" 2>"$dir/err"; code=$?
	reason=$(row "$dir/$app" $app/none/-/throughput 'a["reason"]')
	case $reason in
	*"not installed"*) skip "$app" "$reason"; continue ;;
	esac
	if [ "$code" != 0 ]; then not_ok "$app ends well (exit $code)" "$reason $(tail -n 5 "$dir/err")"; continue; fi
	ok "$app ends well"
	check "$app did something" test "$(row "$dir/$app" $app/none/-/throughput 'a["value"]["value"]>0')" = True
	check "$app: its syscalls are counted" test "$(row "$dir/$app" $app/counting/-/syscalls_per_s 'a["value"]["value"]>0')" = True
	quiet "$app: nothing is lost" "$dir/$app" test "$(row "$dir/$app" $app/raw_tp_ringbuf/hit/events_lost 'a is None or a["value"]["value"]==0')" = True
	quiet "$app: measured beside predicted" "$dir/$app" test "$(row "$dir/$app" $app/raw_tp_ringbuf/hit/throughput \
		'a["windows"]==4 and None not in a["change"].values() and None not in a["predicted"].values()')" = True
	check "$app: the table has it" grep -qE "^  all_probes +hit" "$dir/out"
	check "$app: nothing is left" nothing_left
done
if [ -s "$dir/redis/record.json" ] && [ "$(row "$dir/redis" redis/none/-/evictions_per_s 'a is not None')" = True ]; then
	check "redis evicts" test "$(row "$dir/redis" redis/none/-/evictions_per_s 'a["value"]["value"]>0')" = True
fi
if [ "$(row "$dir/postgres" postgres/none/-/buffer_evictions_per_s 'a is not None')" = True ]; then
	check "postgres churns" test "$(row "$dir/postgres" postgres/none/-/buffer_evictions_per_s 'a["value"]["value"]>0')" = True
fi
check "python collects garbage" test "$(row "$dir/python" python/all_probes/hit/pause_p50 'a["baseline"]["value"]>0')" = True

# commands of the user's own: no shell sees them
exits 0 "exec" "${tiny[@]}" --app exec --rounds 2 -o "$dir/exec" -- python3 -c 'import mmap
for i in range(2000): mmap.mmap(-1, 4096).close()' '$(touch /nonexistent)' ';'
check "its events are received" test "$(row "$dir/exec" exec/raw_tp_ringbuf/hit/events_per_s 'a["value"]["value"]>0')" = True
exits 4 "a command that fails" "${tiny[@]}" --app exec --rounds 2 -o "$dir/fails" -- ls "$dir/no-such-file"
check "its last lines are told" grep -q "ls ended with status 2.*no-such-file" <(row "$dir/fails" exec/none/-/throughput 'a["reason"]')
exits 4 "a command that is not there" "${tiny[@]}" --app exec --rounds 2 -o "$dir/missing" -- "$dir/no-such-program"
says "says so" "no-such-program is not installed"
exits 0 "one fails, the other goes on" "${tiny[@]}" --app exec --app sysbench --rounds 2 -o "$dir/both" -- false
check "nothing is left" nothing_left

# a running process; then one that dies
python3 -c 'import mmap
while True: mmap.mmap(-1, 4096).close()' &
pid=$!
exits 0 "pid" "${tiny[@]}" --pid $pid --rounds 2 -o "$dir/pid"
check "its munmaps are seen" test "$(row "$dir/pid" pid/raw_tp_ringbuf/hit/munmap_per_s 'a["value"]["value"]>0')" = True
check "it lives on" kill -0 $pid
"${tiny[@]}" --pid $pid --rounds 100000 -o "$dir/died" >"$dir/out" 2>"$dir/died.err" & run=$!
# its first turns are in the record, and stay
until grep -qs '"quantity"' "$dir/died/record.json"; do sleep 0.05; kill -0 $run || break; done
kill -KILL $pid; wait $pid 2>/dev/null
wait $run; code=$?
check "a process that dies" test "$code" = 0
check "is said" grep -q "pid ended before its time (.*No such process" "$dir/died/record.json"
check "its windows until then are kept" test "$(row "$dir/died" pid/raw_tp_ringbuf/hit/munmap_per_s 'a["status"]')" = measured
sleep 60 & pid=$!
kill -KILL $pid; wait $pid 2>/dev/null
exits 4 "a process that is gone" "${tiny[@]}" --pid $pid --rounds 2 -o "$dir/gone"
check "says so" grep -q "there is no process" <(row "$dir/gone" pid/none/-/throughput 'a["reason"]')

# stopped in the middle: nothing is left, by SIGINT and by SIGKILL
u=$(id -u nobody) g=$(id -g nobody)
for signal in INT KILL; do
	for app in redis postgres; do
		SUDO_UID=0 SUDO_GID=0 OURS=ours "${tiny[@]}" --app $app --rounds 100000 -o "$dir/$app-$signal" >"$dir/out" 2>"$dir/err" & run=$!
		# its folder is there, and its load runs
		until pgrep -f "(redis-benchmark|pgbench) .*$TMPDIR" >/dev/null; do sleep 0.05; kill -0 $run || break; done
		[ $signal = KILL ] || inside >"$dir/$app.who"
		kill -$signal $run; wait $run 2>/dev/null; code=$?
		check "$app, SIG$signal: nothing is left" nothing_left
		[ $signal = KILL ] && continue
		check "$app, SIGINT ends with 130" test "$code" = 130
		check "$app runs as nobody, with his rights alone" grep -q "^$u $u $u $u,$g $g $g $g,groups *,1 " "$dir/$app.who"
		check "and all of it" test "$(grep -vc "^$u $u $u $u,$g $g $g $g,groups *,1 " "$dir/$app.who")" = 0
	done
done
for app in python node sysbench; do
	[ -s "$dir/$app/record.json" ] || continue
	(umask 077; SUDO_UID=1234 SUDO_GID=1235 OURS=ours exec "${tiny[@]}" --app $app --rounds 100000 -o "$dir/$app-who" >"$dir/out" 2>"$dir/err") & run=$!
	his="1234 1234 1234 1234,1235 1235 1235 1235,groups *,1 HOME=LC_ALL=PATH="
	# until one is met that runs
	for _ in $(seq 400); do
		inside >"$dir/$app.who"
		if grep -qxE "$his" "$dir/$app.who" || ! kill -0 $run; then break; fi
		sleep 0.05
	done
	kill -INT $run; wait $run 2>/dev/null
	check "$app runs as the caller of sudo, with his rights alone, in a closed environment" grep -xE "$his" "$dir/$app.who"
	check "$app: nobody else runs there" test "$(wc -l <"$dir/$app.who")" = 1
	check "$app: the record is his, by his umask" test "$(find "$dir/$app-who" -printf '%U:%G %m\n' | sort -u)" = $'1234:1235 600\n1234:1235 700'
done
done_testing
