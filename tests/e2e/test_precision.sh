#!/usr/bin/env bash
# run --precision: ends when the rows have it, or at its time; the table on a terminal while it goes on.
. "$(dirname "$0")/tap.sh"

for value in 0 0ns -1 5 5kg ns 5x% nan% ''; do
	exits 2 "--precision '$value' is wrong usage" "$bpftoll" run "--precision=$value"
	says "and says what it must be" "such as 2ns, 0.5us or 5%"
done
exits 2 "not with a number of rounds" "$bpftoll" run --precision 2ns --rounds 5
says "says what it needs" "--seconds, and not --rounds"
exits 2 "not where instructions are counted" "$bpftoll" run --precision 5% --unit instructions
exits 2 "not of other suites" "$bpftoll" run --precision 5% --suite events
says "names the suite" "not of suite events"

if [ "$(id -u)" != 0 ]; then
	skip "measuring" "not root"; done_testing; exit 0
fi
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
if [ "$code" = 4 ]; then
	skip "measuring" "nothing can be measured here"; done_testing; exit 0
fi
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
