#!/usr/bin/env bash
# bpftoll on 64-bit Arm: cross-built, in a guest of Debian's arm64 6.1: the window counts instructions, the PMU tells the same
# number of every cell, and the counters' checks hold against loops of known length.
# parallel: measures in guests
. "$(dirname "$0")/tap.sh"
kernel=6.1
root=$(realpath "$(dirname "$0")/../..")

# ---- bad input: nothing boots ----------------------------------------------------------------
python3 - "$dir/pc" <<'EOP'
import sys
head = bytearray(8192)
head[0x1fe:0x200] = b"\x55\xaa"; head[0x202:0x206] = b"HdrS"
open(sys.argv[1], "wb").write(head)
EOP
mkdir "$dir/path"
for tool in apt-get apt-cache dpkg-deb tar; do ln -s "$(command -v $tool)" "$dir/path/" 2>/dev/null; done
exits 4 "no QEMU in PATH" env PATH="$dir/path" "$bpftoll" lab --arch aarch64 --kernel "$kernel" -o "$dir/bad"
says "and it says what to install" "qemu-system-aarch64 is not installed \(Debian: qemu-system-arm\)"
exits 2 "an architecture that there is not" "$bpftoll" lab --arch pdp11
for tool in qemu-system-aarch64 aarch64-linux-gnu-gcc; do
	command -v $tool >/dev/null || { skip "an arm64 guest" "$tool is not installed"; done_testing; exit 0; }
done
if ! "$bpftoll" lab --arch aarch64 --sysroot >"$dir/out" 2>"$dir/err"; then
	skip "the cross build" "$(tail -n 1 "$dir/err")"; done_testing; exit 0
fi

# ---- the cross build -------------------------------------------------------------------------
check "make ARCH=aarch64" env -u MAKEFLAGS -u MAKELEVEL -u B -u CC make -C "$root" --no-print-directory ARCH=aarch64
exits 2 "a kernel of the other architecture" "$bpftoll" lab --arch aarch64 --kernel "$dir/pc" -o "$dir/bad"
says "is named as such" "a kernel for x86_64, not for aarch64"

# ---- one guest: what it can attach, exactly ----------------------------------------------------
"$bpftoll" lab --arch aarch64 --kernel "$kernel" --drain idle --variant '*_empty' --variant '*_perf' \
	--variant '*_ringbuf' --trigger munmap_einval -o "$dir/first" >"$dir/table" 2>"$dir/err"; code=$?
if [ "$code" = 4 ] && ! [ -e "$dir/first/record.json" ]; then
	skip "an arm64 guest" "$(tail -n 1 "$dir/err")"; done_testing; exit 0
fi
check "a guest brings a record back" test "$code" = 0
# holds NAME EXPRESSION: of the record r, its cells c by id, those m that were measured against a baseline
holds() { check "$1" python3 - "$dir/first" "$2" <<'EOP'
import json, sys
r = json.load(open(sys.argv[1] + "/record.json"))
c = {x["id"]: x for x in r["cells"]}
m = [x for x in r["cells"] if x["status"] == "measured" and x["baseline_id"]]
counted = lambda x, name: [k["per_call"]["value"] for k in x["counters"] if k["name"] == name][0]
assert eval(sys.argv[2]), [(x["id"], x["overhead"]["mean"], x.get("counters")) for x in m]
EOP
}
holds "it is an aarch64 record" "r['host']['arch'] == 'aarch64' and r['host']['pmu'] and {x['unit'] for x in r['cells']} == {'instructions'}"
for hook in kprobe kprobe_offset kprobe_int3 kretprobe tracepoint raw_tp tp_btf; do
	holds "$hook: attached, each hit counted" "c['${hook}_empty/munmap_einval/-/hot']['hits'] == {'expected': 64, 'counted': 64}"
	holds "$hook: each event is right, none lost" \
		"all(x['events']['produced'] == x['events']['received'] > 100 and not x['events']['lost'] for x in (c['${hook}_%s/munmap_einval/idle/hot' % b] for b in ('perf', 'ringbuf')))"
done
holds "both rounds agree in every statistic" "len(m) >= 22 and all(e['lo'] == e['hi'] == e['value'] for x in m for e in x['overhead'].values())"
holds "the null test is zero" "c['none_again/munmap_einval/-/hot']['overhead']['mean']['value'] == 0"
holds "the PMU counts what the timed region reads, in every result" "all(counted(x, 'instructions:k') == x['overhead']['mean']['value'] for x in m)"
holds "what this kernel lacks has its reason" "'CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS' in c['fentry_empty/munmap_einval/-/hot']['reason']"

# ---- what is not there is said, and the rest goes on ----------------------------------------------
image=$(ls -t "${XDG_CACHE_HOME:-$HOME/.cache}"/bpftoll/kernels/linux-image-6.1.*-cloud-arm64*/vmlinuz | head -n 1)
exits 0 "an arm64 image, with both architectures asked for and an event that the PMU lacks" "$bpftoll" lab --arch x86_64 \
	--arch aarch64 --kernel "$image" --variant raw_tp_empty --trigger munmap_einval --events instructions:k,LLC-LOADS:k -o "$dir/both"
says "the architecture that it isn't for is named" "x86_64: left out: .*a kernel for aarch64, not for x86_64"
check "the event that is there is counted, the other has its reason" python3 - "$dir/both" <<'EOP'
import json, sys
c = {x["id"]: x for x in json.load(open(sys.argv[1] + "/record.json"))["cells"]}["raw_tp_empty/munmap_einval/-/hot"]
k = {x["name"]: x for x in c["counters"]}
assert k["instructions:k"]["per_call"]["value"] == c["overhead"]["mean"]["value"], k
assert "does not have this event" in k["LLC-LOADS:k"]["reason"], k
EOP

# ---- the X-ray is the difference, and the call tree is a tree by the link register ---------------
# (of a ring buffer: a perf record's cost depends on its place in the buffer, and the X-ray is of one)
exits 0 "an X-ray" "$bpftoll" lab --arch aarch64 --kernel "$kernel" --xray kprobe_ringbuf -o "$dir/xray"
says "its mechanism is the Arm breakpoint" "^kprobe_ringbuf \(brk\)"
added=$(sed -n 's/.* \([0-9]*\) added$/\1/p' "$dir/out")
holds "it takes what the result says: $added" "c['kprobe_ringbuf/munmap_einval/idle/hot']['overhead']['p50']['value'] == $added"
check "its rows sum up to it" test "$(awk '/function/ {next} $2 == "sum" {print $1, s; exit} {s += $1}' "$dir/xray/table.txt")" = "$added $added"
check "the exception is within the function, the program within the handler" grep -qE \
	'^\[bpftoll\];.*;__arm64_sys_munmap;.*;kprobe_breakpoint_handler;.*;trace_call_bpf;bpf_prog_[0-9a-f]+_kprobe_ringbuf(__nowake)?;.* [0-9]+$' "$dir/xray/hit.folded"

# ---- the counters' own checks, each a test -----------------------------------------------------
"$bpftoll" lab --arch aarch64 --kernel "$kernel" --selfcheck -o "$dir/self" >"$dir/checks" 2>"$dir/err"; code=$?
check "selfcheck --counters in the guest" test "$code" = 0
while IFS= read -r line; do
	case $line in
	"skipped  migrations"*) ;; # the first guest has one CPU, the second's turn comes
	ok*) ok "${line#ok       }" ;;
	"NOT ok"*) not_ok "${line#NOT ok   }" ;;
	skipped*) not_ok "nothing may be skipped here: $line" ;;
	esac
done <"$dir/checks"
check "all fifteen checks ran" test "$(grep -c '^ok ' "$dir/checks")" = 15
done_testing
