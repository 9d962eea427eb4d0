#!/usr/bin/env bash
# What the store takes, in CPU time (others may run beside it): tests/bench/store.sh BUILD [RECORDS]. RECORDS of 500 cells are
# added to SQLite and to a PostgreSQL of its own; then cells are multiplied within SQLite to 5 million, and asked for.
set -eu
records=${2:-100}
. "$(dirname "$0")/../e2e/tap.sh" "$1/bpftoll"
cd "$(dirname "$0")/../.."
. tests/e2e/store/postgresql.sh

python3 tests/e2e/store/records.py "$dir/fleet" "$records" 500
# spent NAME COMMAND…: CPU seconds of user and system, and of the clock
spent() {
	local name=$1; shift
	python3 - "$name" "$records" "$@" <<-'PY'
	import resource, subprocess, sys, time
	begin = time.monotonic()
	subprocess.run(sys.argv[3:], check=True, stdout=subprocess.DEVNULL)
	wall, used = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
	cpu, n = used.ru_utime + used.ru_stime, int(sys.argv[2])
	print(f"{sys.argv[1]}: {n} records of 500 cells: {cpu:.1f} s of CPU, {wall:.1f} s; 10,000 would take {cpu * 10000 / n:.0f} s of CPU (asked: 60)")
	PY
}
spent SQLite "$bpftoll" store add --db "$dir/store.db" "$dir/fleet"
if pg_start; then
	pg_sql postgres 'CREATE DATABASE store'
	spent "PostgreSQL, without the server" "$bpftoll" store add --db "$(pg_url trusted store)" "$dir/fleet"
else
	echo "PostgreSQL: $pg_lack"
fi

sqlite3 "$dir/store.db" >/dev/null <<SQL
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
CREATE TEMP TABLE copies AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000 / $records - 1) SELECT i FROM n;
BEGIN;
INSERT INTO run SELECT id + 1000003 * i, hash || '-' || i, folder, machine, kernel, boot, created, suite, version, record_schema, partial, command FROM run, copies;
INSERT INTO cell SELECT run + 1000003 * i, configuration, status, reason, unit, n, rounds, workers, typical + i, typical_lo + i, typical_hi + i,
	mean, mean_lo, mean_hi, p99, p99_lo, p99_hi, baseline_typical FROM (SELECT * FROM cell ORDER BY configuration), copies;
COMMIT;
SQL
echo "SQLite: $(sqlite3 "$dir/store.db" 'SELECT count(*) FROM cell') cells"
ask() {
	python3 - "$@" <<-'PY'
	import resource, subprocess, sys, time
	begin = time.monotonic()
	rows = subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE).stdout.count(b"\n") - 1
	used = resource.getrusage(resource.RUSAGE_CHILDREN)
	print(f"query {' '.join(sys.argv[7:])}: {rows} rows, {used.ru_utime + used.ru_stime:.2f} s of CPU, {time.monotonic() - begin:.2f} s (asked: 1)")
	PY
}
ask "$bpftoll" store query --csv --db "$dir/store.db" kernel~6.1 cpu~EPYC variant=tp_btf_perf since=2026-01-20
ask "$bpftoll" store query --csv --db "$dir/store.db" configuration=tp_btf_empty/munmap_einval/-/stirred
ask "$bpftoll" store query --csv --db "$dir/store.db" machine=node03 syscall=munmap_einval
