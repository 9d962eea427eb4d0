#!/usr/bin/env bash
# The gate on counts in guests: one more instruction fails it, the same object passes it, a hook that is gone is told with the
# kernel's words, and the files for continuous integration are what their readers take.
# parallel: measures in guests
. "$(dirname "$0")/../tap.sh"
kernel=6.1
object() { clang -O2 -g -target bpf -mcpu=v3 -I/usr/include/"$(uname -m)"-linux-gnu "${@:2}" -c -o "$dir/$1.bpf.o" -x c - <<'C'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("tp/syscalls/sys_enter_munmap") int grows(void *ctx)
{
#ifdef MORE
	asm volatile("r1 = 1" ::: "r1");
#endif
	return 0;
}
#ifdef MORE
SEC("kprobe/no_such_function") int lost(void *ctx) { return 0; }
#else
SEC("raw_tp/sys_exit") int lost(void *ctx) { return 0; }
#endif
SEC("raw_tp/sys_enter") int same(void *ctx) { return 0; }
char _license[] SEC("license") = "GPL";
C
}
object old; object new -DMORE

# ---- wrong words: nothing boots
exits 2 "--fail-above without --against" "$bpftoll" lab --kernel $kernel --object "$dir/old.bpf.o" --fail-above 3 -o "$dir/bad"
says "says what it belongs to" "belongs to --against"
exits 2 "--against without --object" "$bpftoll" lab --kernel $kernel --against "$dir/old.bpf.o" -o "$dir/bad"
exits 2 "a base that is not there" "$bpftoll" lab --kernel $kernel --object "$dir/new.bpf.o" --against "$dir/nothing" -o "$dir/bad"
mkdir "$dir/empty"
exits 2 "a base without records" "$bpftoll" lab --kernel $kernel --object "$dir/new.bpf.o" --against "$dir/empty" -o "$dir/bad"
says "says what is missing" "no record.json"
exits 2 "a limit that is none" "$bpftoll" lab --kernel $kernel --object "$dir/new.bpf.o" --against "$dir/old.bpf.o" --fail-above much -o "$dir/bad"

# ---- two guests at once
"$bpftoll" lab --kernel $kernel --object "$dir/new.bpf.o" --against "$dir/old.bpf.o" --markdown --junit "$dir/junit.xml" \
	--bencher "$dir/bencher.json" --github-benchmark "$dir/github.json" -o "$dir/gate" >"$dir/out" 2>"$dir/err"; code=$?
if ! [ -e "$dir/gate/record.json" ]; then
	skip "a gate in guests" "$(tail -n 1 "$dir/err")"; done_testing; exit
fi
check "what grew and what was lost fail" test $code = 3
says "by one instruction" "^\| grows .* \+1 \|"
says "with the kernel's words" "^- lost on .*no.?.?such.?.?function"
says "the other program is the same" "^1 of 3 results are the same"
check "the formats say the same" python3 -c 'import json, sys, xml.etree.ElementTree as x
junit, bencher, github = x.parse(sys.argv[1]).getroot(), json.load(open(sys.argv[2])), json.load(open(sys.argv[3]))
failed = {c.get("name").split("/")[0]: c.find("failure").get("type") for c in junit.iter("testcase") if c.find("failure") is not None}
assert failed == {"grows": "grew", "lost": "lost"} and junit.get("failures") == "2", failed
values = {n.split("/")[1]: m["instructions"] for n, m in bencher.items()}
assert set(values) == {"grows", "same"} and all(v["lower_value"] == v["value"] == v["upper_value"] for v in values.values()), values
assert {e["name"].split("/")[1]: e["value"] for e in github} == {k: v["value"] for k, v in values.items()}
' "$dir/junit.xml" "$dir/bencher.json" "$dir/github.json"

# ---- against the records of that run: one guest
exits 0 "the same object passes a gate of 0" "$bpftoll" lab --kernel $kernel --object "$dir/old.bpf.o" --against "$dir/gate/base" --json -o "$dir/again"
check "and says so in JSON" python3 -c 'import json, sys
a = json.load(open(sys.argv[1])); assert a["kind"] == "gate" and not a["tables"][0]["rows"], a' "$dir/out"
done_testing
