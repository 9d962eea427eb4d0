/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sql: one connection to SQLite or PostgreSQL, with one way to ask.
 *
 * sql_open -> sql_script | sql_ask | sql_insert … -> sql_close. All values are given and taken as
 * text, NULL for SQL's NULL, but for many rows, where numbers are numbers; in the text of a
 * statement they are $1, $2, …: no user's word is ever part of one. Functions return 0 or -errno,
 * with the database's words in why; a password in a URL is in no message. -ECONNRESET: the server
 * is gone, and nothing more can be asked.
 */
#ifndef BPFTOLL_KIT_STORE_SQL_H
#define BPFTOLL_KIT_STORE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"

struct sql;

/* A row of an answer. 0, or -errno to stop. */
typedef int sql_take(void *ctx, const char *const *values, size_t n);

struct sql_value {
	enum sql_kind { SQL_UNKNOWN, SQL_TEXT, SQL_COUNT, SQL_REAL } kind; /* UNKNOWN: NULL */
	union {
		const char *text;
		uint64_t count;
		double real; /* finite */
	};
};

/* Rows for one table, one after another. */
struct sql_rows {
	const char *table, *columns; /* columns: "a, b, c" */
	size_t n_columns, n;
	const struct sql_value *values; /* n rows of n_columns */
};

/*
 * url: the path of SQLite's file, or postgresql://… as libpq takes it. make: the file may be new,
 * and will be written to.
 */
int sql_open(const char *url, bool make, struct sql **out, struct error *why);
void sql_close(struct sql *sql);

/* Is it PostgreSQL? Where the two differ. */
int sql_is_server(const struct sql *sql);

/* Any number of statements without values. */
int sql_script(struct sql *sql, const char *text, struct error *why);

/* One statement. take NULL: no rows are wanted. changed NULL, or the number of rows it inserted. */
int sql_ask(struct sql *sql, const char *text, const char *const *values, size_t n, sql_take *take,
	    void *ctx, long *changed, struct error *why);

/* Many rows at once. */
int sql_insert(struct sql *sql, const struct sql_rows *rows, struct error *why);

/* ---- the two kinds (sqlite.c, postgresql.c) ---- */

struct sql_driver {
	int (*open)(const char *url, bool make, void **out, struct error *why);
	void (*close)(void *db);
	int (*script)(void *db, const char *text, struct error *why);
	int (*ask)(void *db, const char *text, const char *const *values, size_t n, sql_take *take,
		   void *ctx, long *changed, struct error *why);
	int (*insert)(void *db, const struct sql_rows *rows, struct error *why);
};

extern const struct sql_driver sql_sqlite, sql_postgresql;

#endif
