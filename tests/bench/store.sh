#!/usr/bin/env bash
# What the store takes: tests/bench/store.sh BUILD [RECORDS]. RECORDS of 500 cells are added to SQLite and to a PostgreSQL of its
# own, twice; then cells are multiplied within both to 5 million, and asked for. CPU time beside the clock's, as others may run
# beside it. All of it is below a folder that goes away.
set -eu
records=${2:-100}
. "$(dirname "$0")/../e2e/tap.sh" "$1/bpftoll"
cd "$(dirname "$0")/../.."
. tests/e2e/store/postgresql.sh

python3 tests/e2e/store/records.py "$dir/fleet" "$records" 500
cat "$dir"/fleet/*/record.json >/dev/null
# spent NAME COMMAND…: CPU seconds of user and system, and of the clock
spent() {
	local name=$1; shift
	python3 - "$name" "$records" "$@" <<-'PY'
	import os, resource, subprocess, sys, time
	begin = time.monotonic()
	subprocess.run(sys.argv[3:], check=True, stdout=subprocess.DEVNULL)
	wall, used = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
	cpu, n = used.ru_utime + used.ru_stime, int(sys.argv[2])
	print(f"{sys.argv[1]}: {n} records of 500 cells: {cpu:.2f} s of CPU, {wall:.2f} s on {len(os.sched_getaffinity(0))} CPUs at load "
	      f"{os.getloadavg()[0]:.1f}; 10,000: {cpu * 10000 / n:.0f} s of CPU, {wall * 10000 / n:.0f} s (asked: 60)")
	PY
}
# server_cpu: seconds that the server's processes took, those that ended too
server_cpu() {
	local pid
	read -r pid <"$dir/pg/data/postmaster.pid"
	cat "/proc/$pid/stat" $(for p in $(pgrep -P "$pid"); do echo "/proc/$p/stat"; done) 2>/dev/null |
		awk -v hz="$(getconf CLK_TCK)" 'NR == 1 { t += $16 + $17 } { t += $14 + $15 } END { printf "%.2f\n", t / hz }'
}
spent "SQLite" "$bpftoll" store add --db "$dir/store.db" "$dir/fleet"
spent "SQLite, all there already" "$bpftoll" store add --db "$dir/store.db" "$dir/fleet"
server=
if pg_start; then
	server=$(pg_url trusted store)
	pg_sql postgres 'CREATE DATABASE store'
	before=$(server_cpu)
	spent "PostgreSQL, without the server" "$bpftoll" store add --db "$server" "$dir/fleet"
	echo "the server: $(echo "$(server_cpu) - $before" | bc) s of CPU"
	spent "PostgreSQL, all there already" "$bpftoll" store add --db "$server" "$dir/fleet"
else
	echo "PostgreSQL: $pg_lack"
fi

# multiplied FIRST: run and cell again under other keys, until there are 10,000 runs
multiplied() {
	cat <<-SQL
	BEGIN;
	CREATE TEMP TABLE copies AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000 / $records - 1) SELECT i FROM n;
	INSERT INTO run SELECT id + 1000003 * i, hash || '-' || i, folder, machine, kernel, boot, created, suite, version, record_schema, partial, command FROM run, copies;
	INSERT INTO cell SELECT run + 1000003 * i, configuration, status, reason, unit, n, rounds, workers, typical + i, typical_lo + i, typical_hi + i,
		mean, mean_lo, mean_hi, p99, p99_lo, p99_hi, baseline_typical FROM (SELECT * FROM cell ORDER BY configuration) AS first, copies;
	COMMIT;
	SQL
}
ask() {
	python3 - "$@" <<-'PY'
	import resource, subprocess, sys, time
	begin = time.monotonic()
	rows = subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE).stdout.count(b"\n") - 1
	used = resource.getrusage(resource.RUSAGE_CHILDREN)
	print(f"query {' '.join(sys.argv[6:])}: {rows} rows, {used.ru_utime + used.ru_stime:.2f} s of CPU, {time.monotonic() - begin:.2f} s (asked: 1)")
	PY
}
questions() {
	ask "$bpftoll" store query --csv --db "$1" kernel~6.1 cpu~EPYC variant=tp_btf_perf since=2026-01-20
	ask "$bpftoll" store query --csv --db "$1" configuration=tp_btf_empty/munmap_einval/-/stirred
	ask "$bpftoll" store query --csv --db "$1" machine=node03 syscall=munmap_einval
	ask "$bpftoll" store query --db "$1" kernel~6.1 variant=tp_btf_perf
}
(echo 'PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;'; multiplied) | sqlite3 "$dir/store.db" >/dev/null
echo "SQLite: $(sqlite3 "$dir/store.db" 'SELECT count(*) FROM cell') cells"
questions "$dir/store.db"
rm -f "$dir"/store.db*
[ "$server" ] || exit 0
multiplied | psql -XqAt -v ON_ERROR_STOP=1 "$server"
# as autovacuum does within a minute
pg_sql store 'VACUUM ANALYZE'
echo "PostgreSQL: $(pg_sql store 'SELECT count(*) FROM cell') cells"
questions "$server"
pg_sql store "EXPLAIN SELECT created, typical FROM figure WHERE kernel LIKE '6.1.%' AND variant = 'tp_btf_perf' ORDER BY created DESC LIMIT 41"
