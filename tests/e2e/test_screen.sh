#!/usr/bin/env bash
# What commands print by default is one screen, 25 lines of 80 columns, and the same as JSON satisfies reports/answer.schema.json.
# On a terminal it has the terminal's width and colours.
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C.UTF-8 TERM=xterm
python=/usr/bin/python3 # Debian's, which has python3-jsonschema
run=reports/examples/run events=reports/examples/events
old=tests/records/run old_events=tests/records/events

# fits FILE [COLUMNS [LINES]]
fits() {
	local lines columns
	read -r lines columns < <(wc -lL <"$1")
	[ "$lines" -gt 0 ] && [ "$lines" -le "${3:-25}" ] && [ "$columns" -le "${2:-80}" ] && return
	echo "$lines lines, $columns columns"; cat "$1"; return 1
}
plain() { ! grep -q $'\e' "$1"; }
# valid FILE: by the schema; else the first faults and where they are
valid() { "$python" -c '
import json, sys
from jsonschema import Draft202012Validator
schema = json.load(open("reports/answer.schema.json"))
Draft202012Validator.check_schema(schema)
faults = list(Draft202012Validator(schema).iter_errors(json.load(open(sys.argv[1]))))
for f in faults[:5]: print(f.json_path, f.message[:300])
sys.exit(bool(faults))' "$1"; }
if "$python" -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null; then schema=yes; fi
# screen NAME COMMAND…: verdicts may exit with 3 and 4
screen() {
	local name=$1; shift
	"$bpftoll" "$@" >"$dir/screen" 2>"$dir/err"
	check "$name: 25 lines of 80 columns" fits "$dir/screen"
	check "$name: no escapes in a pipe" plain "$dir/screen"
	"$bpftoll" "$@" --json >"$dir/json" 2>"$dir/err"
	if [ -n "$schema" ]; then check "$name: JSON by the schema" valid "$dir/json"
	else skip "$name: JSON by the schema" "no python3-jsonschema"; fi
}

for record in reports/examples/*/record.json tests/records/*/record.json; do
	screen "report $(dirname "$record")" report "$(dirname "$record")"
done
screen "verdict" verdict $run $events
screen "verdict of a record of 0.1" verdict $old $old_events
screen "verdict of what was asked for" verdict --variant 'tp_btf_*' --wakeup-policy per-event $old
screen "verdict of nothing" verdict --variant 'nothing_*' $run
screen "verdict of events alone" verdict $events
screen "compare" compare $run $run
screen "compare, with the gate" compare --fail-above 5% $old $old
screen "compare of counts" compare reports/examples/lab reports/examples/lab
check "the decision comes first" test "$("$bpftoll" verdict $run $events | sed -n 2p | cut -c1-23)" = "Decision   INCONCLUSIVE"
# a record of the same probes, dearer, of which the tool says so
mkdir "$dir/dearer"
"$python" - reports/examples/lab/record.json "$dir/dearer/record.json" <<'PY'
import json, sys
record = json.load(open(sys.argv[1]))
for cell in record["cells"]:
    if cell["hook"] == "fentry":
        for effect in cell["overhead"].values():
            effect.update({k: v + 10 for k, v in effect.items() if v is not None})
json.dump(record, open(sys.argv[2], "w"))
PY
screen "compare of counts that differ" compare reports/examples/lab "$dir/dearer"
for c in list doctor; do
	check "$c: at most 80 columns" test -z "$("$bpftoll" $c 2>/dev/null | awk 'length > 80')"
done
check "says that one run was given twice" grep -qE '^But +A and B are one and the same run' <("$bpftoll" compare $run $run)
check "says how many changed" grep -qE '^Decision +2 of 10 configurations changed: 2 dearer, 0 cheaper' <("$bpftoll" compare reports/examples/lab "$dir/dearer")
check "and by how much" grep -qE "fentry_ringbuf, none +munmap_einval +498 +508 +[+]10 +[+]2.01 %" <("$bpftoll" compare reports/examples/lab "$dir/dearer")
# names of any length and of any characters
mkdir "$dir/hostile"
"$python" - $run/record.json "$dir/hostile/record.json" <<'PY'
import json, sys
record = json.load(open(sys.argv[1]))
record["host"]["cpu"] = "\x1b[31mCPU\n" + "x" * 300
for cell in record["cells"]:
    if cell["hook"] == "kprobe":
        cell["reason"] = "\x1b]0;title\x07 reason\u202e"
json.dump(record, open(sys.argv[2], "w"))
PY
"$bpftoll" verdict "$dir/hostile" >"$dir/screen"
check "what a record says moves no cursor" plain "$dir/screen"

for c in run list doctor selfcheck report verdict compare export restore lab completions; do
	"$bpftoll" $c --help >"$dir/screen"
	check "$c --help has 80 columns" fits "$dir/screen" 80 200
done
exits 2 "one form at a time" "$bpftoll" verdict --json --full $run
exits 2 "one form at a time" "$bpftoll" compare --json --markdown $run $run

# on a terminal: its width, from 80 to 200, and colours unless they are not wanted
# terminal COLUMNS COMMAND
terminal() { script -qec "stty cols $1; $2" /dev/null </dev/null | tr -d '\r' >"$dir/screen"; sed 's/\x1b\[[0-9;]*m//g' "$dir/screen" >"$dir/text"; }
if command -v script >/dev/null; then
	for columns in 60 80 100 200 250; do
		terminal $columns "$bpftoll verdict $run $events"
		width=$((columns < 80 ? 80 : columns > 200 ? 200 : columns))
		check "$columns columns: no line is longer than $width" fits "$dir/text" $width
		cp "$dir/text" "$dir/at$columns"
	done
	check "less than 80 is 80" cmp "$dir/at60" "$dir/at80"
	check "a wider terminal has fewer lines" test "$(wc -l <"$dir/at200")" -le "$(wc -l <"$dir/at80")"
	check "a pipe has 80" cmp "$dir/at80" <("$bpftoll" verdict $run $events)
	terminal 80 "$bpftoll verdict $run $events"
	check "colours on a terminal" eval '! plain "$dir/screen"'
	terminal 80 "$bpftoll verdict --color never $run $events"
	check "--color never has none" plain "$dir/screen"
	terminal 80 "NO_COLOR=1 $bpftoll verdict $run $events"
	check "NO_COLOR has none" plain "$dir/screen"
	terminal 80 "TERM=dumb $bpftoll verdict $run $events"
	check "a dumb terminal has none" plain "$dir/screen"
	terminal 80 "NO_COLOR=1 $bpftoll verdict --color always $run $events"
	check "--color always comes before NO_COLOR" eval '! plain "$dir/screen"'
else
	skip "on a terminal" "no script (bsdutils)"
fi
"$bpftoll" verdict --color always $run $events >"$dir/screen"
check "--color always in a pipe" eval '! plain "$dir/screen"'

if [ "$(id -u)" != 0 ]; then
	skip "a run" "not root"; done_testing; exit 0
fi
# short_run SUITE OPTION…
short_run() {
	local suite=$1 code; shift
	"$bpftoll" run --suite $suite --seconds 3 "$@" -o "$dir/$suite" >"$dir/screen" 2>"$dir/err"; code=$?
	if [ "$code" = 4 ]; then skip "run --suite $suite" "nothing can be measured here: $(tail -n 1 "$dir/err")"; return; fi
	check "run --suite $suite ends well" test "$code" = 0
	check "run --suite $suite: 25 lines of 80 columns" fits "$dir/screen"
	check "run --suite $suite: report says the same" cmp "$dir/screen" <("$bpftoll" report "$dir/$suite")
	screen "report of it" report "$dir/$suite"
}
short_run quick --variant 'raw_tp_*' --syscall munmap_einval --syscall getppid
short_run events --variant 'raw_tp_*' --scenario sweep --rate 10000 --wakeup-policy per-event --wakeup-policy none
done_testing
