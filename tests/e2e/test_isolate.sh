#!/usr/bin/env bash
# --isolate puts back what it changed: at the end, after SIGINT, and through restore after SIGKILL.
. "$(dirname "$0")/tap.sh"
thp=/sys/kernel/mm/transparent_hugepage/enabled
journal=/run/bpftoll/isolate.journal

if [ "$(id -u)" != 0 ]; then skip "isolate" "not root"; done_testing; exit 0; fi
if ! [ -w $thp ]; then skip "isolate" "no $thp to see a change by"; done_testing; exit 0; fi
was=$(grep -o '\[[a-z]*\]' $thp | tr -d '[]')
# dirty on purpose: not what isolate sets, and not what a restore to some default would give
echo madvise >$thp
now() { grep -o '\[[a-z]*\]' $thp; }
start() {
	"$bpftoll" run --isolate --variant raw_tp_empty --trigger munmap_einval --seconds 3000 -o "$dir/$1" \
		>"$dir/out" 2>"$dir/err" &
	pid=$!
	# the first readings on disk: it is in the middle
	while kill -0 $pid 2>/dev/null && ! [ -s "$dir/$1/samples/raw_tp_empty.munmap_einval.-.stirred.gz" ]; do sleep 0.05; done
}

start a
if ! kill -0 $pid 2>/dev/null; then
	skip "isolate" "nothing runs here: $(tail -n 1 "$dir/err")"
	echo "$was" >$thp; done_testing; exit 0
fi
check "THP is off while it runs" test "$(now)" = "[never]"
check "the journal is private" test "$(stat -c %a $journal)" = 600
kill -INT $pid; wait $pid
check "SIGINT restores" test "$(now)" = "[madvise]"
check "and removes the journal" test ! -e $journal
start b
kill -KILL $pid; wait $pid 2>/dev/null
check "SIGKILL cannot restore" test "$(now)" = "[never]"
exits 1 "a second --isolate refuses" "$bpftoll" run --isolate --variant raw_tp_empty --rounds 2 -o "$dir/c"
says "and names restore" "bpftoll restore"
exits 0 "restore" "$bpftoll" restore
check "restore puts it back" test "$(now)" = "[madvise]"
exits 0 "restore again has nothing to do" "$bpftoll" restore
says "and says so" "nothing to restore"
no=$("$bpftoll" list 2>/dev/null | sed -nE 's/^  no: ([a-z0-9_]+) .*/\1/p' | head -n 1)
if [ -n "$no" ]; then
	exits 4 "a variant that cannot be attached" timeout 20 "$bpftoll" run --isolate --variant "$no" -o "$dir/never"
	says "is said" "nothing that was asked for can be measured here: $no: "
	check "and settings are put back" test "$(now)" = "[madvise]"
	check "with no journal left" test ! -e $journal
else
	skip "a variant that cannot be attached" "all of them can be"
fi
echo "$was" >$thp
done_testing
