#!/usr/bin/env bash
# Does a gate of 0 instructions hold? tests/bench/gate.sh BPFTOLL [REPETITIONS] [KERNEL]: the same object and one that is an
# instruction longer, each so often against what the object was. The first must pass and the second must fail, every time.
set -eu
bpftoll=$(realpath "$1") times=${2:-50} kernel=${3:-6.1}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for name in same more; do
	clang -O2 -g -target bpf -mcpu=v3 -I/usr/include/"$(uname -m)"-linux-gnu $([ $name = same ] || echo -DMORE) -c -o "$dir/$name.bpf.o" -x c - <<'C'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, int); __type(value, long); } calls SEC(".maps");
SEC("tp/syscalls/sys_enter_munmap") int count(void *ctx)
{
	int key = bpf_get_current_pid_tgid() >> 32;
	long one = 1, *n = bpf_map_lookup_elem(&calls, &key);
	if (n) __sync_fetch_and_add(n, 1);
	else bpf_map_update_elem(&calls, &key, &one, BPF_ANY);
#ifdef MORE
	asm volatile("r1 = 1" ::: "r1");
#endif
	return 0;
}
SEC("kprobe/__x64_sys_munmap") int entered(void *ctx) { return 0; }
SEC("fentry/__x64_sys_munmap") int trampoline(void *ctx) { return 0; }
char _license[] SEC("license") = "GPL";
C
done
lab() { "$bpftoll" lab --kernel "$kernel" --object "$dir/$1.bpf.o" -o "$dir/out" "${@:2}" >"$dir/text" 2>"$dir/err"; }
"$bpftoll" lab --kernel "$kernel" --object "$dir/same.bpf.o" -o "$dir/base" >"$dir/text" 2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }
passed=0 failed=0 other=0
for _ in $(seq "$times"); do
	rm -rf "$dir/out"; code=0; lab same --against "$dir/base" || code=$?
	if [ $code = 0 ]; then passed=$((passed + 1)); else other=$((other + 1)); cat "$dir/text" "$dir/err"; fi
	rm -rf "$dir/out"; code=0; lab more --against "$dir/base" || code=$?
	if [ $code = 3 ]; then failed=$((failed + 1)); else other=$((other + 1)); cat "$dir/text" "$dir/err"; fi
done
echo "gate of 0 on $kernel: the same object passed $passed of $times times, one more instruction failed $failed of $times times"
[ $other = 0 ]
