#!/usr/bin/env bash
# The Grafana dashboards: their JSON, and each query as Grafana would send it, to a real PostgreSQL and to Prometheus' own engine.
# parallel: reads records only, and measures nothing
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../../.." || exit 1
. tests/e2e/store/postgresql.sh
boards=reports/export/grafana

# tell NAME ARGUMENTS…: what dashboards.py says, as tests
tell() {
	local name=$1 line; shift
	if ! python3 tests/e2e/store/dashboards.py "$@" >"$dir/told" 2>"$dir/err"; then not_ok "$name: $1" "$(tail -n 5 "$dir/err")"; fi
	while read -r line; do
		case $line in
		ok*) ok "$name: ${line#ok }" ;;
		*) not_ok "$name: ${line#not ok }" ;;
		esac
	done <"$dir/told"
}

if ! python3 -c 'import jsonschema' 2>/dev/null; then skip "JSON of dashboards" "python3-jsonschema is not installed"; else
	for board in "$boards"/*.json; do tell "$(basename "$board")" schema tests/e2e/store/dashboard.schema.json "$board"; done
	sed 's/"rawSql"/"rawSQL"/' $boards/postgresql.json >"$dir/misspelt.json"
	check "a misspelt member is found" eval 'python3 tests/e2e/store/dashboards.py schema tests/e2e/store/dashboard.schema.json "$dir/misspelt.json" | grep -q "^not ok its JSON"'
fi

if ! command -v promtool >/dev/null; then skip "PromQL" "prometheus is not installed"; else
	# one record of costs and one of events are one instance here
	for record in run events; do "$bpftoll" export --openmetrics reports/examples/$record; done | awk '!seen[$0]++' >"$dir/metrics"
	awk '/^#/ { next } { name = $1; if (!(name in have)) print; have[name] = 1 }' "$dir/metrics" >"$dir/series"
	tell openmetrics.json promql $boards/openmetrics.json "$dir/series"
	sed 's/bpftoll_cell_p99_bound/bpftoll_cell_p99_limit/' $boards/openmetrics.json >"$dir/wrong.json"
	check "a metric that is not exported is found" eval 'python3 tests/e2e/store/dashboards.py promql "$dir/wrong.json" "$dir/series" | grep -q "^not ok.*no bpftoll_cell_p99_limit"'
fi

if ! pg_start; then skip "PostgreSQL" "$pg_lack"; done_testing; exit 0; fi
pg_sql postgres 'CREATE DATABASE store'
python3 tests/e2e/store/records.py "$dir/fleet" 6 20
# with skipped rows, warnings and events
exits 0 "records are added" "$bpftoll" store add --db "$(pg_url trusted store)" "$dir/fleet" reports/examples/run reports/examples/events tests/records/run
pg_sql store 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO locked'
export PGPASSWORD=Gr8-secret
tell postgresql.json sql $boards/postgresql.json "$dir/pg" locked
sed 's/AS lowest/AS lowest,/' $boards/postgresql.json >"$dir/wrong.json"
check "a fault of SQL is found" eval 'python3 tests/e2e/store/dashboards.py sql "$dir/wrong.json" "$dir/pg" locked | grep -q "^not ok.*syntax error"'
done_testing
