#!/usr/bin/env bash
# Suite events on the real kernel: small sweeps, event accounting to the event, wrong usage. No figure of time is judged.
. "$(dirname "$0")/tap.sh"
events=("$bpftoll" run --full --suite events)

# what needs no privilege
for bad in "--rate 0" "--rate -5" "--rate 1e12" "--rate nan"; do
	exits 2 "$bad" "${events[@]}" $bad -o "$dir/no"
	says "$bad: the valid range is named" "not within 1 and [0-9]+"
done
exits 2 "a rate that is no number" "${events[@]}" --rate soon -o "$dir/no"
exits 2 "a buffer that is no power of two" "${events[@]}" --buffer 12288 -o "$dir/no"
says "the valid sizes are named" "power of two of pages, [0-9]+ to 16777216"
exits 2 "a buffer too large" "${events[@]}" --buffer 33554432 -o "$dir/no"
says "the largest is named" "16777216"
lockable=$((65536 + 1024 * $(cat /proc/sys/kernel/perf_event_mlock_kb) * $(nproc --all)))
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && [ "$lockable" -lt 16777216 ]; then
	exits 2 "a buffer beyond what may be locked" setpriv --bounding-set -ipc_lock \
		bash -c "ulimit -l 64; exec \"\$@\"" - "${events[@]}" --buffer 16777216 -o "$dir/no"
	says "the limit is named" "without CAP_IPC_LOCK at most [0-9]+"
else
	skip "a buffer beyond what may be locked" "not root, no setpriv, or the kernel lets every buffer be locked"
fi
exits 2 "a wrong scenario" "${events[@]}" --scenario sweeps -o "$dir/no"
says "the nearest is named" "nearest: sweep"
exits 2 "a wrong wakeup policy" "${events[@]}" --drain bsy -o "$dir/no"
exits 2 "a program that sends nothing" "${events[@]}" --variant raw_tp_empty -o "$dir/no"
exits 2 "a syscall that runs no probe" "${events[@]}" --trigger getppid -o "$dir/no"
exits 2 "too many rounds" "${events[@]}" --rounds 1000 -o "$dir/no"
exits 2 "its options with another suite" "$bpftoll" run --suite quick --rate 1000 -o "$dir/no"
exits 2 "an exposure with another" "$bpftoll" run --suite helpers --exposure 1 -o "$dir/no"
exits 2 "its options alone take it" "$bpftoll" run --scenario sweeps -o "$dir/no"
says "which is said" "to --suite events, which is run"
exits 2 "an N that is no power of two" "${events[@]}" --wake-every 100 -o "$dir/no"
exits 2 "another N for prices, which have theirs" "$bpftoll" run --suite helpers --wake-every 128 -o "$dir/no"
check "nothing was made" test ! -e "$dir/no"

if [ "$(id -u)" != 0 ]; then
	skip "measuring" "not root"; done_testing; exit 0
fi
# rows EXPRESSION: python's answer for all rows p of the record in $dir/$1
rows() { python3 -c 'import json,sys
r=json.load(open(sys.argv[1]+"/record.json")); ps=r["event_points"]; m=[p for p in ps if p["status"]=="measured"]
print(eval(sys.argv[2]))' "$dir/$1" "$2"; }
balance='all(p["produced"]==p["received"]+p["lost_full"]+p["lost_missed"] for p in m) and all(p["produced"]==p["calls"] for p in m if p["variant"]!="none")'

"${events[@]}" --variant raw_tp_perf --variant raw_tp_ringbuf --drain none --drain idle --drain sampled \
	--rate 1000 --rate 10000 --seconds 1 --scenario sweep --seed 3 -o "$dir/sweep" \
	>"$dir/out" 2>"$dir/err"; code=$?
if [ "$code" = 4 ]; then
	skip "measuring" "nothing can be measured here: $(head -c 200 "$dir/err" | tr '\n' ' ')"
	done_testing; exit 0
fi
check "a sweep ends well" test "$code" = 0
check "it is whole" test "$(rows sweep 'r["partial"]')" = False
check "no probe, and each buffer in each state, at each rate" test "$(rows sweep 'len(ps)')" = $((2 * (1 + 2 * 3)))
check "every id is there once" test "$(rows sweep 'len({p["id"] for p in ps})==len(ps)')" = True
check "all events are accounted for" test "$(rows sweep "$balance")" = True
check "where nobody reads all is lost" test "$(rows sweep 'all(p["lost_full"]==p["calls"] for p in m if p["drain"]=="none")')" = True
check "rates are not beaten" test "$(rows sweep 'all(p["rate_achieved"]<1.01*p["rate_target"] for p in m)')" = True
check "readings are there" test "$(rows sweep 'all(p["call_p50"]["value"]>0 and p["due_p50"]["value"]>0 and p["lag_p50"]>=0 for p in m)')" = True
check "each row says how its events were read" test "$(rows sweep 'sorted({(p["drain"],p["reader"]["wake"],p["reader"]["wait"],p["reader"]["every"]) for p in m if p["variant"]!="none"})==[("idle","never","caller",0),("none","default","none",0),("sampled","every","edge",64)]')" = True
check "short windows bound no loss" test "$(rows sweep 'all(p["exposure_s"] is None for p in ps)')" = True
"$bpftoll" report --full "$dir/sweep" >"$dir/again"
check "report prints the same" diff <(cat "$dir/out") "$dir/again"

# one window that could lose; N of sampled is in the name
if [ "$(nproc)" -gt 1 ]; then
	"${events[@]}" --variant raw_tp_perf --drain caught_up --rate 20000 --rounds 2 --scenario sweep --exposure 1 \
		-o "$dir/exposure" >"$dir/out" 2>"$dir/err"
	check "an exposure stands in the sweep's row" test "$(rows exposure '[p["exposure_produced"]>0 and p["exposure_lost"]<=p["exposure_produced"] and p["buffer_fills"]>0 for p in m if p["drain"]=="caught_up"]')" = "[True]"
	check "a second is no bound" grep -q "not shown" "$dir/out"
	"${events[@]}" --variant raw_tp_ringbuf --drain sampled --wake-every 16 --rate 10000 --seconds 1 --scenario sweep \
		-o "$dir/every" >"$dir/out" 2>"$dir/err"
	check "another N, another name" test "$(rows every '{(p["drain"],p["reader"]["every"]) for p in m if p["variant"]!="none"}')" = "{('sampled_16', 16)}"
	check "what p99 is then is said" grep -q "1 call in 16 wakes the reader" "$dir/out"
fi

# loss by force
"${events[@]}" --variant raw_tp_ringbuf --scenario burst -o "$dir/burst" >"$dir/out" 2>"$dir/err"
check "bursts: all events are accounted for" test "$(rows burst "$balance")" = True
check "a burst beyond 4 KiB is lost in part" test "$(rows burst '[p["lost_full"]>0 for p in m if p["id"].endswith("/4K/100000")]')" = "[True]"
check "memory is what the kernel takes" test "$(rows burst 'all(p["memory_bytes"]>p["buffer_bytes"] for p in m)')" = True

# several producers, policies, the flood
"${events[@]}" --variant 'raw_tp_*' --scenario contention --rounds 2 -o "$dir/contention" >"$dir/out" 2>"$dir/err"
check "contention: all events are accounted for" test "$(rows contention "$balance")" = True
check "one producer and one on each CPU" test "$(rows contention 'sorted({p["producers"] for p in m})[-1]')" = "$(nproc)"
check "each buffer with and without a reader" test "$(rows contention 'len({(p["body"],p["drain"]) for p in m})')" = 9
check "a table of them" grep -q "Contention: several producers" "$dir/out"
"${events[@]}" --variant 'raw_tp_*' --scenario wakeup --rate 100000 --rounds 2 -o "$dir/wakeup" >"$dir/out" 2>"$dir/err"
check "wakeup policies: all events are accounted for" test "$(rows wakeup "$balance")" = True
check "every policy has its row" test "$(rows wakeup 'len({(p["body"],p["policy"]) for p in ps if p["scenario"]=="wakeup"})')" = 17
check "who is never woken never was" test "$(rows wakeup 'all(p["wakeups"]==0 for p in m if "NO_WAKEUP" in p["policy"])')" = True
if [ "$(nproc)" -gt 1 ]; then
	check "a table of the cheapest" grep -q "The cheapest policy for a rate" "$dir/out"
	"${events[@]}" --scenario flood --rounds 2 -o "$dir/flood" >"$dir/out" 2>"$dir/err"
	check "flood: all events are accounted for" test "$(rows flood 'all(p["produced"]==p["received"]+p["lost_full"]+p["lost_missed"]==p["calls"]*p["burst"] for p in m if p["scenario"]=="flood")')" = True
	check "a reader reads" test "$(rows flood 'all(p["throughput"]["value"]>0 for p in m)')" = True
fi

# a stop in the middle keeps what was finished; $dir/err may still hold the last run's messages
"${events[@]}" --variant 'raw_tp_*' --seconds 3000 -o "$dir/stopped" >"$dir/out" 2>"$dir/stopped.err" &
pid=$!
while kill -0 $pid 2>/dev/null && ! grep -qs "sweep" "$dir/stopped.err"; do sleep 0.1; done
kill -INT $pid; wait $pid
check "a stop exits with 130" test $? = 130
check "and leaves a partial record" test "$(rows stopped 'r["partial"]')" = True
done_testing
