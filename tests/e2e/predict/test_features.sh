#!/usr/bin/env bash
# lab --features: the classes of one stepped hit add up to what the guest's clock counted. One guest more than a lab's.
# parallel: measures in guests
. "$(dirname "$0")/../tap.sh"
exits 2 "not of an object" "$bpftoll" lab --features --object /dev/null -o "$dir/bad"
exits 2 "not beside an X-ray" "$bpftoll" lab --features --xray kprobe_empty -o "$dir/bad"
if [ "$(uname -m)" != x86_64 ] || ! command -v qemu-system-x86_64 >/dev/null; then
	skip "a guest" "nothing to boot with"; done_testing; exit 0
fi
"$bpftoll" lab --kernel 6.1 --syscall munmap_einval --variant raw_tp_empty --variant kprobe_empty --variant kretprobe_empty \
	--features -o "$dir/lab" >"$dir/out" 2>"$dir/err"; code=$?
if [ "$code" = 4 ] && ! [ -e "$dir/lab/record.json" ]; then
	skip "a guest" "$(tail -n 1 "$dir/err")"; done_testing; exit 0
fi
# what python says of the record's features, f by variant, and typical, t by variant
features() {
	python3 - "$dir/lab/record.json" "$1" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))
f = {c["variant"]: c["features"] for c in r["cells"] if c.get("features")}
t = {c["variant"]: c["overhead"]["typical"]["value"] for c in r["cells"]}
def own(x): return sum(v for k, v in x.items() if k not in ("instructions", "taken", "retpoline", "return_thunk"))
print(eval(sys.argv[2]))
PY
}
holds() { check "$1" test "$(features "$2" 2>&1)" = True; }
check "it ends well" test "$code" = 0
holds "all variants have features" 'sorted(f) == ["kprobe_empty", "kretprobe_empty", "raw_tp_empty"]'
holds "the classes add up" 'all(own(x) == x["instructions"] for x in f.values())'
holds "to what the clock counted" 'all(f[v]["instructions"] == t[v] for v in f)'
holds "all of them known" 'all(x["unknown"] == 0 for x in f.values())'
holds "calls and returns pair" 'all(f[v]["call"] + f[v]["indirect"] == f[v]["returns"] for v in ("kprobe_empty", "raw_tp_empty"))'
holds "but for a kretprobe's" 'f["kretprobe_empty"]["returns"] == f["kretprobe_empty"]["call"] + f["kretprobe_empty"]["indirect"] + 1'
done_testing
