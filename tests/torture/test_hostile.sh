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

done_testing
