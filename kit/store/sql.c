/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kit/store/sql.h"

struct sql {
	const struct sql_driver *driver;
	void *db;
};

static bool is_server_url(const char *url)
{
	return !strncmp(url, "postgresql://", 13) || !strncmp(url, "postgres://", 11);
}

/* Neither a file's path nor a URL of ours; it may hold a password, and is not repeated. */
static bool is_other_url(const char *url)
{
	return strstr(url, "://") || strstr(url, "password=") || !strncmp(url, "postgresql:", 11) ||
	       !strncmp(url, "postgres:", 9);
}

int sql_open(const char *url, bool make, struct sql **out, struct error *why)
{
	struct sql *sql = calloc(1, sizeof(*sql));
	int err;

	*out = NULL;
	if (!sql)
		return error_set(why, -ENOMEM, "out of memory");
	if (!is_server_url(url) && is_other_url(url)) {
		free(sql);
		return error_set(why, -EINVAL,
				 "a database is a file's path, or begins with postgresql://");
	}
	sql->driver = is_server_url(url) ? &sql_postgresql : &sql_sqlite;
	err = sql->driver->open(url, make, &sql->db, why);
	if (err) {
		free(sql);
		return err;
	}
	*out = sql;
	return 0;
}

void sql_close(struct sql *sql)
{
	if (!sql)
		return;
	sql->driver->close(sql->db);
	free(sql);
}

int sql_is_server(const struct sql *sql)
{
	return sql->driver == &sql_postgresql;
}

int sql_script(struct sql *sql, const char *text, struct error *why)
{
	return sql->driver->script(sql->db, text, why);
}

int sql_ask(struct sql *sql, const char *text, const char *const *values, size_t n, sql_take *take,
	    void *ctx, long *changed, struct error *why)
{
	return sql->driver->ask(sql->db, text, values, n, take, ctx, changed, why);
}

int sql_insert(struct sql *sql, const struct sql_rows *rows, struct error *why)
{
	return rows->n ? sql->driver->insert(sql->db, rows, why) : 0;
}
