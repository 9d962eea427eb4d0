# Sourced by the end-to-end tests: TAP on stdout. $bpftoll is the binary, $dir a private folder that goes away.
bpftoll=$(realpath "${1:?usage: test_….sh BPFTOLL}")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0

ok() { n=$((n + 1)); echo "ok $n - $1"; }
not_ok() { n=$((n + 1)); echo "not ok $n - $1"; [ -z "${2-}" ] || echo "$2" | sed 's/^/# /'; }
# A reason is part of a skip.
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }
# check NAME COMMAND…: passes when the command does
check() { local name=$1; shift; if "$@" >"$dir/.check" 2>&1; then ok "$name"; else not_ok "$name" "$(tail -n 20 "$dir/.check")"; fi; }
# exits CODE NAME COMMAND…: stdout to $dir/out, stderr to $dir/err
exits() {
	local want=$1 name=$2 got; shift 2
	"$@" >"$dir/out" 2>"$dir/err"; got=$?
	if [ "$got" = "$want" ]; then ok "$name"; else not_ok "$name: exit $got, not $want" "$(tail -n 20 "$dir/err")"; fi
}
says() { if grep -qE -- "$2" "$dir/err" "$dir/out"; then ok "$1"; else not_ok "$1: nothing says '$2'" "$(cat "$dir/err")"; fi; }
done_testing() { echo "1..$n"; }
