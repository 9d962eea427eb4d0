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

#include "calib/path.h"
#include "kit/store/content_hash.h"
#include "kit/store/store_private.h"
#include "kit/store/table_rows.h"
#include "kit/system/file.h"
#include "reports/record/record_rows.h"

#define SAMPLE_MOST (1UL << 30) /* bytes of a file of readings */

/* One record on its way in. */
struct addition {
	struct store *store;
	const struct record *rec;
	const char *dir;
	char hash[CONTENT_HASH_TEXT], run[24]; /* of record.json; its key */
	char machine[320], kernel[320];	       /* their keys */
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
	const char *kernel[] = {a->kernel, a->rec->host.kernel};

	return insert_one(a,
			  "INSERT INTO kernel (id, release) VALUES ($1, $2) "
			  "ON CONFLICT (id) DO NOTHING",
			  kernel, 2, NULL, why);
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
	char *command = command_of(a->rec), *folder = realpath(a->dir, NULL);
	const struct record *rec = a->rec;
	const char *values[] = {a->run,
				a->hash,
				folder ? folder : a->dir,
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

struct key {
	char text[24];
	const struct record_result *result;
};

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct key *)a)->text, ((const struct key *)b)->text);
}

static void key_of(const char *name, char key[24])
{
	char hash[CONTENT_HASH_TEXT];

	content_hash(name, strlen(name), hash);
	content_hash_key(hash, key);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

void store_forget(struct store *store)
{
	tdestroy(store->configurations, free);
	store->configurations = NULL;
}

static int add_configuration(struct addition *a, const struct key *key, struct error *why)
{
	const struct record_result *r = key->result;
	const char *values[] = {key->text, r->id,	r->variant, r->hook,
				r->body,   r->workload, r->wakeup,  r->cache};
	char *known;
	int err;

	if (tfind(key->text, &a->store->configurations, compare_text))
		return 0;
	err = insert_one(a,
			 "INSERT INTO configuration (id, name, variant, hook, program, syscall, "
			 "wakeup, cache) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
			 "ON CONFLICT DO NOTHING",
			 values, 8, NULL, why);
	known = err ? NULL : strdup(key->text);
	if (known && !tsearch(known, &a->store->configurations, compare_text))
		free(known);
	return err;
}

/* In the order of their keys: of two writers none waits for a row of the other's in turn. */
static int add_configurations(struct addition *a, struct error *why)
{
	size_t n = a->rec->n_results;
	struct key *keys = calloc(n + 1, sizeof(*keys));
	int err = keys ? 0 : error_set(why, -ENOMEM, "out of memory");

	for (size_t i = 0; !err && i < n; i++) {
		keys[i].result = a->rec->results[i];
		key_of(keys[i].result->id, keys[i].text);
	}
	if (keys)
		qsort(keys, n, sizeof(*keys), by_key);
	for (size_t i = 0; !err && i < n; i++)
		err = add_configuration(a, &keys[i], why);
	free(keys);
	return err;
}

/* ---- rows of the run ---- */

static int add_cells(struct addition *a, struct error *why)
{
	struct table_rows rows = {
		.table = "cell",
		.columns = "run, configuration, status, reason, unit, n, rounds, workers, typical, "
			   "typical_lo, typical_hi, mean, mean_lo, mean_hi, p99, p99_lo, p99_hi, "
			   "baseline_typical",
		.n_columns = 18};
	int err;

	for (size_t i = 0; i < a->rec->n_results; i++) {
		const struct record_result *r = a->rec->results[i];
		char key[24];

		key_of(r->id, key);
		table_rows_text(&rows, a->run);
		table_rows_text(&rows, key);
		table_rows_text(&rows, result_status_name(r->status));
		table_rows_text(&rows, r->reason);
		table_rows_text(&rows, unit_name(r->unit));
		table_rows_count(&rows, r->n);
		table_rows_count(&rows, r->rounds);
		table_rows_count(&rows, r->workers);
		table_rows_effect(&rows, r->overhead.typical);
		table_rows_effect(&rows, r->overhead.mean);
		table_rows_effect(&rows, r->overhead.p99);
		table_rows_number(&rows, r->baseline.typical);
	}
	err = table_rows_insert(&rows, a->store->sql, why);
	table_rows_free(&rows);
	return err;
}

static int add_event_points(struct addition *a, struct error *why)
{
	struct table_rows rows = {
		.table = "event_point",
		.columns = "run, name, scenario, variant, wakeup, policy, status, reason, "
			   "rate_target, rate_achieved, overhead, overhead_lo, overhead_hi, "
			   "producer_cpu, consumer_cpu, age_p99, produced, received, "
			   "exposure_produced, exposure_lost",
		.n_columns = 20};
	int err;

	for (size_t i = 0; i < a->rec->n_event_points; i++) {
		const struct event_point *p = &a->rec->event_points[i];

		table_rows_text(&rows, a->run);
		table_rows_text(&rows, p->id);
		table_rows_text(&rows, p->scenario);
		table_rows_text(&rows, p->variant);
		table_rows_text(&rows, p->wakeup);
		table_rows_text(&rows, p->policy);
		table_rows_text(&rows, result_status_name(p->status));
		table_rows_text(&rows, p->reason);
		table_rows_number(&rows, p->rate_target);
		table_rows_number(&rows, p->rate_achieved);
		table_rows_effect(&rows, p->overhead);
		table_rows_number(&rows, p->producer_cpu.value);
		table_rows_number(&rows, p->consumer_cpu.value);
		table_rows_number(&rows, p->age_p99);
		table_rows_count(&rows, p->produced);
		table_rows_count(&rows, p->received);
		table_rows_count(&rows, p->exposure_produced);
		table_rows_count(&rows, p->exposure_lost);
	}
	err = table_rows_insert(&rows, a->store->sql, why);
	table_rows_free(&rows);
	return err;
}

static int add_conditions(struct addition *a, struct error *why)
{
	struct table_rows rows = {
		.table = "condition", .columns = "run, number, words", .n_columns = 3};
	int err;

	for (size_t i = 0; i < a->rec->n_warnings; i++) {
		table_rows_text(&rows, a->run);
		table_rows_count(&rows, i + 1);
		table_rows_text(&rows, a->rec->warnings[i]);
	}
	err = table_rows_insert(&rows, a->store->sql, why);
	table_rows_free(&rows);
	return err;
}

/* A record without its readings is a record all the same. */
static void add_sample(struct addition *a, const char *name, struct table_rows *rows)
{
	char path[PATH_MAX], hash[CONTENT_HASH_TEXT];
	struct file_bytes file = {0};

	if (!name || strchr(name, '/') ||
	    path_put(path, sizeof(path), "%s/samples/%s", a->dir, name) ||
	    file_read(path, O_NOFOLLOW, &file))
		return;
	content_hash(file.at, file.len, hash);
	table_rows_text(rows, a->run);
	table_rows_text(rows, name);
	table_rows_text(rows, hash);
	table_rows_count(rows, file.len);
	free(file.at);
}

static int add_samples(struct addition *a, struct error *why)
{
	struct table_rows rows = {
		.table = "sample", .columns = "run, name, hash, bytes", .n_columns = 4};
	int err;

	for (size_t i = 0; i < a->rec->n_results; i++)
		add_sample(a, a->rec->results[i]->samples, &rows);
	err = table_rows_insert(&rows, a->store->sql, why);
	table_rows_free(&rows);
	return err;
}

/* ---- all ---- */

static void name_parts(struct addition *a)
{
	const struct record_host *h = &a->rec->host;

	content_hash_key(a->hash, a->run);
	if (h->node)
		snprintf(a->machine, sizeof(a->machine), "%.300s", h->node);
	else
		snprintf(a->machine, sizeof(a->machine), "unknown: %.300s", h->cpu ? h->cpu : "?");
	snprintf(a->kernel, sizeof(a->kernel), "%.300s", h->kernel ? h->kernel : "unknown");
}

/* Within a transaction. 1: it is there already. */
static int add_all(struct addition *a, struct error *why)
{
	static int (*const parts[])(struct addition *, struct error *) = {
		add_configurations, add_cells, add_event_points, add_conditions, add_samples};
	int err = add_machine(a, why);

	if (!err)
		err = add_kernel(a, why);
	if (!err)
		err = add_boot(a, why);
	if (!err)
		err = add_run(a, why);
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
	const char *hash = a->hash;
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

int store_add(struct store *store, const char *dir, struct error *why)
{
	struct addition a = {.store = store, .dir = dir};
	struct error said = {""};
	struct file_bytes file = {0};
	struct record *rec = NULL;
	char path[PATH_MAX];
	int err = path_put(path, sizeof(path), "%s/record.json", dir);

	if (!err)
		err = file_read(path, 0, &file);
	if (err)
		return error_set(why, err, "%s: %s", dir, strerror(-err));
	err = record_parse((const char *)file.at, file.len, path, &rec, why);
	if (!err) {
		a.rec = rec;
		content_hash(file.at, file.len, a.hash);
		err = add_record(&a, &said);
		if (err < 0)
			error_say(why, "%s: %s", path, said.text);
	}
	record_free(rec);
	free(file.at);
	return err;
}
