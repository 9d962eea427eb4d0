#!/usr/bin/env bash
# bpftoll's own programs as objects of others, in a guest with all hooks: the same instructions as they cost as ours.
# parallel: measures in guests
. "$(dirname "$0")/../tap.sh"

kernel=6.1
programs="kprobe_empty kretprobe_empty fentry_empty raw_tp_empty"
args=() variants=()
for p in $programs; do args+=(--program "$p"); variants+=(--variant "$p"); done
# the object alone: the program holds others with programs of these names, copies that count their runs among them
object=$(dirname "$bpftoll")/bpf/programs/probes_munmap.bpf.o
if ! "$bpftoll" lab --kernel "$kernel" --object "$object" "${args[@]}" -o "$dir/foreign" >"$dir/out" 2>"$dir/err" && [ ! -e "$dir/foreign/record.json" ]; then
	skip "programs of others in a guest" "$(tail -n 1 "$dir/err")"
	done_testing
	exit
fi
"$bpftoll" lab --kernel "$kernel" "${variants[@]}" --variant kprobe_as_written --wakeup-policy none --syscall munmap_einval --syscall getppid -o "$dir/ours" >"$dir/out" 2>"$dir/err"
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
# ---- the probe under test, written out and compiled on its own
clang -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -I/usr/include/"$(uname -m)"-linux-gnu -c -o "$dir/alone.bpf.o" -x c - <<'C'
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1024); __type(key, __u32); __type(value, __u32); } monitored SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 4); } events SEC(".maps");
struct event { __u32 pid, tgid; __u64 bytes_freed, timestamp_ns; __u32 event_type, padding; };
__u64 dropped;
SEC("kprobe/__x64_sys_munmap") int kprobe_as_written(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 pid = id >> 32, tgid = (__u32)id;
	if (!bpf_map_lookup_elem(&monitored, &pid))
		return 0;
	__u64 len = PT_REGS_PARM2(ctx), now = bpf_ktime_get_ns();
	struct event e = {.pid = pid, .tgid = tgid, .bytes_freed = len, .timestamp_ns = now, .event_type = 1};
	if (bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &e, sizeof(e)))
		__sync_fetch_and_add(&dropped, 1);
	return 0;
}
char _license[] SEC("license") = "Dual BSD/GPL";
C
exits 0 "an object whose map names the caller" "$bpftoll" lab --kernel "$kernel" --object "$dir/alone.bpf.o" --monitor monitored -o "$dir/alone"
check "kprobe_as_written costs what it costs as ours" python3 -c 'import json,sys
def cost(where): return next(c["overhead"]["p50"]["value"] for c in json.load(open(where))["cells"] if c["variant"] == "kprobe_as_written" and c["trigger"] == "munmap_einval")
print(cost(sys.argv[1]), cost(sys.argv[2])); sys.exit(cost(sys.argv[1]) != cost(sys.argv[2]))' "$dir/alone/record.json" "$dir/ours/record.json"
done_testing
