#!/usr/bin/env bash
# What needs no privilege: usage, wrong names, damaged records.
. "$(dirname "$0")/tap.sh"

exits 0 "help" "$bpftoll" --help
for c in run list doctor selfcheck report verdict compare export restore lab; do
	exits 0 "$c --help" "$bpftoll" $c --help
	says "$c --help names itself" "Usage: bpftoll $c"
done
exits 0 "version" "$bpftoll" --version
exits 2 "no command" "$bpftoll"
exits 2 "unknown command" "$bpftoll" rum
says "names the nearest command" "nearest: run"
exits 2 "unknown option" "$bpftoll" run --sute quick
exits 2 "unknown suite" "$bpftoll" run --suite quik
says "names the nearest suite" "nearest: quick"
exits 2 "unknown variant" "$bpftoll" run --variant krpobe_empty
says "names the nearest variant" "nearest: kprobe_empty"
exits 2 "unknown trigger" "$bpftoll" run --trigger munmap_4K
says "names the nearest trigger" "nearest: munmap_4k"
exits 2 "unknown drain state" "$bpftoll" run --drain bsy
says "names the nearest drain state" "nearest: busy"
exits 2 "unknown cache state" "$bpftoll" run --cache warm
says "names the cache states" "hot"
exits 2 "cold instructions" "$bpftoll" run --cache cold --unit instructions
says "says why" "no caches"
exits 2 "unknown set of counters" "$bpftoll" run --counters cache
says "names the nearest set" "nearest: caches"
exits 2 "events and a set of them" "$bpftoll" run --counters tlb --events cycles:k
exits 2 "unknown CPU" "$bpftoll" run --cpu 65000
says "lists the CPUs there are" "allowed: 0"
exits 2 "the same CPU twice" "$bpftoll" run --cpu 0 --drain-cpu 0
exits 2 "no rounds" "$bpftoll" run --rounds 0
says "names the valid range" "from 2 to"
exits 2 "no number" "$bpftoll" run --seconds soon

# In each --help every heading has options under it, and they stand where they belong. "HEADING: --option" a line:
headed() {
	"$bpftoll" "$1" --help | awk '
		/^ [^ -]/ { if (!fresh) h = ""; sub(/^ /, ""); h = h (h == "" ? "" : " ") $0; fresh = 1; next }
		/^ +-/ { fresh = 0; while (match($0, /--[a-z][a-z-]*/)) {
			if (h != "") print h, substr($0, RSTART, RLENGTH)
			$0 = substr($0, RSTART + RLENGTH) } next }
		/^$/ { if (fresh) print "EMPTY", h; fresh = 0; next }
		/^[^ ]/ { h = "" }'
}
# what ends in a colon is a heading, and no heading follows another without an option between
for c in run list doctor selfcheck report verdict compare export restore lab; do
	empty=$(headed $c | grep '^EMPTY')
	if [ -z "$empty" ]; then ok "$c --help: no heading without options"; else not_ok "$c --help: no heading without options" "$empty"; fi
done
headed run >"$dir/headed"
for pair in 'What to measure:/suite' 'How long:/seconds' 'Where:/isolate' 'Beside the time:/output' \
	'For --suite helpers .*:/helper' 'For --suite helpers .*:/carrier' 'For --suite events .*:/rate' \
	'For --suite events .*:/scenario' 'For --suite events .*:/buffer' 'For --suite apps .*:/app' \
	'For --suite apps .*:/scale' 'For --suite apps .*:/price' 'For --suite apps .*:/window'; do
	if grep -qE -- "^${pair%/*} --${pair#*/}\$" "$dir/headed"; then ok "run --help: --${pair#*/} under '${pair%/*}'"
	else not_ok "run --help: --${pair#*/} under '${pair%/*}'" "$(grep -E -- "--${pair#*/}\$" "$dir/headed")"; fi
done

exits 1 "no record" "$bpftoll" report "$dir/nothing"
says "names the missing file" "nothing"
mkdir "$dir/bad"
echo '{"schema": "bpftoll/9"}' >"$dir/bad/record.json"
exits 1 "foreign schema" "$bpftoll" report "$dir/bad"
says "names the schema" "bpftoll/9"
printf '{"schema": "bpftoll/1",\n "created": ' >"$dir/bad/record.json"
exits 1 "truncated record" "$bpftoll" report "$dir/bad"
says "names the place" "line 2"

exits 0 "report -o makes parents" "$bpftoll" report "$(dirname "$0")/../../reports/examples/run" -o "$dir/p/q/r"
check "and the report is there" test -s "$dir/p/q/r/report.md"
exits 1 "a parent that is a file" "$bpftoll" report "$(dirname "$0")/../../reports/examples/run" -o "$dir/bad/record.json/r"
says "named as such" "Not a directory"

# as somebody who may nothing
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod 755 "$dir"; cp "$bpftoll" "$dir/bpftoll"; mkdir -m 777 "$dir/open"
	exits 4 "without root nothing is measured" setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$dir/bpftoll" run --variant raw_tp_empty --trigger munmap_einval --rounds 2 -o "$dir/open/run"
	says "and says what is needed" "root"
else
	skip "without root nothing is measured" "not root, or no setpriv"
fi
done_testing
