# Sourced after tap.sh: a PostgreSQL of its own below $dir, on a Unix socket alone (no port that could be taken), as an
# unprivileged user where the test is root. pg_start makes and starts it, or fails with the reason in $pg_lack; the role
# "trusted" needs no password, "locked" has one. pg_url ROLE DATABASE; pg_sql DATABASE STATEMENT.
pg_bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
pg_lack=

pg_as() {
	local user
	if [ "$(id -u)" = 0 ]; then
		user=$(id -nu postgres 2>/dev/null || echo nobody)
		(cd / && setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@")
	else
		(cd / && "$@")
	fi
}
pg_url() { echo "postgresql:///$2?host=$dir/pg&user=$1"; }
pg_sql() { psql -XqAtF ' ' -h "$dir/pg" -U trusted -d "$1" -v ON_ERROR_STOP=1 -c "$2"; }
pg_up() {
	pg_as "$pg_bin/pg_ctl" -w -s -D "$dir/pg/data" -l "$dir/pg/log" -o "-k $dir/pg -c listen_addresses='' -c fsync=off \
		-c dynamic_shared_memory_type=mmap ${PG_MORE-}" start >"$dir/pg.err" 2>&1
}
# at once, as a power cut would
pg_down() { pg_as "$pg_bin/pg_ctl" -w -s -D "$dir/pg/data" -m immediate stop >/dev/null 2>&1; }
pg_start() {
	if ! [ -x "${pg_bin:-/nowhere}/initdb" ]; then pg_lack="PostgreSQL's server is not installed"; return 1; fi
	if ! command -v psql >/dev/null; then pg_lack="psql is not installed"; return 1; fi
	chmod 711 "$dir" && mkdir "$dir/pg" && chmod 700 "$dir/pg" && touch "$dir/pg.err" || return 1
	if [ "$(id -u)" = 0 ]; then chown "$(id -u postgres 2>/dev/null || id -u nobody)" "$dir/pg"; fi
	pg_as "$pg_bin/initdb" -D "$dir/pg/data" -A trust -U trusted -N --locale=C -E UTF8 >"$dir/pg.err" 2>&1 &&
		pg_as tee "$dir/pg/data/pg_hba.conf" <<<$'local all locked scram-sha-256\nlocal all all trust' >/dev/null &&
		pg_up || { pg_lack="PostgreSQL does not start: $(tail -n 1 "$dir/pg.err")"; return 1; }
	trap 'pg_down; rm -rf "$dir"' EXIT
	pg_sql postgres "CREATE ROLE locked LOGIN PASSWORD 'Gr8-secret'"
}
