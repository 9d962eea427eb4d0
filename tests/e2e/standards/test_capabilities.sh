#!/usr/bin/env bash
# Capabilities instead of root: what each carries, what is told where one lacks, and who gets none.
. "$(dirname "$0")/../tap.sh"
if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
	skip "capabilities" "not root, or no setpriv"; done_testing; exit 0
fi
chmod 755 "$dir"; cp "$bpftoll" "$dir/bpftoll"; mkdir -m 777 "$dir/open"
# what root has mounted beforehand, since a mount needs CAP_SYS_ADMIN: in a namespace of its own
with() {
	local caps=$1; shift
	unshare --mount --propagation private bash -c '
		stat -f -c %T /sys/kernel/tracing | grep -q tracefs || mount -t tracefs nodev /sys/kernel/tracing
		chmod 700 /sys/kernel/tracing; cd "$1"; caps=-all${2:+,$2}; shift 2
		exec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps="$caps" --ambient-caps="$caps" \
			--bounding-set="$caps" "$@"' - "$dir" "$caps" "$@"
}
if ! with "" true 2>"$dir/err"; then
	skip "capabilities" "no mount namespace with tracefs: $(tail -n 1 "$dir/err")"; done_testing; exit 0
fi

# joined: wrapped lines as one
joined() { tr -s ' \n' '  ' <"$dir/out" >"$dir/joined"; mv "$dir/joined" "$dir/out"; }
with "" ./bpftoll doctor >"$dir/out" 2>"$dir/err"; joined
for cap in CAP_BPF CAP_PERFMON; do says "without any: $cap is vital" "no without $cap: "; done
for cap in CAP_DAC_READ_SEARCH CAP_SYS_ADMIN; do says "without any: $cap is told" "note without $cap: "; done
with +bpf ./bpftoll doctor >"$dir/out" 2>"$dir/err"; joined
says "with CAP_BPF alone the other is named" "needs CAP_PERFMON beside CAP_BPF"
with +bpf,+perfmon ./bpftoll doctor >"$dir/out" 2>"$dir/err"; joined
says "with both a hook can be attached" "ok hook raw_tp: "
says "a closed tracefs is not called unmounted" "hook tracepoint: tracefs is open to root alone"

caps=+bpf,+perfmon,+dac_read_search,+ipc_lock,+syslog
with $caps ./bpftoll doctor >"$dir/out" 2>"$dir/err"; joined
says "with all five only CAP_SYS_ADMIN lacks" "^[^!]*note without CAP_SYS_ADMIN"
if grep -oE 'without CAP_[A-Z_]+' "$dir/out" | grep -qv SYS_ADMIN; then not_ok "and no other" "$(cat "$dir/out")"; else ok "and no other"; fi

# measured: all results of a record by id, their status, and what was counted for it
measured() {
	python3 - "$1" <<-'PY'
	import json, sys
	r = json.load(open(sys.argv[1] + "/record.json"))
	rows = [c for c in r["cells"] if c["variant"].startswith("raw_tp")]
	print(len(rows) > 0 and all(c["status"] == "measured" and c["hits"]["counted"] >= c["hits"]["expected"] > 0
	      for c in rows), any("a copy of each program" in d for d in r["degraded"]))
	for c in rows:
	    print(c["id"], c["status"], c.get("reason"), c.get("hits"), file=sys.stderr)
	PY
}
exits 0 "a run with capabilities" with $caps ./bpftoll run --variant raw_tp_empty --variant raw_tp_ringbuf \
	--wakeup-policy none --syscall munmap_einval --rounds 4 -o open/run
check "every program ran once a call at least" test "$(measured "$dir/open/run" 2>"$dir/rows")" = "True True" || cat "$dir/rows"

# a foreign program has no copy
if clang -O2 -g -target bpf -mcpu=v3 -I/usr/include/"$(uname -m)"-linux-gnu -c -o "$dir/mine.bpf.o" -x c - <<-'C' 2>"$dir/err"
	#include <linux/bpf.h>
	#include <bpf/bpf_helpers.h>
	char LICENSE[] SEC("license") = "GPL";
	SEC("raw_tp/sys_enter") int mine(void *ctx) { return 0; }
	C
then
	with $caps ./bpftoll measure mine.bpf.o --seconds 3 -o open/foreign >"$dir/out" 2>"$dir/err"; joined
	says "programs of others need CAP_SYS_ADMIN" "its runs cannot be counted"
fi

# programs see the first namespace's process ids, so one that looks for its own would not find it
if unshare --pid --fork --mount-proc true 2>/dev/null; then
	exits 4 "a PID namespace of its own" unshare --pid --fork --mount-proc "$bpftoll" run --variant raw_tp_lookup_hit \
		--syscall munmap_einval --rounds 4 -o "$dir/pids"
	says "is refused, with what helps" "--pid=host"
	check "and nothing is kept" test ! -e "$dir/pids"
fi

# what makes the report's pictures gets none: a gnuplot that says what it has
mkdir "$dir/bin"
printf '#!/bin/sh\ngrep -E "^Cap(Prm|Eff|Amb)" /proc/self/status >>%s/open/had\nexit 1\n' "$dir" >"$dir/bin/gnuplot"
chmod 755 "$dir/bin" "$dir/bin/gnuplot"
with $caps env PATH="$dir/bin:$PATH" ./bpftoll report open/run -o open/report >"$dir/out" 2>"$dir/err"
check "gnuplot was asked" test -s "$dir/open/had"
check "and had no capability" test "$(cut -f 2 "$dir/open/had" | sort -u)" = 0000000000000000
done_testing
