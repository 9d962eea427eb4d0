/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/store/sql.h"

#define BUSY_MS	    30000 /* another writer's record takes milliseconds */
#define COLUMNS_MAX 64

static int code_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_READONLY:
		return -EACCES;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return -EBADMSG;
	default:
		return -EIO;
	}
}

static int said(sqlite3 *db, int code, struct error *why)
{
	return error_set(why, code_of(code), "%s: %s",
			 sqlite3_db_filename(db, NULL) ? sqlite3_db_filename(db, NULL) : "SQLite",
			 sqlite3_errmsg(db));
}

/* a record is there or is not, also after a power cut: WAL with a sync at each checkpoint */
static const char to_write[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
			       "PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536";
static const char to_read[] = "PRAGMA query_only=ON; PRAGMA cache_size=-65536";

static int open_file(const char *url, bool make, void **out, struct error *why)
{
	sqlite3 *db = NULL;
	int code;

	if (!make && access(url, F_OK))
		return error_set(why, -errno, "%s: %s (store add makes a database)", url,
				 strerror(errno));
	/* what others laid there under that name is not followed */
	code = sqlite3_open_v2(url, &db,
			       SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW |
				       (make ? SQLITE_OPEN_CREATE : 0),
			       NULL);
	if (code != SQLITE_OK) {
		error_say(why, "%s: %s", url, db ? sqlite3_errmsg(db) : "out of memory");
		sqlite3_close(db);
		return code_of(code);
	}
	sqlite3_busy_timeout(db, BUSY_MS);
	*out = db;
	code = sqlite3_exec(db, make ? to_write : to_read, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		return 0;
	code = said(db, code, why);
	sqlite3_close(db);
	return code;
}

static void close_file(void *db)
{
	sqlite3_close(db);
}

static int script(void *db, const char *text, struct error *why)
{
	int code = sqlite3_exec(db, text, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : said(db, code, why);
}

static int bind(sqlite3_stmt *statement, const char *const *values, size_t n)
{
	int code = SQLITE_OK;
	char name[24];

	for (size_t i = 0; i < n && code == SQLITE_OK; i++) {
		int at;

		snprintf(name, sizeof(name), "$%zu", i + 1);
		at = sqlite3_bind_parameter_index(statement, name);
		if (at)
			code = sqlite3_bind_text(statement, at, values[i], -1, SQLITE_STATIC);
	}
	return code;
}

static int hand_on(sqlite3_stmt *statement, sql_take *take, void *ctx)
{
	const char *row[COLUMNS_MAX];
	int n = sqlite3_column_count(statement);

	if (!take)
		return 0;
	if (n > COLUMNS_MAX)
		return -E2BIG;
	for (int i = 0; i < n; i++)
		row[i] = (const char *)sqlite3_column_text(statement, i);
	return take(ctx, row, (size_t)n);
}

static int ask(void *db, const char *text, const char *const *values, size_t n, sql_take *take,
	       void *ctx, long *changed, struct error *why)
{
	sqlite3_stmt *statement = NULL;
	int before = sqlite3_total_changes(db), err = 0;
	int code = sqlite3_prepare_v2(db, text, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = bind(statement, values, n);
	while (code == SQLITE_OK && !err) {
		int step = sqlite3_step(statement);

		if (step == SQLITE_ROW)
			err = hand_on(statement, take, ctx);
		else if (step == SQLITE_DONE)
			break;
		else
			code = step;
	}
	if (code != SQLITE_OK)
		err = said(db, code, why);
	sqlite3_finalize(statement);
	if (changed)
		*changed = sqlite3_total_changes(db) - before;
	return err;
}

/* "INSERT INTO table (columns) VALUES (?, …)" */
static int prepare_insert(sqlite3 *db, const struct sql_rows *rows, sqlite3_stmt **out)
{
	char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);
	int code = SQLITE_NOMEM;

	if (!file)
		return code;
	fprintf(file, "INSERT INTO %s (%s) VALUES (", rows->table, rows->columns);
	for (size_t i = 0; i < rows->n_columns; i++)
		fputs(i ? ", ?" : "?", file);
	fputc(')', file);
	if (!fclose(file))
		code = sqlite3_prepare_v2(db, text, -1, out, NULL);
	free(text);
	return code;
}

/* Whole numbers of both end at 2^63: PostgreSQL refuses what is above as well. */
static int bind_value(sqlite3_stmt *statement, int at, const struct sql_value *value)
{
	switch (value->kind) {
	case SQL_TEXT:
		return sqlite3_bind_text(statement, at, value->text, -1, SQLITE_STATIC);
	case SQL_COUNT:
		if (value->count > INT64_MAX)
			return SQLITE_TOOBIG;
		return sqlite3_bind_int64(statement, at, (sqlite3_int64)value->count);
	case SQL_REAL:
		return sqlite3_bind_double(statement, at, value->real);
	case SQL_UNKNOWN:
		break;
	}
	return sqlite3_bind_null(statement, at);
}

static int insert(void *db, const struct sql_rows *rows, struct error *why)
{
	sqlite3_stmt *statement = NULL;
	int code = prepare_insert(db, rows, &statement), err = 0;

	for (size_t r = 0; r < rows->n && code == SQLITE_OK; r++) {
		const struct sql_value *row = rows->values + r * rows->n_columns;

		for (size_t i = 0; i < rows->n_columns && code == SQLITE_OK; i++)
			code = bind_value(statement, (int)i + 1, &row[i]);
		if (code == SQLITE_OK && sqlite3_step(statement) != SQLITE_DONE)
			code = sqlite3_extended_errcode(db);
		else if (code == SQLITE_OK)
			code = sqlite3_reset(statement);
	}
	if (code != SQLITE_OK)
		err = said(db, code, why);
	sqlite3_finalize(statement);
	return err;
}

const struct sql_driver sql_sqlite = {open_file, close_file, script, ask, insert};
