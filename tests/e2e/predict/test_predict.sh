#!/usr/bin/env bash
# predict: planted prices come back through records and tables, and what it refuses. Needs no privilege.
# parallel: reads and makes records only
. "$(dirname "$0")/../tap.sh"

lab=reports/examples/features
run=reports/examples/run
other=tests/records/run
prices=reports/examples/calibrate

# plant NAME EXPRESSION: the example run with the costs of a known machine: 0.2 ns an instruction, 8 ns a return or
# indirect branch, 20 ns a clock read, as suite calibrate measured them there too; EXPRESSION changes the run r, the
# lab's record l and the prices s
plant() {
	mkdir -p "$dir/$1/run" "$dir/$1/lab" "$dir/$1/prices"
	python3 - "$dir/$1" "$lab" "$run" "$prices" "${2-}" <<'PY'
import json, random, sys
at, lab, run, prices, change = sys.argv[1:]
l, r, s = (json.load(open(p + "/record.json")) for p in (lab, run, prices))
random.seed(1)
features = {c["variant"]: c["features"] for c in l["cells"] if c.get("features")}
branches = lambda f: f["returns"] + f["indirect"]
truth = lambda f: 0.2 * (f["instructions"] - f["thunk"] - branches(f) - f["clock"]) + 8 * branches(f) + 20 * f["clock"]
for c in r["cells"]:
    if c["status"] == "measured" and c["variant"] in features:
        ns = truth(features[c["variant"]]) * random.gauss(1, 0.01)
        c["overhead"]["typical"] = {"value": ns, "lo": ns * 0.98, "hi": ns * 1.02}
known = {"call_return": 8.2, "indirect_call_return": 16, "rdtsc": 20, "pushf_popf": 0.4, "iret": 2}
for p in s["instruction_prices"]:
    ns = known.get(p["name"], 0.2)
    p["bent"] = False
    p["ns"] = p["between"] = {"value": ns, "lo": ns * 0.99, "hi": ns * 1.01}
exec(change)
for name, record in (("run", r), ("lab", l), ("prices", s)):
    json.dump(record, open(f"{at}/{name}/record.json", "w"))
print(round(truth(features["kprobe_perf"])))
PY
}
predict() { "$bpftoll" predict "$dir/$1/run" "$dir/$1/prices" --lab "$dir/$1/lab" "${@:2}"; }

truth=$(plant planted)
exits 0 "planted prices" predict planted --full
says "of straight code" "plain, loads, stores.* 0\.20 ns"
says "of branches" "returns +(8|8\.0[0-9]*|7\.9[0-9]*) ns"
says "an exception has no price" "kprobe_int3: no price for user access switches"
says "nor have calls that do not pair" "kretprobe, fexit: no price for unpaired calls or returns"
range=$(grep -E "^ +kprobe_perf " "$dir/out" | tr -d , | grep -oE "[0-9]+\.\.[0-9]+")
if [ -n "$range" ] && [ "${range%..*}" -le "$truth" ] && [ "${range#*..}" -ge "$truth" ]; then ok "the truth is in its range"
else not_ok "the truth is in its range" "$truth, not in '$range'"; fi
check "nothing that was measured is predicted" test -z "$(grep -E "^ +(raw_tp|tp_btf|tracepoint)_perf " "$dir/out")"
signed() { test -z "$(grep -E "[0-9]\.\.[0-9]" "$dir/out" | grep -vE "≈ ?[0-9]")"; }
check "every figure of a prediction has its sign" signed
exits 0 "one screen" predict planted
says "the answer first" "^Answer +kprobe ≈ [0-9]+\.\.[0-9]+ ns"
check "of 25 lines" test "$(wc -l <"$dir/out")" -le 25
check "and 80 columns" python3 -c 'import sys; sys.exit(max(len(l.rstrip("\n")) for l in open(sys.argv[1])) > 80)' "$dir/out"
check "why hooks are withheld, once" test "$(grep -c "kretprobe.*: no price" "$dir/out")" = 1
exits 0 "as JSON" predict planted --json
check "of its schema" python3 -m jsonschema -i "$dir/out" reports/answer.schema.json
check "with all programs, and no value that could be taken for a measurement" python3 - "$dir/out" <<'PY'
import json, sys
tables = {t["key"]: t["rows"] for t in json.load(open(sys.argv[1]))["tables"]}
cells = [c["predicted"] for c in tables["programs"]]
ranges = [c for c in cells if "reason" not in c]
assert len(ranges) > 20 and all(c["predicted"] and c["value"] is None and c["low"] < c["high"] for c in ranges)
assert all(c["reason"] == "withheld" for c in cells if "reason" in c)
PY
exits 0 "one hook" predict planted --hook fentry --full
check "no other one" test -z "$(grep -E "^ +kprobe(_perf)? " "$dir/out")"
exits 2 "a hook that there is not" predict planted --hook "$(printf "\033[31m")"
exits 0 "validation" predict planted --validate
says "all of them" "Seen +21 of 21 measured costs"

# the verdict without a measurement stays what it is, and says what is predicted, and what the measured one most alike is
exits 4 "a verdict" "$bpftoll" verdict "$dir/planted/run" "$dir/planted/prices" --lab "$dir/planted/lab"
says "stays inconclusive" "Decision +INCONCLUSIVE: skipped here"
says "with the prediction as its trail" "Predicted  ≈ [0-9]+\.\.[0-9]+ ns, nobody woken; (the measured one most alike is RED|what verdict that would be is open)"
exits 4 "with all tables" "$bpftoll" verdict --full "$dir/planted/run" "$dir/planted/prices" --lab "$dir/planted/lab"
says "it is there as a whole" "^  predicted +≈ [0-9]+\.\.[0-9]+ ns, nobody woken;"
exits 4 "without the lab" "$bpftoll" verdict "$dir/planted/run"
check "nothing is predicted" test -z "$(grep "≈" "$dir/out")"

# what the run lacks stands in its table, and says that it is not measured
exits 0 "a report" "$bpftoll" report "$dir/planted/run" --predict-with "$dir/planted/prices" --lab "$dir/planted/lab"
says "with the hook beside those measured" " kprobe +≈[0-9]+\.\.[0-9]+ "
says "called not measured" "≈, in ns: predicted by instructions of kernel 6\.18, not measured;"
says "and those that have no price" "Withheld +kprobe_offset, kprobe_int3, kretprobe, fexit: no price"
check "nothing measured is predicted" test -z "$(grep -E "^ +(raw_tp|tp_btf|tracepoint) .*≈" "$dir/out")"
check "every range has its sign" signed
check "and no table of helpers" test -z "$(grep "Prices of helpers" "$dir/out")"
exits 0 "its JSON" "$bpftoll" report --json "$dir/planted/run" --predict-with "$dir/planted/prices" --lab "$dir/planted/lab"
check "is of its schema" python3 -m jsonschema -i "$dir/out" reports/answer.schema.json
check "and marks what is predicted" python3 - "$dir/out" <<'PY'
import json, sys
rows = {r["hook"]: r for t in json.load(open(sys.argv[1]))["tables"] if t["key"] == "costs" for r in t["rows"]}
assert rows["kprobe"]["empty"]["predicted"] and rows["kprobe"]["empty"]["value"] is None
assert not any("predicted" in c for h in ("raw_tp", "tp_btf", "tracepoint") for c in rows[h].values() if isinstance(c, dict))
PY
exits 0 "without the lab" "$bpftoll" report "$dir/planted/run"
check "nothing is predicted" test -z "$(grep "≈" "$dir/out")"

# the report that is signed has it as well: on its first page and in the table of hooks
exits 0 "the report" "$bpftoll" report "$dir/planted/run" --lab "$dir/planted/lab" --predict-with "$dir/planted/prices" -o "$dir/signed"
first() { sed '/^# 1\. /q' "$dir/signed/report.md"; }
check "decides as without" grep -q "^\*\*Decision: INCONCLUSIVE: .*Predicted, not measured: \*≈ [0-9]*\.\.[0-9]* ns\*" <(first)
check "has the hooks that were not measured" grep -qE "^\| kprobe \| - \| \*≈ [0-9]+\.\.[0-9]+\* \|" "$dir/signed/report.md"
check "and no prediction of those that were" test -z "$(grep -E "^\| (raw_tp|tp_btf|tracepoint) .*≈" "$dir/signed/report.md")"
check "says why others have none" grep -q "^- No range for kretprobe: no price for unpaired" "$dir/signed/report.md"
check "in sentences that can be read" test -z "$(python3 tests/e2e/read/reading.py "$dir/signed/report.md")"

# a run that has the hook: never both
plant both 'for c in r["cells"]:
    if c["variant"] in ("kprobe_empty", "kprobe_ringbuf", "kprobe_perf") and c["trigger"] == "munmap_einval":
        like = next(x for x in r["cells"] if x["variant"] == c["variant"].replace("kprobe", "raw_tp") and
                    x["trigger"] == c["trigger"] and x["drain"] == c["drain"] and x["cache"] == c["cache"])
        c.update({k: v for k, v in like.items() if k not in ("id", "variant", "hook", "mechanism")})' >/dev/null
exits 0 "a run with kprobes" "$bpftoll" report "$dir/both/run" --predict-with "$dir/both/prices" --lab "$dir/both/lab"
check "has its measurement alone" test -z "$(grep -E "^ +kprobe .*≈" "$dir/out")"
says "which is there" "^ +kprobe +[0-9.]+ ±"
exits 0 "nor does predict" predict both --full
check "predict what was measured" test -z "$(grep -E "^ +kprobe_(empty|ringbuf|perf) " "$dir/out")"

plant noisy 'for c in r["cells"]:
    t = c["overhead"]["typical"] if c["status"] == "measured" else None
    if t and c["hook"] == "tracepoint": t.update({k: 2.2 * v for k, v in t.items() if v is not None})' >/dev/null
exits 0 "a hook that is off" predict noisy
says "makes ranges that are withheld" "Withheld +kprobe, kprobe_multi, fentry: the range would span a factor of"
says "and says so first" "Answer +no range"
check "and shows none" test -z "$(grep -E "≈ ?[0-9]+\.\." "$dir/out")"

off() { local row; row=$(grep -F "| $1" README.md); tr -s ' \n' ' ' <"$dir/out" | sed -nE 's/.*off by ([0-9]+ %) \(median\), ([0-9]+ %) at most.*/\1, \2/p' | { read -r seen; [[ $row == *"| $seen |" ]]; }; }
exits 0 "prices of instructions in user space" "$bpftoll" predict $run $prices --lab $lab --validate
says "narrow the ranges" "Range +0\.7[0-9] to 1\.[23][0-9] times"
says "which hold" "Seen +21 of 21 measured costs"
check "as README has it" off AMD
exits 0 "another machine without such prices" "$bpftoll" predict $run $prices $other --lab $lab --validate
check "says nothing of errors with them" test -z "$(grep "other machines" "$dir/out")"
exits 0 "another machine's errors" "$bpftoll" predict $run $other --lab $lab --validate
says "scale the ranges" "errors on other( machines|$)"
says "and hold" "Seen +21 of 21 measured costs"
exits 0 "the other way round" "$bpftoll" predict $other $run --lab $lab --validate
says "and hold too" "Seen +9 of 9 measured costs"
check "as README has it too" off Intel

# another kernel executes 100 loads more and 10 stores less: 18 ns; this one without mitigations the same branches, which
# cost between straight code and what they cost here
mkdir "$dir/newer" "$dir/off"
python3 - "$dir" <<'PY'
import json, sys
def planted(name, change):
    lab = json.load(open(f"{sys.argv[1]}/planted/lab/record.json"))
    change(lab)
    json.dump(lab, open(f"{sys.argv[1]}/{name}/record.json", "w"))
def newer(lab):
    lab["host"]["kernel"] = "6.19.1"
    for f in (c["features"] for c in lab["cells"] if c.get("features")):
        f.update(load=f["load"] + 100, store=f["store"] - 10, instructions=f["instructions"] + 90)
def off(lab):
    lab["host"]["cmdline"] += " mitigations=off"
    for f in (c["features"] for c in lab["cells"] if c.get("features")):
        f.update(instructions=f["instructions"] - f["thunk"], thunk=0, retpoline=0)
planted("newer", newer)
planted("off", off)
PY
exits 0 "what another kernel would change, on a screen" predict planted --changes --lab "$dir/newer" --lab "$dir/off"
check "of 25 lines" test "$(wc -l <"$dir/out")" -le 25
says "says which way" "of 20 hooks alone, by kernel: 10 dearer, 0 cheaper, 10 cheaper or the"
exits 0 "as JSON" predict planted --changes --json --lab "$dir/newer" --lab "$dir/off"
check "of its schema" python3 -m jsonschema -i "$dir/out" reports/answer.schema.json
check "with all rows, and no value that could be taken for a measurement" python3 - "$dir/out" <<'PY'
import json, sys
rows = next(t["rows"] for t in json.load(open(sys.argv[1]))["tables"] if t["key"] == "changes")
assert len(rows) == 20
new = [r for r in rows if r["kernel"] == "6.19"]
assert all(r["empty_instructions"]["value"] == 90 for r in new)
assert all(r[k]["predicted"] and r[k]["value"] is None and r[k]["low"] < 18 < r[k]["high"] for r in new for k in ("empty", "perf", "ringbuf"))
PY
exits 0 "one hook" predict planted --changes --hook fentry --lab "$dir/newer"
says "and no other" "of 1 hook alone"
exits 0 "what another kernel would change" predict planted --changes --full --lab "$dir/newer" --lab "$dir/off"
changes() { grep -oE "^ +$1 +$2 +[-+0-9]+ +≈[-+0-9.]+" "$dir/out" | sed 's/.*≈//; s/\.\./ /; s/+//g'; }
holds() { read -r lo hi < <(changes "$1" "$2"); test -n "$hi" && awk "BEGIN { exit !($lo <= $3 && $3 <= $hi && $hi - $lo < $4) }"; }
check "is in a narrow range" holds 6.19 kprobe 18 8
check "also where a cost has no price" holds 6.19 kprobe_int3 18 8
saved=$(python3 -c 'import json, sys
f = next(c["features"] for c in json.load(open(sys.argv[1]))["cells"] if c["variant"] == "kprobe_empty" and c.get("features"))
print(-7.8 * (f["returns"] + f["indirect"]))' "$dir/off/record.json")
check "without mitigations: down to branches as straight code" holds "6.18 off" kprobe "$saved" 200
check "or nothing" holds "6.18 off" kprobe 0 200
says "as bounds" "mitigations=off: bounds"
says "with what was seen" "Seen +28 of 28 differences"
check "in 80 columns" python3 -c 'import sys; sys.exit(max(len(l) for l in open(sys.argv[1])) > 81)' "$dir/out"
exits 2 "no other kernel" predict planted --changes
exits 2 "nor with one" predict planted --changes --kernel 6.19 --lab "$dir/newer"

refuses() {
	plant "$1" "$2" >/dev/null
	exits "${4-4}" "$1" predict "$1"
	says "$1: why" "$3"
	# a report is made all the same, without a prediction
	"$bpftoll" report "$dir/$1/run" --lab "$dir/$1/lab" >"$dir/report" 2>&1
	check "$1: nothing in a report" test $? -eq 0 -a -z "$(grep "≈" "$dir/report")"
}
refuses architecture 'l["host"]["arch"] = "aarch64"' "counted instructions of aarch64, the run is of x86_64"
refuses version 'l["version"] = "0.0.1"' "their programs may differ"
refuses series 'l["host"]["kernel"] = "5.10.1"' "no --lab record has the instructions of kernel 6\.18" 2
refuses mitigations 'l["host"]["cmdline"] += " mitigations=off"' "counted with other mitigations"
refuses features 'for c in l["cells"]: c.pop("features", None)' "no instructions by class"
refuses hooks 'r["cells"] = [c for c in r["cells"] if c["hook"] != "tracepoint"]' "takes 3 hooks and 2 mechanisms"
refuses nothing 'r["cells"] = []' "0 hooks with 0 mechanisms were measured"
refuses damage 'for c in l["cells"]:
    if c.get("features"): c["features"].update(plain=None, load=1e300)' "0 hooks with 0 mechanisms were measured"
refuses sizes 'for c in r["cells"]:
    if c["hook"] != "none" and c["status"] == "measured": c["overhead"]["typical"] = {"value": 1e308, "lo": -1e308, "hi": 1.7e308}' "0 hooks with 0 mechanisms were measured"
# what is given beside the run
exits 0 "the same machine twice" "$bpftoll" predict $run $run $prices --lab $lab
says "is left out" "of the same kind of CPU as a run before it: left out"
says "and adds no machine" "\(2 seen, on 1 machine\)"
exits 0 "prices and a machine, of a report" "$bpftoll" report $run --lab $lab --predict-with $prices --predict-with $other
says "are taken" "^ +kprobe +≈[0-9]+\.\.[0-9]+ "
exits 1 "a lab's record is no run" "$bpftoll" report $run --lab $lab --predict-with $lab
says "and says so" "counts instructions, no time"
exits 2 "run looks before it measures" "$bpftoll" run --lab "$dir/none"
exits 2 "no lab" "$bpftoll" predict $run
exits 2 "no run" "$bpftoll" predict --lab $lab
exits 2 "no series" "$bpftoll" predict $run --lab $lab --kernel new
done_testing
