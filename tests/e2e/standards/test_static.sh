#!/usr/bin/env bash
# The static binary needs no file but itself: in an empty folder as root folder, with an empty environment.
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../../.."
chroot=$(PATH=$PATH:/usr/sbin command -v chroot)
if [ "$(id -u)" != 0 ] || [ -z "$chroot" ]; then
	skip "the static binary" "needs root and chroot"; done_testing; exit 0
fi
make -s static B="$(dirname "$bpftoll" | sed "s,^$PWD/,,")" >"$dir/log" 2>&1 || not_ok "make static" "$(tail -n 5 "$dir/log")"
static=$(dirname "$bpftoll")/bpftoll-static
mkdir "$dir/root" "$dir/root/run" && cp "$static" "$dir/root/bpftoll" && cp reports/examples/run/record.json "$dir/root/run"
alone() { env -i "$chroot" "$dir/root" /bpftoll "$@"; }
check "names no interpreter" eval '! readelf -l "$static" | grep -q INTERP'
check "the same version" test "$(alone --version | cut -d' ' -f1,2)" = "$("$bpftoll" --version | cut -d' ' -f1,2)"
check "the same answer" diff <(alone report --json run) <(cd "$dir/root" && "$bpftoll" report --json run)
exits 0 "it compares" alone compare run run
alone list >"$dir/out" 2>"$dir/err"
says "without /sys it says what it lacks" "tracefs is not mounted"
done_testing
