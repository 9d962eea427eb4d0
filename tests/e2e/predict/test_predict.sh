#!/usr/bin/env bash
# predict: planted prices come back through records and tables, and what it refuses. Needs no privilege.
# parallel: reads and makes records only
. "$(dirname "$0")/../tap.sh"

lab=reports/examples/features
run=reports/examples/run
other=tests/records/run

# plant NAME EXPRESSION: the example run with the costs of a known machine: 0.2 ns an instruction, 8 ns a return or
# indirect branch, 20 ns a clock read; EXPRESSION changes the run r, the lab's record l, and kprobe's cost
plant() {
	mkdir -p "$dir/$1/run" "$dir/$1/lab"
	python3 - "$dir/$1" "$lab" "$run" "${2-}" <<'PY'
import json, random, sys
at, lab, run, change = sys.argv[1:]
l, r = (json.load(open(p + "/record.json")) for p in (lab, run))
random.seed(1)
features = {c["variant"]: c["features"] for c in l["cells"] if c.get("features")}
branches = lambda f: f["returns"] + f["indirect"]
truth = lambda f: 0.2 * (f["instructions"] - f["thunk"] - branches(f) - f["clock"]) + 8 * branches(f) + 20 * f["clock"]
for c in r["cells"]:
    if c["status"] == "measured" and c["variant"] in features:
        ns = truth(features[c["variant"]]) * random.gauss(1, 0.01)
        c["overhead"]["typical"] = {"value": ns, "lo": ns * 0.98, "hi": ns * 1.02}
exec(change)
for name, record in (("run", r), ("lab", l)):
    json.dump(record, open(f"{at}/{name}/record.json", "w"))
print(round(truth(features["kprobe_perf"])))
PY
}
predict() { "$bpftoll" predict "$dir/$1/run" --lab "$dir/$1/lab" "${@:2}"; }

truth=$(plant planted)
exits 0 "planted prices" predict planted
says "of straight code" "^ +Prices +0\.2 ns each: plain, loads, stores"
says "of branches" "8 ns each: indirect branches, returns"
says "an exception has no price" "kprobe_int3, 9 programs: .*2 x exceptions"
says "nor have calls that do not pair" "kretprobe, 9 programs: 1 x calls or returns without their counterpart"
range=$(grep -E "^ +kprobe +perf " "$dir/out" | tr -d , | grep -oE "[0-9]+\.\.[0-9]+")
if [ -n "$range" ] && [ "${range%..*}" -le "$truth" ] && [ "${range#*..}" -ge "$truth" ]; then ok "the truth is in its range"
else not_ok "the truth is in its range" "$truth, not in '$range'"; fi
check "nothing that was measured is predicted" test -z "$(grep -E "^ +(raw_tp|tp_btf|tracepoint) +perf " "$dir/out")"
check "every figure of a prediction has its sign" test -z "$(grep -E "[0-9]+\.\.[0-9,]+ ns" "$dir/out" | grep -v "≈")"
exits 0 "one hook" predict planted --hook fentry
check "no other one" test -z "$(grep -E "^ +kprobe " "$dir/out")"
exits 2 "a hook that there is not" predict planted --hook "$(printf "\033[31m")"
exits 0 "validation" predict planted --validate
says "all of them" "Seen +21 of 21 measured costs"

# the verdict without a measurement stays what it is, and says which way the prediction leans
exits 4 "a verdict" "$bpftoll" verdict "$dir/planted/run" --lab "$dir/planted/lab"
says "stays inconclusive" "Decision +INCONCLUSIVE: skipped here"
says "with the prediction as its trail" "Predicted  kprobe_as_written ≈ [0-9]+\.\.[0-9]+ ns typical"
exits 4 "without the lab" "$bpftoll" verdict "$dir/planted/run"
check "nothing is predicted" test -z "$(grep "≈" "$dir/out")"

exits 0 "a report" "$bpftoll" report "$dir/planted/run" --lab "$dir/planted/lab"
says "with the hooks alone" "Predicted kprobe ≈ [0-9]+\.\.[0-9]+"
check "and no table of helpers" test -z "$(grep "Prices of helpers" "$dir/out")"
exits 0 "its JSON" "$bpftoll" report --json "$dir/planted/run" --lab "$dir/planted/lab"
check "is of its schema" python3 -m jsonschema -i "$dir/out" reports/answer.schema.json

plant noisy 'for c in r["cells"]:
    t = c["overhead"]["typical"] if c["status"] == "measured" else None
    if t and c["hook"] == "tracepoint": t.update({k: 2.2 * v for k, v in t.items() if v is not None})' >/dev/null
exits 0 "a hook that is off" predict noisy
says "makes ranges that are withheld" "kprobe, 11 programs: the range would span a factor of"
check "and shows none" test -z "$(grep "≈ [0-9]*\.\." "$dir/out")"

exits 0 "another machine's errors" "$bpftoll" predict $run $other --lab $lab --validate
says "scale the ranges" "errors on other machines alone"
says "and hold" "Seen +21 of 21 measured costs"
off() { local row; row=$(grep -F "| $1" README.md); tr -s ' \n' ' ' <"$dir/out" | sed -nE 's/.*off by ([0-9]+ %) \(median\), ([0-9]+ %) at most.*/\1, \2/p' | { read -r seen; [[ $row == *"| $seen |" ]]; }; }
check "as README has it" off AMD
exits 0 "the other way round" "$bpftoll" predict $other $run --lab $lab --validate
says "and hold too" "Seen +9 of 9 measured costs"
check "as README has it too" off Intel

refuses() {
	plant "$1" "$2" >/dev/null
	exits "${4-4}" "$1" predict "$1"
	says "$1: why" "$3"
}
refuses architecture 'l["host"]["arch"] = "aarch64"' "counted instructions of aarch64, the run is of x86_64"
refuses version 'l["version"] = "0.0.1"' "their programs may differ"
refuses series 'l["host"]["kernel"] = "5.10.1"' "no --lab record is of kernel 6\.18" 2
refuses mitigations 'l["host"]["cmdline"] += " mitigations=off"' "counted with other mitigations"
refuses features 'for c in l["cells"]: c.pop("features", None)' "no instructions by class"
refuses hooks 'r["cells"] = [c for c in r["cells"] if c["hook"] != "tracepoint"]' "takes 3 hooks and 2 mechanisms"
refuses nothing 'r["cells"] = []' "too few"
refuses damage 'for c in l["cells"]:
    if c.get("features"): c["features"].update(plain=None, load=1e300)' "too few"
refuses sizes 'for c in r["cells"]:
    if c["hook"] != "none" and c["status"] == "measured": c["overhead"]["typical"] = {"value": 1e308, "lo": -1e308, "hi": 1.7e308}' "too few"
exits 2 "no lab" "$bpftoll" predict $run
exits 2 "no run" "$bpftoll" predict --lab $lab
exits 2 "no series" "$bpftoll" predict $run --lab $lab --kernel new
done_testing
