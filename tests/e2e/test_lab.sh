#!/usr/bin/env bash
# The exact lab on Debian's 6.1 under QEMU: every hook attaches and counts to the hit, two guests agree to the digit, the X-ray
# is the difference, and what cannot work is said.
# parallel: measures in guests
. "$(dirname "$0")/tap.sh"
kernel=6.1
# cells DIR EXPRESSION: what python says of the record's cells, c by id
cells() { python3 - "$@" <<'EOF'
import json, sys
r = json.load(open(sys.argv[1] + "/record.json"))
c = {x["id"]: x for x in r["cells"]}
def cell(variant, drain="-"): return c["%s/munmap_einval/%s/hot" % (variant, drain)]
def measured(x): return x["status"] == "measured"
print(eval(sys.argv[2]))
EOF
}
# holds NAME DIR EXPRESSION
holds() { check "$1" test "$(cells "$2" "$3" 2>&1)" = True; }

if [ "$(uname -m)" != x86_64 ] || ! command -v qemu-system-x86_64 >/dev/null; then
	exits 4 "nothing to boot with" "$bpftoll" lab --kernel "$kernel" -o "$dir/bad"
	skip "the exact lab" "$(tail -n 1 "$dir/err")"; done_testing; exit 0
fi

# ---- bad input: nothing boots ----------------------------------------------------------------
head -c 100000 /dev/zero >"$dir/nokernel"
exits 2 "a file that is no kernel" "$bpftoll" lab --kernel "$dir/nokernel" -o "$dir/bad"
says "named as such" "not an x86 kernel image"
exits 2 "a kernel that isn't there" "$bpftoll" lab --kernel "$dir/nothing" -o "$dir/bad"
exits 2 "a variant that isn't there" "$bpftoll" lab --kernel "$kernel" --xray kprobe_nothing -o "$dir/bad"
mkdir "$dir/path"
for tool in apt-get apt-cache dpkg-deb tar; do ln -s "$(command -v $tool)" "$dir/path/" 2>/dev/null; done
exits 4 "no QEMU in PATH" env PATH="$dir/path" "$bpftoll" lab --kernel "$kernel" -o "$dir/bad"
says "and it says what to install" "qemu-system-x86_64 is not installed"

# ---- one guest: every hook, with a body that sends nothing, and both kinds that send -----------
"$bpftoll" lab --kernel "$kernel" --trigger munmap_einval --drain idle --variant '*_empty' \
	--variant '*_perf' --variant '*_ringbuf' -o "$dir/first" >"$dir/table" 2>"$dir/err"; code=$?
if [ "$code" = 4 ] && ! [ -e "$dir/first/record.json" ]; then
	skip "a guest" "$(tail -n 1 "$dir/err")"; done_testing; exit 0
fi
check "a guest brings a record back" test "$code" = 0
"$bpftoll" lab --kernel 2.6 -o "$dir/bad" >"$dir/out" 2>"$dir/err"; code=$?
if [ "$code" = 4 ]; then
	skip "a version that no suite has" "$(tail -n 1 "$dir/err")"
else
	check "a version that no suite has" test "$code" = 2
	says "the versions that there are" "6\.1 \(6\.1\."
fi

for hook in kprobe kprobe_offset kprobe_int3 kretprobe tracepoint raw_tp tp_btf fentry fexit; do
	holds "$hook: attached, each hit counted" "$dir/first" \
		"measured(cell('${hook}_empty')) and cell('${hook}_empty')['hits'] == {'expected': 64, 'counted': 64}"
	holds "$hook: each event is right, none lost" "$dir/first" \
		"all(measured(x) and x['events']['produced'] == x['events']['received'] > 100 and not x['events']['lost'] for x in (cell('${hook}_perf', 'idle'), cell('${hook}_ringbuf', 'idle')))"
done
holds "kprobe at the entry is ftrace" "$dir/first" "cell('kprobe_empty')['mechanism'] == 'ftrace'"
holds "kprobe at an offset is optimised" "$dir/first" "cell('kprobe_offset_empty')['mechanism'] == 'optimized'"
holds "and a breakpoint where it must be" "$dir/first" "cell('kprobe_int3_empty')['mechanism'] == 'int3'"
holds "fentry is a trampoline" "$dir/first" "cell('fentry_empty')['mechanism'] == 'trampoline'"
holds "what this kernel lacks has its reason" "$dir/first" "'CONFIG_FPROBE' in cell('kprobe_multi_empty')['reason']"
holds "the unit is instructions" "$dir/first" "{x['unit'] for x in r['cells']} == {'instructions'}"
holds "both rounds agree in every statistic" "$dir/first" \
	"all(e['lo'] == e['hi'] == e['value'] for x in r['cells'] if measured(x) and x['baseline_id'] for e in x['overhead'].values())"
holds "the null test is zero" "$dir/first" "cell('none_again')['overhead']['mean']['value'] == 0"
holds "the kernel's command line is in the record" "$dir/first" "'nokaslr' in r['host']['cmdline']"
check "report reads it like any other" grep -q "kprobe_offset_empty" <("$bpftoll" report --full "$dir/first")
check "the table shows the same kernel" grep -qE "^  hook .* 6\.1\." "$dir/table"

# ---- a kernel whose configuration, beside it, lacks what a guest needs: refused before it boots -------
image=$(find "${XDG_CACHE_HOME:-$HOME/.cache}/bpftoll/kernels" -path "*linux-image-$kernel.*amd64*/vmlinuz" 2>/dev/null | head -n 1)
release=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["host"]["kernel"])' "$dir/first/record.json")
if [ -n "$image" ] && grep -aqF "$release (" "$image"; then
	mkdir "$dir/lacks"; cp "$image" "$dir/lacks/vmlinuz"
	for option in BLK_DEV_INITRD BPF_SYSCALL; do
		sed "s/^CONFIG_$option=y/# CONFIG_$option is not set/" "${image%/*}/config" >"$dir/lacks/config-$release"
		exits 4 "a kernel without $option" "$bpftoll" lab --kernel "$dir/lacks/vmlinuz" -o "$dir/bad"
		says "the option is named" "kernel built without CONFIG_$option \(.*/config-$release\)"
	done
else
	skip "a kernel that lacks an option" "its image is not in the cache"
fi

# ---- a guest that never starts, and one that is stopped: nobody else is signalled -----------------
# in_session FILE COMMAND…: in a session of its own, whose shell writes the command's exit code to FILE if it survives it
in_session() {
	local file=$1; shift
	setsid -w bash -c 'f=$1; shift; "$@" >"$f.out" 2>"$f.err"; echo $? >"$f"' - "$file" "$@"
}
mkdir "$dir/small"
if mount -t tmpfs -o size=64k none "$dir/small" 2>"$dir/err"; then
	in_session "$dir/full" env TMPDIR="$dir/small" "$bpftoll" lab --kernel "$kernel" --variant raw_tp_empty -o "$dir/never"
	check "no room for the image: the caller lives, exit 1" test "$(cat "$dir/full")" = 1
	check "and it says why" grep -q "No space left" "$dir/full.err"
	in_session "$dir/full_xray" env TMPDIR="$dir/small" "$bpftoll" lab --kernel "$kernel" --xray raw_tp_empty -o "$dir/never"
	check "the X-ray's caller lives, exit 1" test "$(cat "$dir/full_xray")" = 1
	in_session "$dir/full_proof" env TMPDIR="$dir/small" "$bpftoll" lab --kernel "$kernel" --selfcheck -o "$dir/never"
	check "the self-check's caller lives, exit 1" test "$(cat "$dir/full_proof")" = 1
	umount "$dir/small"
else
	skip "no room for the image" "no tmpfs can be mounted: $(tail -n 1 "$dir/err")"
fi
# more kernels than CPUs: some have not begun when the stop comes. The first guest's start is seen, then it is sent.
in_session "$dir/stopped" bash -c 'cpus=$(nproc); kernels=(); kernel=$1; shift
	for _ in $(seq $((cpus + 1))); do kernels+=(--kernel "$kernel"); done
	exec 3< <("$@" "${kernels[@]}" 2>&1); pid=$!
	while read -r line <&3; do
		case $line in *": started") [ -n "${sent-}" ] || { sent=1; kill -TERM "$pid"; } ;; esac
	done
	wait "$pid"' - "$kernel" "$bpftoll" lab --variant raw_tp_empty -o "$dir/term"
check "SIGTERM with more kernels than CPUs: the caller lives, exit 130" test "$(cat "$dir/stopped")" = 130

# ---- another guest, other company: the same figures ---------------------------------------------
"$bpftoll" lab --kernel "$kernel" --trigger munmap_einval --drain idle --variant kprobe_empty \
	--variant kprobe_perf --variant raw_tp_ringbuf --variant fexit_empty -o "$dir/second" >/dev/null 2>"$dir/err"
check "two runs are the same to the digit" python3 - "$dir" <<'EOF'
import json, sys
first, second = ({x["id"]: x for x in json.load(open("%s/%s/record.json" % (sys.argv[1], d)))["cells"]}
                 for d in ("first", "second"))
assert len(second) == 7, len(second)
for name, cell in second.items():
    for x in (cell, first[name]):  # loading is timed by the guest's clock, and other programs were loaded before
        for key in ("verify_us", "load_us"):
            (x.get("program") or {}).pop(key, None)
    assert cell == first[name], "%s\n%s\n%s" % (name, first[name], cell)
EOF

# ---- the X-ray is the difference -----------------------------------------------------------------
exits 0 "an X-ray" "$bpftoll" lab --kernel "$kernel" --xray kprobe_perf -o "$dir/xray"
added=$(sed -n 's/.* \([0-9]*\) added$/\1/p' "$dir/out")
check "it takes what the result says" test "$added" = "$(cells "$dir/first" "int(cell('kprobe_perf', 'idle')['overhead']['p50']['value'])")"
check "its rows sum up to it" test "$(awk '/function/ {next} $2 == "sum" {print $1, s; exit} {s += $1}' "$dir/xray/table.txt")" = "$added $added"
check "the helper has a name" grep -q "bpf_perf_event_output" "$dir/xray/table.txt"
check "so has the program" grep -qE "bpf_prog_[0-9a-f]+_kprobe_perf" "$dir/xray/table.txt"
# what a call runs through is the mechanism: neither the list nor the code is asked for it
for pair in kprobe_offset:optimized:optimized_callback kprobe_int3:int3:asm_exc_int3; do
	IFS=: read -r hook mechanism through <<<"$pair"
	exits 0 "an X-ray of $hook" "$bpftoll" lab --kernel "$kernel" --xray "${hook}_empty" -o "$dir/xray_$hook"
	check "$hook: named $mechanism" grep -q "^${hook}_empty ($mechanism) " "$dir/out"
	check "$hook: it runs through $through" grep -q " $through\$" "$dir/xray_$hook/table.txt"
	check "$hook: the result says the same" test "$(cells "$dir/first" "cell('${hook}_empty')['mechanism']")" = "$mechanism"
done
# without /proc/kcore the code is read by a program: the optimiser is waited for all the same, and named when it has run
exits 0 "a kernel without kcore" "$bpftoll" lab --kernel "$kernel" --append bpftoll.kcore=off --trigger munmap_einval \
	--variant kprobe_offset_empty --variant kprobe_int3_empty -o "$dir/nokcore"
for hook in kprobe_offset kprobe_int3; do
	value="cell('${hook}_empty')['mechanism'], cell('${hook}_empty')['overhead']['mean']['value']"
	check "$hook: the same mechanism and instructions" test "$(cells "$dir/nokcore" "$value")" = "$(cells "$dir/first" "$value")"
done
exits 0 "a kernel locked down" "$bpftoll" lab --kernel "$kernel" --append lockdown=confidentiality --trigger munmap_einval \
	--variant tracepoint_empty --variant raw_tp_empty -o "$dir/locked"
check "why there are no tracepoints: lockdown" grep -q "closes tracefs to everybody (lockdown: confidentiality)" "$dir/locked/record.json"
check "folded stacks" grep -qE "^\[bpftoll\];.*;__x64_sys_munmap.* [0-9]+$" "$dir/xray/hit.folded"
check "the flame graph is XML" python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' "$dir/xray/flame.svg"
check "and says what was looked at" grep -q '"variant": "kprobe_perf"' "$dir/xray/xray.json"
done_testing
