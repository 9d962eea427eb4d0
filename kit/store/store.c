/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "kit/store/store.h"
#include "kit/store/store_private.h"

/* schema/1.sql, …: what each version adds, from the Makefile. */
extern const char store_schema_1[], store_schema_2[], store_schema_3[], store_schema_4[];

static const char *const versions[] = {store_schema_1, store_schema_2, store_schema_3,
				       store_schema_4};
#define VERSIONS (sizeof(versions) / sizeof(*versions))

static int take_number(void *ctx, const char *const *values, size_t n)
{
	*(long *)ctx = n && values[0] ? atol(values[0]) : 0;
	return 0;
}

/* Two that begin at once: one waits for the other here. */
static int lock_versions(struct store *store, struct error *why)
{
	int err = sql_script(store->sql, sql_is_server(store->sql) ? "BEGIN" : "BEGIN IMMEDIATE",
			     why);

	/* a number of our own: "bpftoll" has no meaning to other users of the database */
	if (!err && sql_is_server(store->sql))
		err = sql_ask(store->sql, "SELECT pg_advisory_xact_lock(7236828793221)", NULL, 0,
			      NULL, NULL, NULL, why);
	if (!err)
		err = sql_script(
			store->sql,
			"CREATE TABLE IF NOT EXISTS bpftoll_schema (version INTEGER NOT NULL)",
			why);
	return err;
}

static int version_of(struct store *store, long *version, struct error *why)
{
	int err = sql_ask(store->sql, "SELECT max(version) FROM bpftoll_schema", NULL, 0,
			  take_number, version, NULL, why);

	if (!err && *version > (long)VERSIONS)
		err = error_set(why, -ENOTSUP,
				"the database has schema version %ld, of a newer bpftoll; this one "
				"knows %zu",
				*version, VERSIONS);
	return err;
}

static int must_be_up_to_date(struct store *store, struct error *why)
{
	long version = 0;
	int err = version_of(store, &version, why);

	if (!err && version < (long)VERSIONS)
		err = error_set(
			why, -ENOTSUP,
			"the database has schema version %ld, of an older bpftoll; store add "
			"brings it to version %zu",
			version, VERSIONS);
	return err;
}

static int bring_up_to_date(struct store *store, struct error *why)
{
	char text[32];
	const char *value = text;
	long version = 0;
	int err = lock_versions(store, why);

	if (!err)
		err = version_of(store, &version, why);
	for (long v = version; !err && v < (long)VERSIONS; v++) {
		err = sql_script(store->sql, versions[v], why);
		snprintf(text, sizeof(text), "%ld", v + 1);
		if (!err)
			err = sql_ask(store->sql,
				      "INSERT INTO bpftoll_schema (version) VALUES ($1)", &value, 1,
				      NULL, NULL, NULL, why);
	}
	return store_end(store, err, why);
}

int store_end(struct store *store, int err, struct error *why)
{
	struct error ignored;

	if (!err)
		err = sql_script(store->sql, "COMMIT", why);
	if (err)
		(void)sql_script(store->sql, "ROLLBACK", &ignored);
	return err;
}

static int open_for(const char *url, bool make, int (*versions_are)(struct store *, struct error *),
		    struct store **out, struct error *why)
{
	struct store *store = calloc(1, sizeof(*store));
	int err;

	*out = NULL;
	if (!store)
		return error_set(why, -ENOMEM, "out of memory");
	err = sql_open(url, make, &store->sql, why);
	if (!err)
		err = versions_are(store, why);
	if (err)
		store_close(store);
	else
		*out = store;
	return err;
}

int store_open(const char *url, struct store **out, struct error *why)
{
	return open_for(url, true, bring_up_to_date, out, why);
}

int store_open_to_read(const char *url, struct store **out, struct error *why)
{
	return open_for(url, false, must_be_up_to_date, out, why);
}

void store_close(struct store *store)
{
	if (!store)
		return;
	store_forget(store);
	sql_close(store->sql);
	free(store);
}

struct sql *store_sql(struct store *store)
{
	return store->sql;
}
