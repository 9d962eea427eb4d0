#!/usr/bin/env bash
# Paths, links and files that are not what they seem.
. "$(dirname "$0")/../e2e/tap.sh"
root=$(realpath "$(dirname "$0")/../..")
example=$root/reports/examples/run

# A path that does not fit is refused; cut, it would be another folder.
part=$(printf 'd%.0s' $(seq 200))
if [ "$(id -u)" = 0 ]; then
	exits 0 "a folder of 600 bytes" "$bpftoll" run --variant raw_tp_empty --syscall munmap_einval --rounds 2 -o "$dir/$part/$part/$part"
	check "has the record" "$bpftoll" report "$dir/$part/$part/$part"
fi
exits 1 "a path that is longer than any" "$bpftoll" report "$example" -o "$dir/L$(printf "/$part%.0s" $(seq 21))"
check "and makes no folder" test ! -e "$dir/L"

# A FIFO without a writer and a device without an end are no files: refused at once, whatever reads them.
# refuses NAME COMMAND…
refuses() {
	local name=$1; shift
	timeout -k 1 5 "$@" >"$dir/out" 2>"$dir/err" </dev/null
	if [ $? -le 2 ] && grep -qE 'not a (regular file|kernel image)' "$dir/err"; then ok "$name"
	else not_ok "$name" "$(tail -n 3 "$dir/err")"; fi
}
mkfifo "$dir/fifo"
for made in "mkfifo" "ln -s /dev/zero"; do
	rm -rf "$dir/folded" "$dir/odd"; mkdir "$dir/folded" "$dir/odd"
	$made "$dir/folded/hit.folded"; $made "$dir/odd/record.json"
	refuses "export --folded: $made" "$bpftoll" export --folded "$dir/folded"
	refuses "report: $made" "$bpftoll" report "$dir/odd"
done
for file in "$dir/fifo" /dev/zero; do
	refuses "verdict --budget $file" "$bpftoll" verdict --budget "$file" "$example"
	refuses "lab --kernel $file" "$bpftoll" lab --kernel "$file" --xray raw_tp_empty -o "$dir/no"
done
# all its samples are FIFOs: the report goes on without them
cp -r "$example" "$dir/piped"
for name in "$dir"/piped/samples/*; do rm "$name"; mkfifo "$name"; done
check "a report of a record whose samples are FIFOs ends" timeout -k 1 60 "$bpftoll" report "$dir/piped" -o "$dir/report"
check "and has the report" test -s "$dir/report/report.md"

# Links in the folder of the report, as another user of it can lay them: what they point to stays as it was.
mkdir "$dir/laid" "$dir/laid/pictures"
for name in report.md report.md.new report.html report.pdf results.csv pictures/overheads.svg; do
	echo kept >"$dir/kept-${name##*/}"
	ln -s "$dir/kept-${name##*/}" "$dir/laid/$name"
done
exits 0 "a report into a folder with links" "$bpftoll" report "$example" -o "$dir/laid"
check "writes through none of them" sh -c "! grep -Lx kept $dir/kept-* | grep ."
check "and is there" test -f "$dir/laid/report.md" -a ! -L "$dir/laid/report.md"
mkdir "$dir/laid2" "$dir/elsewhere"
ln -s "$dir/elsewhere" "$dir/laid2/pictures"
exits 1 "a folder of pictures that leads elsewhere" "$bpftoll" report "$example" -o "$dir/laid2"
says "is refused" "links are not followed"
check "and nothing is there" test -z "$(ls "$dir/elsewhere")"

# Escape sequences in arguments reach no terminal.
escape=$(printf '\033[31m')
for words in "run --$escape" "run --variant $escape" "run --cpu $escape" "run --precision $escape" "run $escape" "$escape" "report $escape"; do
	"$bpftoll" $words >"$dir/out" 2>"$dir/err"
	check "bpftoll ${words//$escape/ESC}: shown, not sent" sh -c "grep -qF '\\x1b[31m' $dir/err && ! grep -q \"\$(printf '\\033')\" $dir/err"
done

done_testing
