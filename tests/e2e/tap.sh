# Sourced by the end-to-end tests: TAP on stdout. $bpftoll is the binary, $dir a private folder that goes away.
bpftoll=$(realpath "${1:?usage: test_….sh BPFTOLL}")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# locks of CPUs of its own: tests ask for no quiet, and what runs beside them may measure too
export BPFTOLL_LOCKS=$dir/locks
n=0

ok() { n=$((n + 1)); echo "ok $n - $1"; }
not_ok() { n=$((n + 1)); echo "not ok $n - $1"; [ -z "${2-}" ] || echo "$2" | sed 's/^/# /'; }
# A reason is part of a skip.
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }
# check NAME COMMAND…: passes when the command does
check() { local name=$1; shift; if "$@" >"$dir/.check" 2>&1; then ok "$name"; else not_ok "$name" "$(tail -n 20 "$dir/.check")"; fi; }
# restless RECORD: what the tool says of other guests and tasks on this machine, if anything: in RECORD, or now
restless() {
	local record
	for record in "$1" "$dir/now"; do
		if [ "$record" = "$dir/now" ] && ! [ -e "$record" ]; then
			"$bpftoll" run --variant raw_tp_empty --trigger munmap_einval --rounds 10 -o "$record" >"$dir/.now" 2>&1
		fi
		python3 -c 'import json,re,sys
told=[d for d in json.load(open(sys.argv[1]+"/record.json"))["degraded"]
      if re.search("other (guests used|tasks ran on) ||the null test failed", d)]
print(*told[:1], end=""); sys.exit(not told)' "$record" && return
	done
}
# quiet NAME RECORD COMMAND…: a check that a busy machine may fail, and only a busy one
quiet() {
	local name=$1 record=$2 why; shift 2
	if "$@" >"$dir/.check" 2>&1; then ok "$name"; return; fi
	why=$(restless "$record")
	if [ -n "$why" ]; then skip "$name" "$why"; else not_ok "$name" "$(tail -n 20 "$dir/.check")"; fi
}
# exits CODE NAME COMMAND…: stdout to $dir/out, stderr to $dir/err
exits() {
	local want=$1 name=$2 got; shift 2
	"$@" >"$dir/out" 2>"$dir/err"; got=$?
	if [ "$got" = "$want" ]; then ok "$name"; else not_ok "$name: exit $got, not $want" "$(tail -n 20 "$dir/err")"; fi
}
says() { if grep -qE -- "$2" "$dir/err" "$dir/out"; then ok "$1"; else not_ok "$1: nothing says '$2'" "$(cat "$dir/err")"; fi; }
# slopes RECORD EXPRESSION: what python says of the record r's slopes, s by id
slopes() {
	python3 - "$@" <<-'PY'
	import json, sys
	r = json.load(open(sys.argv[1] + "/record.json"))
	s = {x["id"]: x for x in r["slopes"]}
	def measured(x): return x["status"] == "measured"
	def rows(helper, **want):
	    return [x for x in r["slopes"] if x["helper"] == helper and all(x[k] == v for k, v in want.items())]
	print(eval(sys.argv[2]))
	PY
}
done_testing() { echo "1..$n"; }
