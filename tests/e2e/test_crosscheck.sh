#!/usr/bin/env bash
# What other tools say: rows with figures where they are there, with the package's name where they are not.
. "$(dirname "$0")/tap.sh"

exits 2 "another wakeup policy" "$bpftoll" run --suite crosscheck --drain busy
says "names the one it knows" "none only"
exits 2 "cold calls" "$bpftoll" run --suite crosscheck --cache cold
exits 2 "a call that no probe runs in" "$bpftoll" run --suite crosscheck --trigger getppid
says "says so" "no probe runs in getppid"
exits 2 "an unknown variant" "$bpftoll" run --suite crosscheck --variant raw_tp_emty
if [ "$(id -u)" != 0 ]; then
	skip "other tools" "not root"; done_testing; exit 0
fi
run=("$bpftoll" run --suite crosscheck --variant raw_tp_empty --variant raw_tp_ringbuf --rounds 10 --calls 64)
"$bpftoll" run --suite crosscheck --variant raw_tp_lookup_hit --rounds 10 --calls 64 -o "$dir/alone" >/dev/null 2>&1
"${run[@]}" -o "$dir/run" >"$dir/out" 2>"$dir/err"; code=$?
if [ "$code" = 4 ]; then
	skip "other tools" "nothing can be measured here"; done_testing; exit 0
fi
check "a run ends well" test "$code" = 0
# row FOLDER ID EXPRESSION: of one row r of the record
row() { python3 -c 'import json,sys
r=[r for r in json.load(open(sys.argv[1]+"/record.json"))["crosschecks"] if r["id"]==sys.argv[2]][0]
print(eval(sys.argv[3]))' "$@"; }
quiet "bpf_stats always answers" "$dir/run" test "$(row "$dir/run" raw_tp_ringbuf/munmap_einval/bpf_stats 'r["status"]=="measured" and r["says"]["lo"]>0')" = True
quiet "with what bpftoll says beside it" "$dir/run" test "$(row "$dir/run" raw_tp_ringbuf/munmap_einval/bpf_stats 'r["bpftoll"]["value"] is not None')" = True
check "and why they differ" test "$(row "$dir/run" raw_tp_ringbuf/munmap_einval/bpf_stats '"dispatch" in r["why"]')" = True
check "without the empty program it names it" test "$(row "$dir/alone" raw_tp_lookup_hit/munmap_einval/bpf_stats '"raw_tp_empty" in r["why"] and "nan" not in r["why"]')" = True
for tool in bpftrace perf_stat perf_trace; do
	if [ "$(row "$dir/run" raw_tp_ringbuf/munmap_einval/$tool 'r["status"]')" = measured ]; then
		quiet "$tool says something and why it differs" "$dir/run" test "$(row "$dir/run" raw_tp_ringbuf/munmap_einval/$tool 'r["says"]["value"] is not None and len(r["why"])>40')" = True
	else
		skip "$tool" "$(row "$dir/run" raw_tp_ringbuf/munmap_einval/$tool 'r["reason"]')"
	fi
done
# without the tools: skipped rows that name the package, the rest goes on
mkdir "$dir/bin"
PATH=$dir/bin "${run[@]}" -o "$dir/none" >"$dir/out" 2>"$dir/err"; code=$?
check "without the tools a run ends well" test "$code" = 0
check "bpftrace's package is named" test "$(row "$dir/none" raw_tp_empty/munmap_einval/bpftrace '"package bpftrace" in r["reason"]')" = True
check "perf's too" test "$(row "$dir/none" raw_tp_empty/munmap_einval/perf_stat '"package linux-perf" in r["reason"]')" = True
check "bpf_stats needs none" test "$(row "$dir/none" raw_tp_empty/munmap_einval/bpf_stats 'r["status"]')" = measured
done_testing
