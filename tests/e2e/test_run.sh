#!/usr/bin/env bash
# Real probes on the real kernel: rows, event accounting, signals, a full disk.
. "$(dirname "$0")/tap.sh"
run=("$bpftoll" run --full --variant raw_tp_empty --variant raw_tp_ringbuf --trigger munmap_einval --drain idle
	--rounds 10 --calls 200 --seed 7)

if [ "$(id -u)" != 0 ]; then
	skip "measuring" "not root"; done_testing; exit 0
fi
"${run[@]}" -o "$dir/run" >"$dir/out" 2>"$dir/err"; code=$?
if [ "$code" = 4 ]; then
	skip "measuring" "nothing can be measured here: $(grep -m1 -i 'skipped' "$dir/out")"
	done_testing; exit 0
fi
# field CELL EXPRESSION: what python's json says of one cell
field() { python3 -c 'import json,sys
r=json.load(open(sys.argv[1]+"/record.json")); c=[c for c in r["cells"] if c["id"]==sys.argv[2]][0]
print(eval(sys.argv[3]))' "$@"; }

check "a run ends well" test "$code" = 0
check "the table names the probe" grep -q "raw_tp_empty" "$dir/out"
check "the table has a null test" grep -q "null test" "$dir/out"
# rounds beside a neighbour may be left out, but whole ones, and nine stay
check "every call is kept" test "$(field "$dir/run" raw_tp_empty/munmap_einval/-/stirred \
	'c["n"]+c["migrated"]==2000 or (c["stratum"]=="uncontended" and (c["n"]+c["migrated"])%200==0 and c["n"]+c["migrated"]>=1800)')" = True
check "hits are counted" test "$(field "$dir/run" raw_tp_empty/munmap_einval/-/stirred 'c["hits"]["counted"]>=c["hits"]["expected"]==64')" = True
check "all events are accounted for" test "$(field "$dir/run" raw_tp_ringbuf/munmap_einval/idle/stirred 'c["events"]["produced"]==c["events"]["received"]+c["events"]["lost"]>2000')" = True
quiet "a probe costs more than nothing" "$dir/run" test "$(field "$dir/run" raw_tp_ringbuf/munmap_einval/idle/stirred 'c["overhead"]["p50"]["lo"]>0')" = True
check "raw readings are kept" test -s "$dir/run/samples/raw_tp_empty.munmap_einval.-.stirred.gz"
taskset -c 0 "$bpftoll" run --full --variant raw_tp_empty --trigger munmap_einval --rounds 8 --calls 64 -o "$dir/one" >"$dir/one.out" 2>"$dir/err"
check "one CPU does, and the run says what that costs" grep -q 'one CPU: programs are loaded' "$dir/one.out"
check "nothing is world-writable" test -z "$(find "$dir/run" -perm -o+w)"
check "the seed is kept" test "$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["seed"])' "$dir/run/record.json")" = 7
"$bpftoll" report --full "$dir/run" >"$dir/again"
check "report prints the same table" diff <(cat "$dir/out") "$dir/again"
check "as Markdown" grep -q "^|" <("$bpftoll" report --markdown "$dir/run")
check "as CSV, a line a result" test "$("$bpftoll" report --csv "$dir/run" | wc -l)" -ge 4
check "the programs" grep -qE "^  raw_tp_ringbuf +none( +[0-9]+){6}$" <("$bpftoll" report --programs "$dir/run")
exits 1 "a folder with a record is not written over" "${run[@]}" -o "$dir/run"
says "and says so" "record already"
# what belongs to the process that makes the calls: its pages, which every other syscall works on
exits 0 "madvise on pages of its own" "$bpftoll" run --variant raw_tp_ringbuf --trigger 'madvise_*_4k' --drain idle --rounds 4 --calls 64 \
	--cache hot -o "$dir/madvise"
for trigger in madvise_dontneed_4k madvise_free_4k; do
	check "$trigger: calls and events agree" test "$(field "$dir/madvise" raw_tp_ringbuf/$trigger/idle/hot \
		'c["hits"]["counted"]>=c["hits"]["expected"]==64 and c["events"]["produced"]==c["events"]["received"]+c["events"]["lost"]>=256')" = True
done

# a stop in the middle: finished cells kept
"$bpftoll" run --variant 'raw_tp_empty' --trigger munmap_einval --seconds 3000 -o "$dir/stopped" >"$dir/out" 2>"$dir/err" &
pid=$!
# enough rounds for an interval, seen on disk and not waited for by the clock
while kill -0 $pid 2>/dev/null && [ "$(stat -c %s "$dir/stopped/samples/raw_tp_empty.munmap_einval.-.stirred.gz" 2>/dev/null || echo 0)" -lt 20000 ]; do sleep 0.05; done
kill -INT $pid
wait $pid; code=$?
check "SIGINT ends with 130" test "$code" = 130
check "the record says partial" test "$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["partial"])' "$dir/stopped/record.json")" = True
check "finished results are kept" test "$(field "$dir/stopped" raw_tp_empty/munmap_einval/-/stirred 'c["status"]')" = measured

check "so are the rounds of the worker that was at work" test "$(field "$dir/stopped" raw_tp_empty/munmap_einval/-/stirred 'c["rounds"]>=10')" = True

# a kill: what earlier workers finished is on disk, and nothing of the last one goes on
"$bpftoll" run --variant 'raw_tp_empty' --trigger munmap_einval --seconds 16 -o "$dir/killed" >"$dir/out" 2>"$dir/err" &
pid=$!
# the record is there from the start: wait for one that has what a worker finished
while kill -0 $pid 2>/dev/null && ! grep -q '"status": "measured"' "$dir/killed/record.json" 2>/dev/null; do sleep 0.05; done
worker=$(pgrep -P $pid -f worker)
kill -KILL $pid
wait $pid 2>/dev/null
check "a killed run leaves a record that says partial" test "$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["partial"])' "$dir/killed/record.json")" = True
check "with the rounds of the workers that ended" test "$(field "$dir/killed" raw_tp_empty/munmap_einval/-/stirred 'c["status"]=="measured" and c["rounds"]>0')" = True
check "and it can be read" grep -q raw_tp_empty <("$bpftoll" report --full "$dir/killed")
# the worker may be between fork and exec, or gone: what is asked is that none of ours stays
while [ -n "$worker" ] && kill -0 "$worker" 2>/dev/null && ! grep -q 'State:.Z' "/proc/$worker/status" 2>/dev/null; do sleep 0.05; done
ok "its worker ends with it"

# every round belongs to one of several processes
check "eight workers or more" test "$(field "$dir/run" raw_tp_empty/munmap_einval/-/stirred 'c["workers"]>=8')" = True
check "a baseline behind a sham is named with its samples" test -s "$dir/run/samples/$(field "$dir/run" raw_tp_empty/munmap_einval/-/stirred 'c["baseline_samples"]')"

# a full disk: the old record survives, a new run says what is wrong
mkdir "$dir/small"
if mount -t tmpfs -o size=64k,mode=755 small "$dir/small" 2>/dev/null; then
	"${run[@]}" --rounds 400 -o "$dir/small/run" >"$dir/out" 2>"$dir/err"; code=$?
	check "a full disk is a failure" test "$code" = 1
	says "named as such" "No space left"
	umount "$dir/small"
else
	skip "a full disk" "tmpfs cannot be mounted"
fi

# --precision: the run ends when the rows have it, or at its time; the table on a terminal while it goes on
probe=(--variant raw_tp_empty --syscall getppid)
# holds RECORD EXPRESSION: of the record r and its one row c
holds() {
	python3 - "$@" <<-'PY'
	import json, sys
	r = json.load(open(sys.argv[1] + "/record.json"))
	c = [c for c in r["cells"] if c["variant"] == "raw_tp_empty"][0]
	t = c["overhead"]["typical"]
	half = (t["hi"] - t["lo"]) / 2
	sys.exit(not eval(sys.argv[2]))
	PY
}

"$bpftoll" run "${probe[@]}" --precision 30% --seconds 60 -o "$dir/wide" >"$dir/out" 2>"$dir/err"; code=$?
check "a run with a precision ends well" test "$code" = 0
check "the record has what was asked for" holds "$dir/wide" 'r["precision"]["value"] == 0.3 and r["precision"]["relative"]'
check "the row's target is a part of its value" holds "$dir/wide" 'abs(c["precision"]["target"] - 0.3 * abs(t["value"])) < 1e-6'
check "reached is what the interval says" holds "$dir/wide" 'c["precision"]["reached"] == (half <= c["precision"]["target"])'
quiet "it is reached" "$dir/wide" holds "$dir/wide" 'c["precision"]["reached"] and not r["partial"]'
# looks are at 10, 13, 17, ... processes, and at the end
quiet "and the run ended at a look, before its time" "$dir/wide" \
	holds "$dir/wide" 'c["workers"] in (10, 13, 17, 22, 28, 35) and sum(x["seconds"] for x in r["conditions"]) < 50'
check "the answer says so" grep -q "Precision.*30 % of each cost asked for" "$dir/out"

# the terminal's screen after FILE's characters; lines that were drawn and taken away again are counted
screen() {
	python3 - "$@" <<-'PY'
	import re, sys
	text = open(sys.argv[1], newline="", errors="replace").read()
	lines, row, col, drawn = [""], 0, 0, 0
	for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[^\x1b]|\x1b", text):
	    if part == "\n":
	        row += 1
	        if row == len(lines):
	            lines.append("")
	    elif part == "\r":
	        col = 0
	    elif part.endswith("A") and part[0] == "\x1b":
	        row -= int(part[2:-1])
	    elif part == "\x1b[J":
	        drawn += any("Provisional" in l for l in lines[row:])
	        lines[row:] = [lines[row][:col]]
	    elif part == "\x1b[K":
	        lines[row] = lines[row][:col]
	    elif part[0] != "\x1b":
	        lines[row] = lines[row][:col].ljust(col) + part + lines[row][col + 1:]
	        col += 1
	print("drawn", drawn)
	print("\n".join(lines))
	PY
}
command="stty cols 100 rows 40; '$bpftoll' run ${probe[*]} --precision 0.001ns --seconds 3 -o '$dir/narrow'"
check "a precision out of reach ends at its time" env TERM=xterm script -qec "$command" "$dir/tty"
check "and the record says so" holds "$dir/narrow" 'not c["precision"]["reached"] and not r["partial"] and c["workers"] >= 8'
screen "$dir/tty" >"$dir/screen"
check "on a terminal the table is drawn while it goes on" grep -qE '^drawn ([2-9]|[1-9][0-9])' "$dir/screen"
check "the last screen holds one table" test "$(grep -c '^Record ' "$dir/screen")" = 1
check "and nothing provisional" test "$(grep -c 'Provisional' "$dir/screen")" = 0
check "the row is named" grep -q 'not by raw_tp_empty' "$dir/screen"
"$bpftoll" run "${probe[@]}" --precision 0.001ns --seconds 3 -o "$dir/pipe" 2>"$dir/err" | cat >"$dir/out"
check "no cursor is moved in a pipe" test "$(grep -c $'\x1b' "$dir/out" "$dir/err" | grep -vc ':0$')" = 0
check "--full says it as well" grep -q "^  precision .*not by raw_tp_empty" <("$bpftoll" report --full "$dir/pipe")
done_testing
