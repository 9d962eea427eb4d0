/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* tdestroy */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/store/incoming.h"
#include "kit/store/readers.h"
#include "kit/store/store_private.h"
#include "reports/record/record_rows.h"

#define KNOWN_FROM 16 /* records to add */

/* One record on its way in. */
struct addition {
	struct store *store;
	struct incoming *in;
	const struct record *rec;
	char machine[320], kernel[320]; /* their keys */
};

/* ---- what runs have in common ---- */

static int insert_one(struct addition *a, const char *text, const char *const *values, size_t n,
		      long *changed, struct error *why)
{
	return sql_ask(a->store->sql, text, values, n, NULL, NULL, changed, why);
}

static int add_machine(struct addition *a, struct error *why)
{
	const struct record_host *h = &a->rec->host;
	char cpus[16];
	const char *values[] = {a->machine, h->node ? "1" : "0", h->cpu,       h->arch,
				cpus,	    h->virtualization,	 h->microcode, h->firmware};

	snprintf(cpus, sizeof(cpus), "%u", h->cpus);
	return insert_one(a,
			  "INSERT INTO machine (id, known, cpu, arch, cpus, virtualization, "
			  "microcode, firmware) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
			  "ON CONFLICT (id) DO NOTHING",
			  values, 8, NULL, why);
}

static int add_kernel(struct addition *a, struct error *why)
{
	const char *kernel[] = {a->kernel, a->rec->host.kernel, a->rec->host.kernel_config};

	return insert_one(a,
			  "INSERT INTO kernel (id, release, config_hash) VALUES ($1, $2, $3) "
			  "ON CONFLICT (id) DO NOTHING",
			  kernel, 3, NULL, why);
}

static int add_boot(struct addition *a, struct error *why)
{
	const struct record_host *h = &a->rec->host;
	const char *values[] = {h->boot, a->machine, a->kernel, h->mitigations, h->cmdline};

	if (!h->boot)
		return 0;
	return insert_one(a,
			  "INSERT INTO boot (id, machine, kernel, mitigations, cmdline) "
			  "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
			  values, 5, NULL, why);
}

/* "bpftoll run --suite quick"; the caller frees it. */
static char *command_of(const struct record *rec)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (size_t i = 0; i < rec->n_argv; i++)
		fprintf(out, "%s%s", i ? " " : "", rec->argv[i]);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

/*
 * 1: it is there already. Of two writers the second waits here; whichever key it meets first, the
 * record's hash or what is made of it, says so.
 */
static int add_run(struct addition *a, struct error *why)
{
	char *command = command_of(a->rec), *folder = realpath(a->in->dir, NULL);
	const struct record *rec = a->rec;
	const char *values[] = {a->in->run,
				a->in->hash,
				folder ? folder : a->in->dir,
				a->machine,
				a->kernel,
				rec->host.boot,
				rec->created,
				rec->suite,
				rec->version,
				RECORD_SCHEMA,
				rec->partial ? "1" : "0",
				command};
	long changed = 0;
	int err = !command ? error_set(why, -ENOMEM, "out of memory")
			   : insert_one(a,
					"INSERT INTO run (id, hash, folder, machine, kernel, boot, "
					"created, "
					"suite, version, record_schema, partial, command) VALUES "
					"($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
					"ON CONFLICT DO NOTHING",
					values, 12, &changed, why);

	free(command);
	free(folder);
	return err ? err : changed == 0;
}

/* ---- configurations ---- */

static int compare_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

void store_forget(struct store *store)
{
	tdestroy(store->configurations, free);
	store->configurations = NULL;
}

static int add_configuration(struct addition *a, const struct incoming_name *name,
			     struct error *why)
{
	const struct record_result *r = name->result;
	const char *values[] = {name->key, r->id,	r->variant, r->hook,
				r->body,   r->workload, r->wakeup,  r->cache};
	char *known;
	int err;

	if (tfind(name->key, &a->store->configurations, compare_text))
		return 0;
	err = insert_one(a,
			 "INSERT INTO configuration (id, name, variant, hook, program, syscall, "
			 "wakeup, cache) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
			 "ON CONFLICT DO NOTHING",
			 values, 8, NULL, why);
	known = err ? NULL : strdup(name->key);
	if (known && !tsearch(known, &a->store->configurations, compare_text))
		free(known);
	return err;
}

/* In the order of their keys: of two writers none waits for a row of the other's in turn. */
static int add_configurations(struct addition *a, struct error *why)
{
	int err = 0;

	for (size_t i = 0; !err && i < a->rec->n_results; i++)
		err = add_configuration(a, &a->in->names[i], why);
	return err;
}

/* ---- all ---- */

static void name_parts(struct addition *a)
{
	const struct record_host *h = &a->rec->host;

	if (h->node)
		snprintf(a->machine, sizeof(a->machine), "%.300s", h->node);
	else
		snprintf(a->machine, sizeof(a->machine), "unknown: %.300s", h->cpu ? h->cpu : "?");
	snprintf(a->kernel, sizeof(a->kernel), "%.250s%s%.64s", h->kernel ? h->kernel : "unknown",
		 h->kernel_config ? " " : "", h->kernel_config ? h->kernel_config : "");
}

static int add_rows(struct addition *a, struct error *why)
{
	struct table_rows *const all[] = {
		&a->in->cells,	      &a->in->points,	  &a->in->helpers, &a->in->apps,
		&a->in->instructions, &a->in->conditions, &a->in->samples, NULL};
	int err = 0;

	for (size_t i = 0; !err && all[i]; i++)
		err = table_rows_insert(all[i], a->store->sql, why);
	return err;
}

/* Within a transaction. 1: it is there already. */
static int add_all(struct addition *a, struct error *why)
{
	static int (*const parts[])(struct addition *, struct error *) = {
		add_machine, add_kernel, add_boot, add_run, add_configurations, add_rows};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(parts) / sizeof(*parts); i++)
		err = parts[i](a, why);
	return err;
}

static int take_any(void *ctx, const char *const *values, size_t n)
{
	(void)values, (void)n;
	*(bool *)ctx = true;
	return 0;
}

static int add_record(struct addition *a, struct error *why)
{
	const char *hash = a->in->hash;
	bool there = false;
	int err = sql_ask(a->store->sql, "SELECT 1 FROM run WHERE hash = $1", &hash, 1, take_any,
			  &there, NULL, why);

	if (err || there)
		return err ? err : 1;
	name_parts(a);
	err = sql_script(a->store->sql, "BEGIN", why);
	if (err)
		return err;
	err = add_all(a, why);
	/* what another writer added meanwhile is undone as a failure is: nothing of it is new */
	if (err)
		store_forget(a->store);
	return store_end(a->store, err, why);
}

/* 1: it is there already. */
static int add_incoming(struct store *store, struct incoming *in, struct error *why)
{
	struct addition a = {.store = store, .in = in, .rec = in->rec};
	struct error said = {""};
	int err;

	if (in->err) {
		if (in->err < 0)
			*why = in->why;
		return in->err;
	}
	err = add_record(&a, &said);
	if (err < 0)
		error_say(why, "%s/record.json: %s", in->dir, said.text);
	return err;
}

/* ---- many ---- */

static int take_key(void *ctx, const char *const *values, size_t n)
{
	struct known_runs *known = ctx;

	if (!(known->n & (known->n - 1))) {
		long long *more = reallocarray(known->keys, known->n ? 2 * known->n : 1,
					       sizeof(*known->keys));

		if (!more)
			return -ENOMEM;
		known->keys = more;
	}
	known->keys[known->n++] = n && values[0] ? atoll(values[0]) : 0;
	return 0;
}

int store_add(struct store *store, const char *const *dirs, size_t n, store_report *report,
	      void *ctx, struct error *why)
{
	struct known_runs known = {NULL, 0};
	struct readers *readers = NULL;
	struct incoming *in;
	int err = 0;

	/* of a few it is quicker to ask for each */
	if (n >= KNOWN_FROM)
		err = sql_ask(store->sql, "SELECT id FROM run ORDER BY id", NULL, 0, take_key,
			      &known, NULL, why);
	if (!err)
		err = readers_open(dirs, n, &known, &readers, why);
	while (!err && (in = readers_next(readers))) {
		struct error said = {""};
		int one = add_incoming(store, in, &said);

		err = report(ctx, in->dir, one, &said);
	}
	readers_close(readers);
	free(known.keys);
	return err;
}
