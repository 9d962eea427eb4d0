/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libpq is loaded when a PostgreSQL URL is given, and not before: bpftoll is to run in guests and
 * on nodes that have no such library. Declarations as in libpq-fe.h, whose ABI has been the same
 * since PostgreSQL 7.4.
 */
#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/store/sql.h"

#define COLUMNS_MAX   64
#define CONNECTION_OK 0
#define COMMAND_OK    1
#define TUPLES_OK     2
#define COPY_IN	      4

struct pg_conn;
struct pg_option;
struct pg_result;

static struct {
	struct pg_option *(*parse)(const char *, char **);
	void (*free_options)(struct pg_option *);
	struct pg_conn *(*connect)(const char *);
	int (*status)(const struct pg_conn *);
	void (*finish)(struct pg_conn *);
	char *(*error)(const struct pg_conn *);
	struct pg_result *(*exec)(struct pg_conn *, const char *);
	struct pg_result *(*exec_params)(struct pg_conn *, const char *, int, const unsigned int *,
					 const char *const *, const int *, const int *, int);
	int (*result_status)(const struct pg_result *);
	char *(*changed)(struct pg_result *);
	int (*rows)(const struct pg_result *);
	int (*columns)(const struct pg_result *);
	char *(*value)(const struct pg_result *, int, int);
	int (*is_null)(const struct pg_result *, int, int);
	void (*clear)(struct pg_result *);
	int (*put_copy)(struct pg_conn *, const char *, int);
	int (*end_copy)(struct pg_conn *, const char *);
	struct pg_result *(*get_result)(struct pg_conn *);
	int (*set_encoding)(struct pg_conn *, const char *);
	void *(*quiet)(struct pg_conn *, void (*)(void *, const char *), void *);
} pq;

struct server {
	struct pg_conn *conn;
	char *secret; /* the URL's password, which no message may repeat; NULL: none */
};

static int load(struct error *why)
{
	static const struct {
		const char *name;
		void *at;
	} symbols[] = {
		{"PQconninfoParse", &pq.parse},	   {"PQconninfoFree", &pq.free_options},
		{"PQconnectdb", &pq.connect},	   {"PQsetClientEncoding", &pq.set_encoding},
		{"PQstatus", &pq.status},	   {"PQfinish", &pq.finish},
		{"PQerrorMessage", &pq.error},	   {"PQexec", &pq.exec},
		{"PQexecParams", &pq.exec_params}, {"PQresultStatus", &pq.result_status},
		{"PQcmdTuples", &pq.changed},	   {"PQntuples", &pq.rows},
		{"PQnfields", &pq.columns},	   {"PQgetvalue", &pq.value},
		{"PQgetisnull", &pq.is_null},	   {"PQclear", &pq.clear},
		{"PQputCopyData", &pq.put_copy},   {"PQputCopyEnd", &pq.end_copy},
		{"PQgetResult", &pq.get_result},   {"PQsetNoticeProcessor", &pq.quiet},
	};
	void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return error_set(why, -ENOTSUP,
				 "PostgreSQL's library cannot be loaded (install libpq5): %s",
				 dlerror());
	for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++) {
		void *found = dlsym(library, symbols[i].name);

		if (!found)
			return error_set(why, -ENOTSUP, "libpq.so.5 has no %s", symbols[i].name);
		memcpy(symbols[i].at, &found, sizeof(found));
	}
	return 0;
}

/* As in libpq-fe.h. */
struct pg_option {
	char *keyword, *envvar, *compiled, *value, *label, *dispchar;
	int dispsize;
};

/*
 * The password of the URL, for messages not to repeat; NULL: none. What libpq cannot read it
 * repeats in its message, and a password with signs that are not encoded it takes for a host, a
 * port or a database: those are refused here, in words without it.
 */
static int secret_of(const char *url, char **secret, struct error *why)
{
	struct pg_option *options = pq.parse(url, NULL);
	bool odd = !options;

	for (struct pg_option *o = options; o && o->keyword; o++) {
		const char *value = o->value;

		if (!value)
			continue;
		if (!strcmp(o->keyword, "password"))
			*secret = strdup(value);
		/* a host that begins with '@' is an abstract socket */
		else if (!strcmp(o->keyword, "host") || !strcmp(o->keyword, "dbname"))
			odd |= *value && strchr(value + 1, '@') != NULL;
		else if (!strcmp(o->keyword, "port"))
			odd |= value[strspn(value, "0123456789,")] != '\0';
	}
	if (options)
		pq.free_options(options);
	return odd ? error_set(
			     why, -EINVAL,
			     "the database's URL cannot be read: postgresql://USER@HOST:PORT/NAME; "
			     "in a password, signs like @ : / ? # are written %%40 %%3A %%2F %%3F "
			     "%%23")
		   : 0;
}

/* The library's words on one line, without the password. */
static int said(const struct server *s, const char *words, int err, struct error *why)
{
	size_t secret = s->secret ? strlen(s->secret) : 0, n = 0;

	for (const char *c = words; *c && n + 4 < sizeof(why->text);) {
		if (secret && !strncmp(c, s->secret, secret)) {
			memcpy(why->text + n, "***", 3);
			n += 3;
			c += secret;
		} else {
			why->text[n++] = isspace((unsigned char)*c) ? ' ' : *c;
			c++;
		}
	}
	while (n && why->text[n - 1] == ' ')
		n--;
	why->text[n] = '\0';
	return err;
}

static void ignore(void *ctx, const char *words)
{
	(void)ctx, (void)words;
}

static void close_server(void *db)
{
	struct server *s = db;

	if (s->conn)
		pq.finish(s->conn);
	free(s->secret);
	free(s);
}

static int connect_to(struct server *s, const char *url, struct error *why)
{
	int err = secret_of(url, &s->secret, why);

	if (err)
		return err;
	s->conn = pq.connect(url);
	if (!s->conn)
		return error_set(why, -ENOMEM, "out of memory");
	if (pq.status(s->conn) != CONNECTION_OK)
		return said(s, pq.error(s->conn), -ECONNREFUSED, why);
	pq.quiet(s->conn, ignore, NULL);
	/* records are UTF-8, whatever the server or PGCLIENTENCODING would have */
	if (pq.set_encoding(s->conn, "UTF8"))
		return said(s, pq.error(s->conn), -EIO, why);
	return 0;
}

static int open_server(const char *url, bool make, void **out, struct error *why)
{
	struct server *s = calloc(1, sizeof(*s));
	int err = s ? load(why) : error_set(why, -ENOMEM, "out of memory");

	(void)make; /* a server's databases are made by who runs it */
	if (!err)
		err = connect_to(s, url, why);
	if (!err)
		*out = s;
	else if (s)
		close_server(s);
	return err;
}

/* Takes the result. */
static int done(struct server *s, struct pg_result *result, int wanted, struct error *why)
{
	int status = result ? pq.result_status(result) : -1, err = 0;

	if (status != wanted && !(wanted == COMMAND_OK && status == TUPLES_OK))
		err = said(s, pq.error(s->conn),
			   pq.status(s->conn) == CONNECTION_OK ? -EIO : -ECONNRESET, why);
	pq.clear(result);
	return err;
}

static int script(void *db, const char *text, struct error *why)
{
	struct server *s = db;

	return done(s, pq.exec(s->conn, text), COMMAND_OK, why);
}

static int hand_on(struct pg_result *result, sql_take *take, void *ctx)
{
	const char *row[COLUMNS_MAX];
	int rows = pq.rows(result), columns = pq.columns(result), err = 0;

	if (columns > COLUMNS_MAX)
		return -E2BIG;
	for (int r = 0; r < rows && !err; r++) {
		for (int c = 0; c < columns; c++)
			row[c] = pq.is_null(result, r, c) ? NULL : pq.value(result, r, c);
		err = take(ctx, row, (size_t)columns);
	}
	return err;
}

static int ask(void *db, const char *text, const char *const *values, size_t n, sql_take *take,
	       void *ctx, long *changed, struct error *why)
{
	struct server *s = db;
	struct pg_result *result =
		pq.exec_params(s->conn, text, (int)n, NULL, values, NULL, NULL, 0);
	int err = 0;

	if (changed)
		*changed = result ? atol(pq.changed(result)) : 0;
	if (result && take && pq.result_status(result) == TUPLES_OK)
		err = hand_on(result, take, ctx);
	return err ? (pq.clear(result), err) : done(s, result, COMMAND_OK, why);
}

static void put_text(FILE *out, const char *text)
{
	for (const char *c = text; *c; c++)
		switch (*c) {
		case '\\':
			fputs("\\\\", out);
			break;
		case '\t':
			fputs("\\t", out);
			break;
		case '\n':
			fputs("\\n", out);
			break;
		case '\r':
			fputs("\\r", out);
			break;
		default:
			fputc(*c, out);
		}
}

/* 15 digits, as a record has them. */
static void put_copied(FILE *out, const struct sql_value *value)
{
	switch (value->kind) {
	case SQL_TEXT:
		put_text(out, value->text);
		break;
	case SQL_COUNT:
		fprintf(out, "%" PRIu64, value->count);
		break;
	case SQL_REAL:
		fprintf(out, "%.15g", value->real);
		break;
	case SQL_UNKNOWN:
		fputs("\\N", out);
		break;
	}
}

/* COPY's text format: a line a row, tabs between columns. */
static char *copy_text(const struct sql_rows *rows, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out)
		return NULL;
	for (size_t i = 0; i < rows->n * rows->n_columns; i++) {
		put_copied(out, &rows->values[i]);
		fputc((i + 1) % rows->n_columns ? '\t' : '\n', out);
	}
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

static int insert(void *db, const struct sql_rows *rows, struct error *why)
{
	struct server *s = db;
	char command[512], *text;
	struct pg_result *result;
	size_t len = 0;
	int err;

	if (snprintf(command, sizeof(command), "COPY %s (%s) FROM STDIN", rows->table,
		     rows->columns) >= (int)sizeof(command))
		return error_set(why, -E2BIG, "too many columns");
	text = copy_text(rows, &len);
	if (!text)
		return error_set(why, -ENOMEM, "out of memory");
	err = done(s, pq.exec(s->conn, command), COPY_IN, why);
	if (!err && (pq.put_copy(s->conn, text, (int)len) != 1 || pq.end_copy(s->conn, NULL) != 1))
		err = said(s, pq.error(s->conn), -ECONNRESET, why);
	free(text);
	if (err)
		return err;
	/* the last result is the end of the command: NULL */
	while ((result = pq.get_result(s->conn)) != NULL) {
		int one = done(s, result, COMMAND_OK, err ? &(struct error){""} : why);

		err = err ? err : one;
	}
	return err;
}

const struct sql_driver sql_postgresql = {open_server, close_server, script, ask, insert};
