#!/usr/bin/env bash
# Programs of others: found in files and listed without a load, refused with words, measured with each kind of hook that
# this kernel has, and gone afterwards.
. "$(dirname "$0")/../tap.sh"

cell() { python3 -c 'import json,sys
r = json.load(open(sys.argv[1] + "/record.json"))
def cell(variant): return next(c for c in r["cells"] if c["variant"] == variant)
def measured(): return [c for c in r["cells"] if c["status"] == "measured" and c.get("foreign")]
sys.exit(not eval(sys.argv[2]))' "$1" "$2"; }
object() { clang -O2 -g -target bpf -mcpu=v3 -I/usr/include/"$(uname -m)"-linux-gnu -c -o "$dir/$1.bpf.o" -x c -; }

object mine <<'C'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
const volatile int shortcut;
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, int); __type(value, long); } seen SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } out SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_STACK_TRACE); __uint(key_size, 4); __uint(value_size, 8); } sized SEC(".maps");
SEC("tp/syscalls/sys_enter_openat") int mine_enter(void *ctx)
{
	int key = 1; long one = 1;
	if (!shortcut) bpf_map_update_elem(&seen, &key, &one, BPF_ANY);
	return 0;
}
SEC("raw_tp/sys_exit") int mine_exit(void *ctx) { return 0; }
SEC("tp/syscalls/sys_enter_openat") int mine_event(void *ctx)
{
	long *e = bpf_ringbuf_reserve(&out, 40, 0);
	if (e) { *e = 1; bpf_ringbuf_submit(e, 0); }
	return 0;
}
SEC("tp/syscalls/sys_enter_swapoff") int mine_never(void *ctx) { return 0; }
SEC("uprobe/libc.so.6:setjmp") int mine_user(void *ctx) { return 0; }
SEC("xdp") int mine_packets(void *ctx) { return 2; }
char _license[] SEC("license") = "GPL";
C
object nowhere <<'C'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("kprobe") int mine_lost(void *ctx) { return 0; }
char _license[] SEC("license") = "GPL";
C

# ---- listing: needs no privilege, and loads nothing
exits 0 "lists an object" "$bpftoll" measure --list "$dir/mine.bpf.o"
says "with its programs" "yes tracepoint +mine_enter"
says "their sections" "section raw_tp/sys_exit"
says "why not" "XDP: runs for packets"
says "and its maps" "map seen: hash, key 4, value 8, 64 entries"
cp "$dir/mine.bpf.o" "$dir/stripped.bpf.o"; llvm-strip -g "$dir/stripped.bpf.o"; llvm-objcopy --remove-section .BTF --remove-section .BTF.ext "$dir/stripped.bpf.o" 2>/dev/null
{ head -c 1000 /dev/urandom | tr -d '\177'; cat "$dir/nowhere.bpf.o"; echo between; cat "$dir/mine.bpf.o"; } >"$dir/holds_two"
exits 0 "finds objects inside of a program" "$bpftoll" measure --list "$dir/holds_two"
says "both" "object 2 of 2"
if [ -x /usr/sbin/opensnoop ]; then
	exits 0 "lists Debian's opensnoop" "$bpftoll" measure --list /usr/sbin/opensnoop
	says "its four programs" "tracepoint__syscalls__sys_exit_openat"
	exits 0 "lists Debian's xdp-monitor" "$bpftoll" measure --list /usr/sbin/xdp-monitor
else
	skip "lists Debian's tools" "libbpf-tools is not installed"
fi
exits 4 "a program without objects" "$bpftoll" measure --list /bin/sh
says "is named as such" "there is no BPF object in it"
head -c 2000 "$dir/mine.bpf.o" >"$dir/short.bpf.o"
exits 4 "a truncated object" "$bpftoll" measure --list "$dir/short.bpf.o"
says "is named as such" "truncated"
clang -O2 -target bpfeb -c -o "$dir/other.bpf.o" -x c - <<<'int f(void) { return 0; }'
exits 4 "an object of the other byte order" "$bpftoll" measure --list "$dir/other.bpf.o"
says "is named as such" "other byte order"
mkfifo "$dir/fifo"
exits 4 "a FIFO" "$bpftoll" measure --list "$dir/fifo"
says "is named as such" "not a regular file"
exits 4 "no file" "$bpftoll" measure --list "$dir/nothing"
exits 2 "FILE is missing" "$bpftoll" measure
exits 4 "and to measure a program without objects is no wrong usage" "$bpftoll" measure /bin/sh -o "$dir/r"
exits 2 "a program that isn't there" "$bpftoll" measure "$dir/mine.bpf.o" --program mine_entre -o "$dir/r"
says "names the nearest" "nearest: mine_enter"
exits 2 "a variable that isn't there" "$bpftoll" measure "$dir/mine.bpf.o" --set no_such=1 -o "$dir/r"
exits 2 "a value out of range" "$bpftoll" measure "$dir/mine.bpf.o" --map seen:max_entries=-1 -o "$dir/r"
exits 2 "a hook with another context" "$bpftoll" measure "$dir/mine.bpf.o" --attach mine_enter=raw_tp/sys_enter -o "$dir/r"
says "says why" "another context"

# ---- measuring
if [ "$(id -u)" != 0 ] || ! "$bpftoll" run --variant raw_tp_empty --rounds 2 --calls 64 -o "$dir/can" >"$dir/out" 2>&1; then
	skip "measures programs of each kind" "probes cannot be attached here: $(tail -n 1 "$dir/out")"
	done_testing
	exit
fi
exits 4 "a map without a size" "$bpftoll" measure "$dir/mine.bpf.o" --program mine_exit -o "$dir/sized"
says "names the option" "map sized: give it with --map"
size="--map sized:max_entries=16"
exits 0 "measures an object" "$bpftoll" measure "$dir/mine.bpf.o" $size --rounds 8 --calls 128 -o "$dir/mine"
check "a tracepoint, by the operation of its name" cell "$dir/mine" 'cell("mine_enter")["trigger"] == "openat_enoent" and cell("mine_enter")["foreign"]["runs"] == 1'
check "a hook on all syscalls" cell "$dir/mine" 'cell("mine_exit")["trigger"] == "getppid" and cell("mine_exit")["hits"]["counted"] > 0'
check "its events are read" cell "$dir/mine" 'cell("mine_event")["foreign"]["events"] == 1 and 40 <= cell("mine_event")["foreign"]["event_bytes"] <= 48'
check "no cost where nothing ran it" cell "$dir/mine" 'cell("mine_never")["status"] == "skipped" and cell("mine_never")["overhead"]["typical"]["value"] is None'
check "XDP has its reason" cell "$dir/mine" '"XDP" in cell("mine_packets")["reason"]'
if "$bpftoll" measure "$dir/mine.bpf.o" $size --program mine_user --rounds 8 --calls 128 -o "$dir/user" >"$dir/out" 2>"$dir/err"; then
	check "a uprobe, by a call of libc" cell "$dir/user" 'cell("mine_user")["trigger"] == "libc_setjmp" and cell("mine_user")["mechanism"] == "uprobe"'
else
	skip "a uprobe, by a call of libc" "$(grep -A1 'No figure' "$dir/out" | tr '\n' ' ')"
fi
exits 0 "together, per event" "$bpftoll" measure "$dir/mine.bpf.o" $size --all --wakeup-policy per-event --trigger openat_enoent \
	--rounds 8 --calls 64 -o "$dir/all"
check "all of them" cell "$dir/all" 'cell("all_programs")["hits"]["counted"] >= 3 * cell("all_programs")["hits"]["expected"] and cell("all_programs")["drain"] == "caught_up"'
exits 0 "another hook, and a variable" "$bpftoll" measure "$dir/mine.bpf.o" $size --program mine_enter --set shortcut=1 \
	--attach mine_enter=tp/syscalls/sys_enter_close --rounds 8 --calls 128 -o "$dir/moved"
check "moved" cell "$dir/moved" 'cell("mine_enter")["trigger"] == "close_ebadf"'
exits 0 "a command, with and without the programs" "$bpftoll" measure "$dir/mine.bpf.o" $size --rounds 2 -o "$dir/command" -- /bin/ls /
check "has its rows" python3 -c 'import json,sys
rows = json.load(open(sys.argv[1]))["app_results"]
sys.exit(not any(r["variant"] == "all_programs" and r["quantity"] == "cpu_time" and r["status"] == "measured" for r in rows))' "$dir/command/record.json"
exits 0 "a command that does not run them" "$bpftoll" measure "$dir/mine.bpf.o" $size --program mine_never --rounds 2 -o "$dir/unmoved" -- /bin/true
check "gives no figure" python3 -c 'import json,sys
rows = json.load(open(sys.argv[1]))["app_results"]
sys.exit(not any(r["variant"] == "mine_never" and r["status"] == "skipped" and "did not run" in r["reason"] for r in rows))' "$dir/unmoved/record.json"
exits 4 "a section that names no place" "$bpftoll" measure "$dir/nowhere.bpf.o" -o "$dir/nowhere"
check "is a row with its reason" cell "$dir/nowhere" 'cell("mine_lost")["status"] == "skipped" and cell("mine_lost")["reason"]'
check "report takes the record" "$bpftoll" report --full "$dir/mine"
check "compare takes two" "$bpftoll" compare "$dir/mine" "$dir/mine"
check "export takes it" "$bpftoll" export --csv "$dir/mine"
# ---- tools that attach programs themselves
exits 2 "no tool" "$bpftoll" measure --tool
exits 2 "an option of files" "$bpftoll" measure --tool --set a=1 -- /bin/true
exits 4 "a process without programs" "$bpftoll" measure --pid $$
exits 4 "a tool that exits at once" "$bpftoll" measure --tool -o "$dir/true" -- /bin/true
check "says so" cell "$dir/true" '"ended before it was ready" in cell("true")["reason"]'
exits 4 "a tool that is not there" "$bpftoll" measure --tool -o "$dir/none" -- "$dir/no_such_tool"
check "says so" cell "$dir/none" '"No such file" in cell("no_such_tool")["reason"]'
if [ -x /usr/sbin/opensnoop ]; then
	exits 0 "opensnoop" "$bpftoll" measure --tool --trigger openat_enoent --rounds 2 --calls 64 -o "$dir/tool" -- /usr/sbin/opensnoop
	check "with its hooks" cell "$dir/tool" 'cell("opensnoop")["mechanism"] == "4 programs" and "sys_enter_openat" in cell("opensnoop")["foreign"]["section"]'
	unshare -m bash -c 'mount -t tracefs nodev /sys/kernel/tracing 2>/dev/null; mount -t debugfs nodev /sys/kernel/debug 2>/dev/null
		exec bpftrace -e "tracepoint:syscalls:sys_enter_close { @ = count(); }"' >"$dir/traced" 2>&1 &
	for _ in $(seq 100); do grep -q Attaching "$dir/traced" && bpftool prog show 2>/dev/null | grep -q sys_enter_close && break; sleep 0.1; done
	if "$bpftoll" measure --pid $! >"$dir/out" 2>"$dir/err"; then
		check "a running tool is listed with its hook" grep -q 'syscalls/sys_enter_close' "$dir/out"
	else
		skip "a running tool is listed with its hook" "$(tail -n 1 "$dir/err"; tail -n 1 "$dir/traced")"
	fi
	kill -INT $! 2>/dev/null; wait $!
else
	skip "opensnoop" "libbpf-tools is not installed"
fi
# a name that no other run of this test has loaded meanwhile
object gone <<C
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("raw_tp/sys_exit") int gone_$$(void *ctx) { return 0; }
char _license[] SEC("license") = "GPL";
C
exits 0 "one more" "$bpftoll" measure "$dir/gone.bpf.o" --rounds 8 --calls 64 -o "$dir/gone"
# the kernel frees programs some grace periods after their last descriptor is closed: polled, for 10 s at most
stays() { bpftool prog show 2>/dev/null | grep -q "name gone_$$"; }
for _ in $(seq 100); do stays || break; sleep 0.1; done
if stays; then not_ok "nothing stays loaded"; else ok "nothing stays loaded"; fi
done_testing
