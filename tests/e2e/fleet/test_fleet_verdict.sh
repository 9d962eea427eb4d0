#!/usr/bin/env bash
# Records of made-up machines, judged together from folders and from a database.
# parallel: reads records only
. "$(dirname "$0")/../tap.sh"
root=$(cd "$(dirname "$0")/../../.." && pwd)

python3 - "$root/tests/records/quick/record.json" "$dir" <<'PY'
import json, os, sys

def write(folder, record):
    os.makedirs(folder)
    json.dump(record, open(folder + "/record.json", "w"))

def scale(effect, times):
    for end, value in (effect or {}).items():
        if value is not None:
            effect[end] = value * times

# two types: one of three machines, twenty times as dear as the other, of one machine; two boots each
for cpu, machines, times in ("Dear CPU", 3, 20), ("Lone CPU", 1, 1):
    for machine in range(machines):
        for boot in range(2):
            r = json.load(open(sys.argv[1]))
            r["host"].update(cpu=cpu, node=f"{cpu} {machine}", boot=f"{cpu} {machine} {boot}")
            r["created"] = f"2026-11-2{boot}T0{machine}:00:00Z"
            for cell in r["cells"]:
                for bound in "p99_bound", "p99_least":
                    scale(cell.get(bound), times * (1 + machine / 50 + boot / 100))
            write(f"{sys.argv[2]}/fleet/{cpu}/{machine}/{boot}", r)
os.makedirs(sys.argv[2] + "/fleet/damaged")
open(sys.argv[2] + "/fleet/damaged/record.json", "w").write('{"schema": "bpftoll/1",')

# twelve kernels; from 6.10 on one configuration is dearer
for minor in range(3, 15):
    r = json.load(open(sys.argv[1]))
    r["host"].update(kernel=f"6.{minor}.0", node="n", boot=str(minor))
    r["created"] = f"2026-11-{minor:02}T00:00:00Z"
    for cell in r["cells"]:
        scale(cell["overhead"]["typical"], 1 + minor % 5 / 100)
        if cell["variant"] == "raw_tp_ringbuf":
            scale(cell["overhead"]["typical"], 1.5 if minor >= 10 else 1)
    write(f"{sys.argv[2]}/kernels/6.{minor}", r)
PY
cd "$dir" || exit 1
asked() { exits "$1" "$2" "$bpftoll" verdict "${@:3}" --variant tracepoint_ringbuf --wakeup-policy none --json; }
# says EXPRESSION: of the answer a
says() { check "$1" python3 -c "import json, sys
a = json.load(open('$dir/out')); rows = {t['key']: t['rows'] for t in a['tables']}
assert $2, json.dumps(a, indent=1)"; }

asked 3 "a type that is RED" --fleet fleet
says "each type by itself" "[(r['type'], r['machines']['value'], r['boots']['value'], r['result']['text']) for r in rows['types']] == [('A', 3, 6, 'RED'), ('B', 1, 2, 'INCONCLUSIVE')]"
says "one machine's interval is of its next boot" "[r['holds_for'] for r in rows['types']] == ['next machine', 'next boot']"
says "the damaged record is named" "[r['where'] for r in rows['gaps']] == ['damaged/record.json']"
exits 1 "a folder without records" "$bpftoll" verdict --fleet kernels/none

# What a campaign asked for and has no record of: lost, failed, without its record, not made yet.
python3 - <<'PY'
import json, os
tasks = [{"node": f"n{i}", "boot": 1, "run": 1} for i in range(1, 6)]
tasks[0].update(job="1_1", lost="the machine failed (Slurm: NODE_FAIL)")
json.dump({"schema": "bpftoll-campaign/1", "id": "0", "slurm": True, "boots": 1, "repeat": 1, "argv": ["run"],
           "tasks": tasks}, open("fleet/campaign.json", "w"))
for node, code, why in ("n2", 2, "no such hook"), ("n3", 0, ""), ("n4", 0, ""):
    os.makedirs(f"fleet/{node}/boot-1")
    json.dump({"code": code, "why": why, "boot_id": node}, open(f"fleet/{node}/boot-1/run-1.ended", "w"))
os.renames("fleet/Lone CPU/0/1", "fleet/n4/boot-1/run-1")
PY
asked 3 "a campaign with gaps" --fleet fleet
says "each is named with its reason" "[(r['where'], r['why']['text'][:24]) for r in rows['gaps'] if r['where'][0] == 'n'] == [('n1 boot 1 run 1', 'lost: the machine failed'), ('n2 boot 1 run 1', 'failed: exit 2: no such '), ('n3 boot 1 run 1', 'has ended, and its recor'), ('n5 boot 1 run 1', 'has no result yet (bpfto')]"
mkdir bare
exits 0 "a report with a section on them" env PATH="$dir/bare" "$bpftoll" report "$root/tests/records/quick" --fleet fleet -o report
check "has its machine types" grep -q '^| A | .*next machine | ' report/report.md
check "and its gaps" grep -q '^- n1 boot 1 run 1: lost: the machine failed' report/report.md
exits 2 "--fleet without -o" "$bpftoll" report "$root/tests/records/quick" --fleet fleet
mkdir lost; cp fleet/campaign.json lost
exits 1 "a campaign without any record" "$bpftoll" verdict --fleet lost
check "says how many are missing" grep -q '5 runs of its campaign are missing' err
rm fleet/campaign.json
exits 2 "-o without a fleet" "$bpftoll" verdict -o page kernels/6.3
exits 2 "no record at all" "$bpftoll" verdict

"$bpftoll" store add --db db fleet/*/* kernels >"$dir/out" 2>&1
asked 1 "a database that is not there" --store --db none.db
check "it is not made" test ! -e none.db
asked 2 "a filter that is none" --store --db db 'colour=red'
asked 1 "a filter that nothing passes" --store --db db 'cpu~Absent'
asked 3 "the type asked for" --store --db db 'cpu~Dear'
says "is all there is" "[r['machines']['value'] for r in rows['types']] == [3]"
mv "fleet/Dear CPU/0" away
asked 3 "records that went away since" --store --db db 'cpu~Dear'
says "are named" "len(rows['gaps']) == 2 and [r['machines']['value'] for r in rows['types']] == [2]"

exits 0 "kernels" "$bpftoll" compare --series kernel --variant 'raw_tp_*' kernels --json
says "the step is found where it is" "{(r['configuration'].split('/')[0], r['since']) for r in rows['changes']} == {('raw_tp_ringbuf', '6.10.0')}"
exits 0 "the same from the database" "$bpftoll" compare --series kernel --variant 'raw_tp_*' --store --db db 'suite=quick' 'kernel~6.3' --json
says "one kernel is too few" "'changes' not in rows and rows['untested']"
exits 0 "two kernels of one machine" "$bpftoll" compare --store --db db kernel=6.9.0 kernel=6.12.0 --variant 'raw_tp_*' --json
says "one boot a side shows nothing of the next" "all(r['change']['reason'] == 'withheld' for r in rows['changes'])"
exits 0 "two months" "$bpftoll" compare --store --db db since=2026-11-03,until=2026-11-10,cpu!='Dear CPU',cpu!='Lone CPU' since=2026-11-10,cpu!='Dear CPU',cpu!='Lone CPU' --variant 'raw_tp_*' --json
says "boots of one machine: the planted change and no other" "{r['configuration'].split('/')[0] for r in rows['changes'] if r['result'] != 'not shown' and 'mark' in str(r['result'])} == {'raw_tp_ringbuf'}"
exits 2 "one side of a database" "$bpftoll" compare --store --db db kernel=6.9.0
exits 1 "a side that is empty" "$bpftoll" compare --store --db db kernel=6.9.0 kernel=7
exits 2 "a gate on a series" "$bpftoll" compare --series day --fail-above 5% kernels
exits 2 "one side" "$bpftoll" compare kernels/6.3
done_testing
