#!/usr/bin/env bash
# What needs no privilege: usage, wrong names, damaged records.
. "$(dirname "$0")/tap.sh"

commands="run measure list doctor selfcheck report verdict compare export restore recover lab completions"
exits 0 "help" "$bpftoll" --help
for c in $commands; do
	exits 0 "$c --help" "$bpftoll" $c --help
	says "$c --help names itself" "Usage: bpftoll $c"
	cp "$dir/out" "$dir/help"
	exits 0 "$c -h" "$bpftoll" $c -h
	check "is the same" cmp "$dir/out" "$dir/help"
	exits 0 "help $c" "$bpftoll" help $c
	check "is the same" cmp "$dir/out" "$dir/help"
done
"$bpftoll" run --help >"$dir/out"
says "run --help says what quick contains" "Suite quick takes"
says "and has examples" "^  bpftoll run --variant"
exits 0 "version" "$bpftoll" --version
for v in -v -V "run -v" "run --version"; do
	check "$v is the same" cmp <("$bpftoll" --version) <("$bpftoll" $v)
done
exits 2 "no command" "$bpftoll"
exits 2 "unknown command" "$bpftoll" rum
says "names the nearest command" "nearest: run"
exits 2 "help of an unknown command" "$bpftoll" help rum
says "names the nearest command" "nearest: run"
exits 2 "a suite for a command" "$bpftoll" events
says "names the option" "bpftoll run --suite events"
exits 2 "a variant for a command" "$bpftoll" kprobe_perf
says "names the option" "bpftoll run --variant kprobe_perf"
exits 2 "an option before the command" "$bpftoll" --variant x
says "says where it belongs" "bpftoll run --variant GLOB"
exits 2 "an option of no command" "$bpftoll" --frobnicate
says "names it" "'--frobnicate'"
exits 2 "a word that is no option" "$bpftoll" run foo
says "names it" "no option 'foo'"
exits 2 "a value without its option" "$bpftoll" run helpers
says "names the option" "--suite helpers"
exits 2 "a word too many" "$bpftoll" restore all
says "names it" "'all'"
exits 2 "unknown option" "$bpftoll" run --sute quick
says "names the nearest option" "nearest: --suite"
exits 2 "an unknown option behind a value that looks like one" "$bpftoll" run --variant --suite --sute
says "names it" "no option '--sute'"
for value in 0 0ns -1 5 5kg ns 5x% nan% ''; do
	exits 2 "--precision '$value' is wrong usage" "$bpftoll" run "--precision=$value"
	says "and says what it must be" "such as 2ns, 0.5us or 5%"
done
exits 2 "--precision: not with a number of rounds" "$bpftoll" run --precision 2ns --rounds 5
says "says what it needs" "--seconds, and not --rounds"
exits 2 "--precision: not where instructions are counted" "$bpftoll" run --precision 5% --unit instructions
exits 2 "--precision: not of other suites" "$bpftoll" run --precision 5% --suite events
says "names the suite" "not of suite events"
exits 2 "unknown suite" "$bpftoll" run --suite quik
says "names the nearest suite" "nearest: quick"
exits 2 "unknown variant" "$bpftoll" run --variant krpobe_empty
says "names the nearest variant" "nearest: kprobe_empty"
exits 2 "unknown syscall" "$bpftoll" run --trigger munmap_4K
says "names the nearest syscall" "nearest: munmap_4k"
exits 2 "unknown wakeup policy" "$bpftoll" run --drain bsy
says "names the nearest wakeup policy" "nearest: busy"
exits 2 "unknown wakeup policy" "$bpftoll" run --wakeup-policy per-evnt
says "names the nearest wakeup policy" "nearest: per-event"
exits 2 "an N that is no power of two" "$bpftoll" run --wakeup-policy every-100
# new words and old ones; --cpu 65000 stops it behind all checks of words
for words in '--wakeup-policy per-event' '--wakeup-policy every-128' '--wakeup-policy caught_up' '--drain caught_up' '--drain none' \
	'--wakeup-policy buffer-full' '--syscall munmap_4k' '--trigger munmap_4k' '--seconds 2m' '--seconds 90s'; do
	exits 2 "$words" "$bpftoll" run $words --cpu 65000
	says "is taken" "allowed: 0"
done
exits 2 "a unit that there is not" "$bpftoll" run --seconds 2d
says "says what there is" "whole number from 1"
exits 2 "unknown cache state" "$bpftoll" run --cache warm
says "names the cache states" "hot"
exits 2 "cold instructions" "$bpftoll" run --cache cold --unit instructions
says "says why" "caches do not change"
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
for c in $commands; do
	empty=$(headed $c | grep '^EMPTY')
	if [ -z "$empty" ]; then ok "$c --help: no heading without options"; else not_ok "$c --help: no heading without options" "$empty"; fi
done
for c in "" $commands; do
	"$bpftoll" $c --help >"$dir/out"
	check "$c --help: at most 80 columns" test -z "$(LC_ALL=C.UTF-8 awk 'length > 80' "$dir/out")"
	# argp wraps an example that is too long, and what is wrapped cannot be pasted
	check "$c --help: examples are whole" test -z "$(sed -n '/^Examples:/,$p' "$dir/out" | sed 1d | grep -vE '^ +(bpftoll|source|bpftrace|-o)')"
done
exits 0 "help --help" "$bpftoll" help --help
says "is the help" "^Usage: bpftoll COMMAND"
exits 0 "rows that the record does not have" "$bpftoll" export --csv "$(dirname "$0")/../../reports/examples/events"
says "says which ones it has" "has no cells; it has event_points, knees"
headed run >"$dir/headed"
for pair in 'What to measure:/suite' 'How long:/seconds' 'Where:/isolate' 'Beside the time:/output' \
	'For --suite helpers .*:/helper' 'For --suite helpers .*:/host-program' 'For --suite events .*:/rate' \
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

# What stands at the cursor, as the shells ask it; every shell's script passes on what this prints.
completed() {
	local name=$1 want=$2; shift 2
	if [ "$("$bpftoll" complete "$@" | cut -f 1 | paste -sd' ')" = "$want" ]; then ok "$name"
	else not_ok "$name" "$("$bpftoll" complete "$@")"; fi
}
completed "a command" "verdict" ver
completed "a command to help with" "list lab" help l
completed "an option" "--variant" run --va
completed "a value" "quick" run --suite q
completed "a value behind an equals sign" "--suite=quick" run --suite=q
completed "a value behind another option" "per-event polled-1ms" run --cpu 1 --wakeup-policy p
completed "an older name is not offered" "" run --drain-
completed "a folder" ":files" run -o x
completed "a record" ":files" report ""
completed "no more than there is" "" restore x
cat >"$dir/complete.bash" <<'EOF'
PATH=$1:$PATH; hash -r
source <(bpftoll completions bash)
complete -p bpftoll
try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _bpftoll; echo "$* -> ${COMPREPLY[*]}"; }
try bpftoll run --va
try bpftoll run --suite = cr
try bpftoll run --suite =
try bpftoll report ""
EOF
exits 0 "bash completes" bash "$dir/complete.bash" "$(dirname "$bpftoll")"
says "bash knows bpftoll" "^complete -F _bpftoll bpftoll"
says "bash completes an option" "run --va -> --variant$"
says "bash completes a value behind an equals sign" "--suite = cr -> crosscheck$"
says "bash completes all values behind an equals sign" "--suite = -> quick full"
says "bash leaves files to itself" "report  -> $"
for shell in zsh fish; do
	exits 0 "completions $shell" "$bpftoll" completions $shell
	cp "$dir/out" "$dir/complete.$shell"
	if command -v $shell >/dev/null; then check "$shell reads them" $shell -n "$dir/complete.$shell"
	else skip "$shell reads them" "$shell is not installed"; fi
done
if command -v fish >/dev/null; then
	PATH=$(dirname "$bpftoll"):$PATH fish -c "source $dir/complete.fish; complete -C 'bpftoll run --va'" >"$dir/out" 2>"$dir/err"
	says "fish completes an option" "^--variant"
else skip "fish completes an option" "fish is not installed"; fi
exits 2 "completions of another shell" "$bpftoll" completions tcsh

# What cannot be attached here is said at once, and nothing is timed.
no=$("$bpftoll" list 2>/dev/null | sed -nE 's/^  no: ([a-z0-9_]+) .*/\1/p' | head -n 1)
if [ "$(id -u)" = 0 ] && [ -n "$no" ]; then
	exits 4 "a variant that this kernel cannot attach" timeout 20 "$bpftoll" run --variant "$no" -o "$dir/never"
	says "says why" "nothing that was asked for can be measured here: $no: "
	check "and keeps nothing" test ! -e "$dir/never"
else
	skip "a variant that this kernel cannot attach" "not root, or all of them can be"
fi

# as somebody who may nothing
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod 755 "$dir"; cp "$bpftoll" "$dir/bpftoll"; mkdir -m 777 "$dir/open"
	exits 4 "without root nothing is measured" setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$dir/bpftoll" run --variant raw_tp_empty --trigger munmap_einval --rounds 2 -o "$dir/open/run"
	says "and says what is needed" "root"
else
	skip "without root nothing is measured" "not root, or no setpriv"
fi
# ---- stdout that cannot be written ----
record=tests/records/run
for c in "report $record" "report --csv $record" "verdict $record" "compare $record $record" "export --csv $record" list doctor --help --version "run --help"; do
	set -- $c
	"$bpftoll" "$@" >/dev/full 2>"$dir/err"
	got=$?
	if [ $got = 1 ] && grep -q "stdout: No space left on device" "$dir/err"; then ok "$1 on a full disk"
	else not_ok "$c on a full disk: exit $got" "$(cat "$dir/err")"; fi
done
for c in "report $record" "verdict $record" "export --csv $record"; do
	set -- $c
	# a pipe whose reader has gone before anything is written
	python3 -c 'import os, subprocess, sys
r, w = os.pipe(); os.close(r)
p = subprocess.run(sys.argv[1:], stdout=w, stderr=subprocess.PIPE)
sys.stderr.buffer.write(p.stderr); sys.exit(p.stderr != b"")' "$bpftoll" "$@" 2>"$dir/err"
	got=$?
	if [ $got = 0 ]; then ok "$1 to a reader that has gone says nothing"; else not_ok "$c to a reader that has gone" "$(cat "$dir/err")"; fi
done
# ---- folders that are no record ----
mkdir -p "$dir/xray" "$dir/lab/6.1" "$dir/lab/6.12" && touch "$dir/xray/xray.json"
cp tests/records/run/record.json "$dir/lab/6.1" && cp tests/records/run/record.json "$dir/lab/6.12"
exits 1 "report of an X-ray" "$bpftoll" report "$dir/xray"
says "says what it is and what shows it" "is an X-ray, no record: .*export --folded"
mkdir -p "$dir/xrays" "$dir/campaign" && cp -r "$dir/xray" "$dir/xrays/one" && touch "$dir/campaign/campaign.json"
exits 1 "report of a folder of X-rays" "$bpftoll" report "$dir/xrays"
says "says so" "holds 1 X-ray and no record"
exits 1 "report of a campaign" "$bpftoll" report "$dir/campaign"
says "names what judges it" "is a campaign .*verdict --fleet"
exits 1 "report of a folder of records" "$bpftoll" report "$dir/lab"
says "names the first" "holds 2 records .*lab/6.1$"
# ---- what an option would not do is not taken ----
exits 2 "an X-ray with --set" "$bpftoll" lab --object "$bpftoll" --set a=1 --xray b
says "names the option" "--xray runs the program as it is: without --set"
# ---- without bpf(): what answers so is said ----------------------------------------------------------
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	exits 4 "without bpf() nothing is measured" strace -o /dev/null -e trace=bpf -e inject=bpf:error=ENOSYS "$bpftoll" run --seconds 3 -o "$dir/nobpf"
	says "bpf() is named" "no probe can be attached: (kernel built without CONFIG_BPF_SYSCALL|bpf\(\) answers ENOSYS although the kernel has it)"
else
	skip "without bpf()" "strace cannot trace here"
fi
done_testing
