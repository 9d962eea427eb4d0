#!/usr/bin/env bash
# Figures of the instrument itself, one line each: tests/bench/bench.sh BUILD
set -eu
build=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# a figure that is not ok is shown with the others, and makes the bench fail at its end
failed=0
"$build/bpftoll" selfcheck 2>"$dir/err" || failed=$?
if [ "$failed" != 0 ] && [ "$failed" != 1 ]; then cat "$dir/err" >&2; exit "$failed"; fi
echo
"$build/bpftoll" run --variant raw_tp_empty --trigger munmap_einval --seconds 20 -o "$dir/run" >/dev/null 2>"$dir/err" &
pid=$!
peak=0
while kill -0 $pid 2>/dev/null; do
	now=$(awk '/^VmHWM/ {print $2}' /proc/$pid/status 2>/dev/null || echo 0)
	[ "${now:-0}" -gt "$peak" ] && peak=$now
	read -r -t 0.2 <> <(:) || true
done
wait $pid || { cat "$dir/err" >&2; exit 1; }
python3 - "$dir/run/record.json" "$peak" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))
cell = {c["id"]: c for c in r["cells"]}
e = cell["raw_tp_empty/munmap_einval/-/hot"]["overhead"]["typical"]
a = cell["none_again/munmap_einval/-/hot"]["overhead"]["typical"]
print("raw_tp_empty, 20 s: typical %+.2f ns, half-width %.2f ns (asked: 2 at most)" % (e["value"], (e["hi"] - e["lo"]) / 2))
print("A/A: %+.2f ns [%+.2f, %+.2f], %s zero" % (a["value"], a["lo"], a["hi"], "holds" if a["lo"] <= 0 <= a["hi"] else "does NOT hold"))
print("peak memory: %.0f MiB (asked: 256 at most)" % (int(sys.argv[2]) / 1024))
PY
exit "$failed"
