#!/usr/bin/env bash
# bpftoll's own programs as objects of others, in a guest with all hooks: the same instructions as they cost as ours.
. "$(dirname "$0")/../tap.sh"

kernel=6.1
programs="kprobe_empty kretprobe_empty fentry_empty raw_tp_empty"
args=() variants=()
for p in $programs; do args+=(--program "$p"); variants+=(--variant "$p"); done
if ! "$bpftoll" lab --kernel "$kernel" --object "$bpftoll" "${args[@]}" -o "$dir/foreign" >"$dir/out" 2>"$dir/err" && [ ! -e "$dir/foreign/record.json" ]; then
	skip "programs of others in a guest" "$(tail -n 1 "$dir/err")"
	done_testing
	exit
fi
"$bpftoll" lab --kernel "$kernel" "${variants[@]}" --syscall munmap_einval --syscall getppid -o "$dir/ours" >"$dir/out" 2>"$dir/err"
for p in $programs; do
	check "$p costs what it costs as ours" python3 -c 'import json,sys
def costs(where):
    return {(c["variant"], c["trigger"]): c["overhead"]["p50"]["value"] for c in json.load(open(where))["cells"]
            if c["status"] == "measured" and c["hook"] != "none"}
foreign, ours = costs(sys.argv[1]), costs(sys.argv[2])
same = [k for k in foreign if k[0] == sys.argv[3] and k in ours]
print(foreign, ours)
sys.exit(not same or any(foreign[k] != ours[k] for k in same))' "$dir/foreign/record.json" "$dir/ours/record.json" "$p"
done
done_testing
