#!/usr/bin/env bash
# Records in SQLite and in a real PostgreSQL: what goes in comes out, once; what cannot go in is named and leaves nothing.
# parallel: reads records only, and measures nothing
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../../.." || exit 1
. tests/e2e/store/postgresql.sh

python3 tests/e2e/store/records.py "$dir/fleet" 6
cells=72
store() { "$bpftoll" store "$@"; }
# every figure of the database in a form that two databases have in common
figures() { store query --csv --db "$1" >"$2" && [ "$(wc -l <"$2")" -gt 1 ]; }
# counts QUERY_FUNCTION: how much is in each table
counts='SELECT (SELECT count(*) FROM machine), (SELECT count(*) FROM kernel), (SELECT count(*) FROM boot),
	(SELECT count(*) FROM run), (SELECT count(*) FROM cell), (SELECT count(*) FROM condition)'

# both DATABASE SQL: what holds for each kind. SQL is a command that takes a statement.
both() {
	local url=$1 kind=$2 sql=$3 before
	exits 0 "$kind: records are added" store add --db "$url" "$dir/fleet"
	says "$kind: and counted" '^6 added, 0 there already, 0 refused'
	check "$kind: all cells are there" test "$($sql "SELECT count(*) FROM cell")" = $cells
	check "$kind: machines, kernels, boots, runs" eval '[[ "$($sql "$counts")" == "3 3 3 6 72 "* ]]'
	before=$($sql "$counts")
	exits 0 "$kind: adding twice" store add --db "$url" "$dir/fleet"
	says "$kind: adds nothing" '^0 added, 6 there already, 0 refused'
	check "$kind: nothing" test "$before" = "$($sql "$counts")"

	# what was put in, from the records themselves
	store query --json --db "$url" >"$dir/rows.json"
	check "$kind: figures are those of the records" python3 - "$dir" <<-'PY'
	import json, glob, sys
	want = set()
	for path in glob.glob(sys.argv[1] + "/fleet/*/record.json"):
	    r = json.load(open(path))
	    for c in r["cells"]:
	        e = c["overhead"]["typical"]
	        want.add((r["host"]["node"], r["host"]["boot"], r["host"]["kernel"], r["host"]["cpu"], c["id"], c["unit"], c["rounds"], c["n"],
	                  *(float("%.15g" % e[k]) for k in ("value", "lo", "hi"))))
	got = [(r["machine"], r["boot"], r["kernel"], r["cpu"], r["configuration"], r["unit"], r["rounds"], r["n"],
	        r["typical"], r["typical_lo"], r["typical_hi"]) for r in json.load(open(sys.argv[1] + "/rows.json"))]
	assert len(got) == len(want) == 72, (len(got), len(want))
	assert set(got) == want, (set(got) ^ want)
	PY

	# filters: as many rows as the records say
	rows() { store query --csv --db "$url" "${@:2}" | tail -n +2 | wc -l | grep -qx "$1"; }
	check "$kind: kernel~6.1 is not 6.18 and not 6.12" rows 48 kernel~6.1
	check "$kind: kernel= is exact" rows 24 kernel=6.1.0-18-amd64
	check "$kind: cpu~ takes any case" rows 48 cpu~epyc
	check "$kind: a sign of LIKE is a letter" rows 0 cpu~%
	check "$kind: several filters" rows 2 variant=raw_tp_empty cpu~EPYC kernel=6.1.0-18-amd64 machine!=node02
	check "$kind: until and since" rows 12 since=2026-01-02 until=2026-01-03
	check "$kind: a filter's quotation marks stay in it" rows 0 "machine=x' OR '1'='1"
	check "$kind: --limit" rows 5 --limit 5
	exits 2 "$kind: an unknown key is wrong usage" store query --db "$url" nod=1
	exits 2 "$kind: a key of events is none of figures" store query --db "$url" scenario=sweep
	exits 2 "$kind: so is a word without an operator" store query --db "$url" kernel

	# points of suite events, from the records themselves; then every statement of the man page as it stands there
	exits 0 "$kind: one record of each kind" store add --db "$url" reports/examples
	check "$kind: event points are those of the records" python3 - "$bpftoll" "$url" <<-'PY'
	import csv, glob, io, json, subprocess, sys
	def ask(*words):
	    return subprocess.run([sys.argv[1], "store", "query", "--csv", "--db", sys.argv[2], *words], check=True, capture_output=True, text=True).stdout
	points = [p for path in glob.glob("reports/examples/**/record.json", recursive=True) for p in json.load(open(path)).get("event_points") or []]
	want = sorted((p["id"], p["status"], "" if p["overhead"]["value"] is None else "%.9g" % p["overhead"]["value"], str(p["exposure_lost"] or 0))
	              for p in points)
	rows = list(csv.DictReader(io.StringIO(ask("events")), skipinitialspace=True))
	got = sorted((r["point"], r["status"], r["overhead"] and "%.9g" % float(r["overhead"]), r["exposure_lost"]) for r in rows)
	assert len(want) > 20, len(want)
	assert got == want, set(got) ^ set(want)
	sweeps = sum(p["scenario"] == "sweep" and "ringbuf" in p["variant"] for p in points)
	assert ask("events", "scenario=sweep", "variant~ringbuf").count("\n") - 1 == sweeps > 0
	PY
	check "$kind: so are prices of helpers, what programs felt, and prices of instructions" python3 - "$bpftoll" "$url" <<-'PY'
	import csv, glob, io, json, subprocess, sys
	records = [json.load(open(path)) for path in glob.glob("reports/examples/**/record.json", recursive=True)]
	def number(x): return "" if x in (None, "") else "%.9g" % float(x)
	def check(word, rows, members):
	    want = sorted((r["id"], r["status"], *(number(get(r)) for _, get in members)) for record in records for r in record.get(rows) or [])
	    out = subprocess.run([sys.argv[1], "store", "query", word, "--csv", "--db", sys.argv[2]], check=True, capture_output=True, text=True).stdout
	    got = sorted((r["name"], r["status"], *(number(r[name]) for name, _ in members)) for r in csv.DictReader(io.StringIO(out), skipinitialspace=True))
	    assert len(want) > 20 and got == want, (word, len(want), list(set(got) ^ set(want))[:4])
	check("helpers", "slopes", [("first_call", lambda r: r["first"]["value"]),
	                            ("further_call", lambda r: None if r["nonlinear"] else r["slope"]["value"])])
	check("apps", "app_results", [("with_probe_hi", lambda r: r["value"]["hi"]), ("change", lambda r: r["change"]["value"]),
	                              ("predicted_lo", lambda r: r["predicted"]["lo"]), ("visible", lambda r: r["visible"])])
	check("instructions", "instruction_prices", [("ns", lambda r: r["ns"]["value"])])
	PY
	check "$kind: wakeup= takes the words of --wakeup-policy and those of records" eval 'cmp <(store query wakeup=per-event --csv --db "$url") \
		<(store query wakeup=caught_up --csv --db "$url") && test "$(store query wakeup=per-event --csv --db "$url" | wc -l)" -gt 1'
	exits 2 "$kind: a key of apps is none of helpers" store query --db "$url" helpers app=redis
	exits 0 "$kind: events as a table" store query --db "$url" events scenario=sweep variant~ringbuf
	says "$kind: what is common is said once" '^all rows: day '
	for list in "" suite=quick events helpers apps instructions; do
		check "$kind: a table fits in 80 columns ($list)" eval 'store query $list --db "$url" --limit 1000 | python3 -c "import sys; sys.exit(max(len(l) for l in sys.stdin) > 81)"'
	done
	check "$kind: a table leaves baselines out, unless they are asked for" eval \
		'! store query --db "$url" suite=quick --limit 1000 2>/dev/null | grep -q none_again &&
		store query --db "$url" suite=quick variant=none_again 2>/dev/null | grep -q none_again'
	exits 2 "$kind: a key of figures is none of events" store query --db "$url" events hook=kprobe
	check "$kind: the man page's statements" eval 'python3 -c "
import re
text = open(\"kit/man/bpftoll-store.1.md\").read()
found = re.findall(r\"store.db \\\"(SELECT.*?)\\\"\", text, re.S)
assert len(found) == 3, found
print(\"\\0\".join(found), end=\"\\0\")" >"$dir/statements"; while IFS= read -r -d "" s; do $sql "$s" || exit 1; done <"$dir/statements" >/dev/null'
}

sqlite() { sqlite3 -separator ' ' "$dir/store.db" "$1"; }
have_sqlite=$(command -v sqlite3)
if [ -z "$have_sqlite" ]; then skip "SQLite" "sqlite3 is not installed"; else
	# a schema of the first version, with nothing else: what an older bpftoll left
	{ cat kit/store/schema/1.sql; echo 'CREATE TABLE bpftoll_schema (version INTEGER NOT NULL); INSERT INTO bpftoll_schema VALUES (1);'; } |
		sqlite3 "$dir/store.db"
	both "$dir/store.db" SQLite sqlite
	check "SQLite: a database of schema 1 was brought up to date" test "$(sqlite 'SELECT max(version) FROM bpftoll_schema')" = \
		"$(ls kit/store/schema | sort -n | tail -n 1 | cut -d. -f1)"
	sqlite3 "$dir/newer.db" 'CREATE TABLE bpftoll_schema (version INTEGER NOT NULL); INSERT INTO bpftoll_schema VALUES (1000)'
	exits 1 "SQLite: a newer bpftoll's database is refused" store add --db "$dir/newer.db" "$dir/fleet"
	says "SQLite: with both versions" 'version 1000, of a newer bpftoll'
fi
ln -s "$dir/elsewhere.db" "$dir/link.db"
exits 1 "SQLite: a link is not followed" store add --db "$dir/link.db" "$dir/fleet"
exits 1 "SQLite: what is no database is refused" store add --db README.md "$dir/fleet"
says "SQLite: with the reason" 'README.md: .*not a database'
exits 1 "a query of a database that is not there" store query --db "$dir/nowhere.db"
check "makes none" test ! -e "$dir/nowhere.db"
exits 1 "a database that is no kind we know" store query --db mysql://root:Gr8-secret@localhost/x
check "its password is not shown" eval '! grep -q Gr8-secret "$dir/err"'

# ---- bad records among good ones ----
mkdir -p "$dir/mixed" && cp -r "$dir/fleet/00000" "$dir/fleet/00001" tests/records/quick "$dir/mixed/"
mkdir "$dir/mixed/00000a" "$dir/mixed/00000b" "$dir/mixed/00000c"
# what a lost run of a campaign left is no record of its own
cp -r "$dir/fleet/00003" "$dir/mixed/run-1.lost-1"
head -c 5000 "$dir/fleet/00002/record.json" >"$dir/mixed/00000a/record.json"
sed 's,"bpftoll/1","bpftoll/9",' "$dir/fleet/00002/record.json" >"$dir/mixed/00000b/record.json"
# one cell twice: it can be read, but not stored
python3 -c 'import json, sys
r = json.load(open(sys.argv[1])); r["cells"].append(r["cells"][0]); json.dump(r, open(sys.argv[2], "w"))' \
	"$dir/fleet/00002/record.json" "$dir/mixed/00000c/record.json"

mixed() {
	local url=$1 kind=$2 sql=$3
	exits 1 "$kind: bad records among good ones" store add --db "$url" "$dir/mixed"
	says "$kind: the good ones go in" '^3 added, 0 there already, 3 refused'
	says "$kind: a cut one is named" 'mixed/00000a/record.json'
	says "$kind: one of another schema is named" 'mixed/00000b/record.json.*bpftoll/9'
	says "$kind: one that says something twice is named" 'mixed/00000c'
	check "$kind: nothing of it is left" test "$($sql 'SELECT count(*) FROM run')" = 3
}
mixed_sqlite() { sqlite3 "$dir/mixed.db" "$1"; }
if [ -n "$have_sqlite" ]; then mixed "$dir/mixed.db" SQLite mixed_sqlite; fi
exits 1 "a folder without records" store add --db "$dir/mixed.db" kit/man
exits 1 "a folder that is not there" store add --db "$dir/mixed.db" "$dir/no-such-folder"
says "is named" 'no-such-folder'

# ---- PostgreSQL ----
if ! pg_start; then skip "PostgreSQL" "$pg_lack"; done_testing; exit 0; fi
for name in store mixed two older; do pg_sql postgres "CREATE DATABASE $name"; done
pg_store() { pg_sql store "$1"; }
pg_mixed() { pg_sql mixed "$1"; }
pg_sql older "$(cat kit/store/schema/1.sql)" >/dev/null
pg_sql older 'CREATE TABLE bpftoll_schema (version INTEGER NOT NULL); INSERT INTO bpftoll_schema VALUES (1)'
exits 0 "PostgreSQL: a database of schema 1" store add --db "$(pg_url trusted older)" "$dir/fleet"
check "PostgreSQL: was brought up to date" test "$(pg_sql older 'SELECT count(*) FROM figure')" = $cells
both "$(pg_url trusted store)" PostgreSQL pg_store
mixed "$(pg_url trusted mixed)" PostgreSQL pg_mixed
if [ -n "$have_sqlite" ]; then
	figures "$dir/store.db" "$dir/of-sqlite"; figures "$(pg_url trusted store)" "$dir/of-server"
	check "both databases say the same" cmp "$dir/of-sqlite" "$dir/of-server"
fi

# who may only read, as a dashboard does
pg_sql store 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO locked'
export PGPASSWORD=Gr8-secret
exits 0 "one who may only read can ask" store query --db "$(pg_url locked store)" --csv
exits 1 "and cannot add" store add --db "$(pg_url locked store)" tests/records/run
says "is told so" 'permission denied'
unset PGPASSWORD

# writers at once, of the same records and of others
python3 tests/e2e/store/records.py "$dir/many" 40
pids=
for i in 1 2 3; do store add --db "$(pg_url trusted two)" "$dir/many" >"$dir/writer$i" 2>&1 & pids+=" $!"; done
failed=0
for pid in $pids; do wait "$pid" || failed=1; done
check "three writers at once" test $failed = 0
check "each record was added by one of them" test "$(awk '{sum += $1} END {print sum}' "$dir"/writer?)" = 40
check "all are there, once" test "$(pg_sql two 'SELECT count(*), count(DISTINCT run) FROM cell')" = "480 40"

# ---- credentials ----
secret() { if grep -q "$1" "$dir/err" "$dir/out"; then not_ok "$2: the password is shown"; else ok "$2: no password is shown"; fi; }
exits 1 "a wrong password" store query --db "postgresql://locked:Wr0ng-secret@/store?host=$dir/pg"
says "is said to be one" 'password authentication failed for user "locked"'
secret Wr0ng "a wrong password"
exits 0 "the right one" store query --db "postgresql://locked:Gr8-secret@/store?host=$dir/pg"
exits 0 "the right one, as a parameter" store query --db "$(pg_url locked store)&password=Gr8-secret"
# what cannot be read as a URL is repeated by the library in its messages
for url in 'postgresql://u:Gr8-secret@[::1/x' 'postgresql://u:Gr8-secret@host:no-port/x' 'postgresql://u:x@Gr8-secret@host/x' \
	'postgresql://u:Gr8-secret/z@host/x' 'postgresql://u:Gr8-secret?z@host/x' 'postgresql://u@host/x?password=Gr8-secret&sslmode=maybe' \
	'postgresql:/u:Gr8-secret@host/x' 'host=nowhere password=Gr8-secret'; do
	exits 1 "${url//Gr8-secret/***}" store query --db "$url"
	secret Gr8-secret "${url//Gr8-secret/***}"
done
exits 1 "a database that is not there" store query --db "$(pg_url trusted nowhere)"
says "is named" 'database "nowhere" does not exist'

# ---- the server goes away in the middle of a record ----
pg_sql postgres 'CREATE DATABASE gone'
store add --db "$(pg_url trusted gone)" "$dir/fleet/00000" >/dev/null
# the second record waits for this lock, so it is in the middle when the server dies
mkfifo "$dir/hold"
psql -XqAt -h "$dir/pg" -U trusted -d gone <"$dir/hold" >"$dir/held" 2>&1 &
exec 7>"$dir/hold"
echo 'BEGIN; LOCK TABLE cell IN EXCLUSIVE MODE; SELECT 1;' >&7
until grep -q 1 "$dir/held"; do read -r -t 0.05 <> <(:) || true; done
store add --db "$(pg_url trusted gone)" "$dir/fleet" >"$dir/out" 2>"$dir/err" &
pid=$!
until [ "$(pg_sql gone "SELECT count(*) FROM pg_locks WHERE NOT granted")" = 1 ]; do read -r -t 0.05 <> <(:) || true; done
pg_down
wait $pid; code=$?
exec 7>&-
check "the server goes away: exit 1" test $code = 1
says "the server goes away: said" 'fleet/00001/record.json: .*(terminat|connection)'
check "the server goes away: said once, not for each record" eval '[ "$(wc -l <"$dir/err")" -le 3 ]'
pg_up
check "nothing of that record is there" test "$(pg_sql gone 'SELECT count(*), count(DISTINCT run) FROM cell')" = "12 1"
exits 0 "added again" store add --db "$(pg_url trusted gone)" "$dir/fleet"
check "all are there" test "$(pg_sql gone 'SELECT count(*), count(DISTINCT run) FROM cell')" = "72 6"
exits 1 "a server that is not there" store query --db "postgresql:///x?host=$dir/fleet"
says "is said so" 'Is the server running locally'
done_testing
