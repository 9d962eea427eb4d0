/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "calib/path.h"
#include "kit/store/incoming.h"
#include "kit/system/file.h"
#include "reports/effects/instruction_range.h"
#include "reports/record/record_rows.h"

/* ---- rows ---- */

static void put_cells(struct incoming *in)
{
	struct table_rows *rows = &in->cells;

	*rows = (struct table_rows){
		.table = "cell",
		.columns = "run, configuration, status, reason, unit, n, rounds, workers, typical, "
			   "typical_lo, typical_hi, mean, mean_lo, mean_hi, p99, p99_lo, p99_hi, "
			   "baseline_typical",
		.n_columns = 18};

	for (size_t i = 0; i < in->rec->n_results; i++) {
		const struct record_result *r = in->rec->results[i];

		table_rows_text(rows, in->run);
		table_rows_text(rows, in->names[i].key);
		table_rows_text(rows, result_status_name(r->status));
		table_rows_text(rows, r->reason);
		table_rows_text(rows, unit_name(r->unit));
		table_rows_count(rows, r->n);
		table_rows_count(rows, r->rounds);
		table_rows_count(rows, r->workers);
		table_rows_effect(rows, r->overhead.typical);
		table_rows_effect(rows, r->overhead.mean);
		table_rows_effect(rows, r->overhead.p99);
		table_rows_number(rows, r->baseline.typical);
	}
}

static void put_event_points(struct incoming *in)
{
	struct table_rows *rows = &in->points;

	*rows = (struct table_rows){
		.table = "event_point",
		.columns = "run, name, scenario, variant, wakeup, policy, status, reason, "
			   "rate_target, rate_achieved, overhead, overhead_lo, overhead_hi, "
			   "producer_cpu, consumer_cpu, age_p99, produced, received, "
			   "exposure_produced, exposure_lost",
		.n_columns = 20};

	for (size_t i = 0; i < in->rec->n_event_points; i++) {
		const struct event_point *p = &in->rec->event_points[i];

		table_rows_text(rows, in->run);
		table_rows_text(rows, p->id);
		table_rows_text(rows, p->scenario);
		table_rows_text(rows, p->variant);
		table_rows_text(rows, p->wakeup);
		table_rows_text(rows, p->policy);
		table_rows_text(rows, result_status_name(p->status));
		table_rows_text(rows, p->reason);
		table_rows_number(rows, p->rate_target);
		table_rows_number(rows, p->rate_achieved);
		table_rows_effect(rows, p->overhead);
		table_rows_number(rows, p->producer_cpu.value);
		table_rows_number(rows, p->consumer_cpu.value);
		table_rows_number(rows, p->age_p99);
		table_rows_count(rows, p->produced);
		table_rows_count(rows, p->received);
		table_rows_count(rows, p->exposure_produced);
		table_rows_count(rows, p->exposure_lost);
	}
}

static void put_helpers(struct incoming *in)
{
	struct table_rows *rows = &in->helpers;

	*rows = (struct table_rows){
		.table = "helper_price",
		.columns = "run, name, host_program, helper, size, syscall, wakeup, cache, status, "
			   "reason, unit, rounds, first_call, first_call_lo, first_call_hi, "
			   "further_call, further_call_lo, further_call_hi, nonlinear",
		.n_columns = 19};

	for (size_t i = 0; i < in->rec->n_slopes; i++) {
		const struct slope *s = &in->rec->slopes[i];

		table_rows_text(rows, in->run);
		table_rows_text(rows, s->id);
		table_rows_text(rows, s->host_program);
		table_rows_text(rows, s->helper);
		table_rows_text(rows, s->size);
		table_rows_text(rows, s->workload);
		table_rows_text(rows, s->wakeup);
		table_rows_text(rows, s->cache);
		table_rows_text(rows, result_status_name(s->status));
		table_rows_text(rows, s->reason);
		table_rows_text(rows, unit_name(s->unit));
		table_rows_count(rows, s->rounds);
		table_rows_effect(rows, s->first);
		table_rows_effect(rows, s->nonlinear ? (struct effect){NAN, NAN, NAN} : s->slope);
		table_rows_count(rows, s->nonlinear);
	}
}

static void put_apps(struct incoming *in)
{
	struct table_rows *rows = &in->apps;

	*rows = (struct table_rows){
		.table = "app_result",
		.columns = "run, name, app, scale, variant, monitored, quantity, unit, status, "
			   "reason, windows, baseline, baseline_lo, baseline_hi, with_probe, "
			   "with_probe_lo, with_probe_hi, change, change_lo, change_hi, predicted, "
			   "predicted_lo, predicted_hi, visible",
		.n_columns = 24};

	for (size_t i = 0; i < in->rec->n_app_results; i++) {
		const struct app_result *r = &in->rec->app_results[i];

		table_rows_text(rows, in->run);
		table_rows_text(rows, r->id);
		table_rows_text(rows, r->app);
		table_rows_text(rows, r->scale);
		table_rows_text(rows, r->variant);
		table_rows_text(rows, r->monitored);
		table_rows_text(rows, r->quantity);
		table_rows_text(rows, r->measure);
		table_rows_text(rows, result_status_name(r->status));
		table_rows_text(rows, r->reason);
		table_rows_count(rows, r->windows);
		table_rows_effect(rows, r->baseline);
		table_rows_effect(rows, r->value);
		table_rows_effect(rows, r->change);
		table_rows_effect(rows, r->predicted);
		table_rows_number(rows, r->visible);
	}
}

static void put_instructions(struct incoming *in)
{
	struct table_rows *rows = &in->instructions;

	*rows = (struct table_rows){.table = "instruction_price",
				    .columns = "run, name, instructions, way, status, reason, "
					       "rounds, ns, ns_lo, ns_hi",
				    .n_columns = 10};

	for (size_t i = 0; i < in->rec->n_instruction_prices; i++) {
		const struct instruction_price *p = &in->rec->instruction_prices[i];

		table_rows_text(rows, in->run);
		table_rows_text(rows, p->id);
		table_rows_text(rows, p->name);
		table_rows_text(rows, p->way);
		table_rows_text(rows, result_status_name(p->status));
		table_rows_text(rows, p->reason);
		table_rows_count(rows, p->rounds);
		table_rows_effect(rows, instruction_range(p));
	}
}

static void put_conditions(struct incoming *in)
{
	struct table_rows *rows = &in->conditions;

	*rows = (struct table_rows){
		.table = "condition", .columns = "run, number, words", .n_columns = 3};

	for (size_t i = 0; i < in->rec->n_warnings; i++) {
		table_rows_text(rows, in->run);
		table_rows_count(rows, i + 1);
		table_rows_text(rows, in->rec->warnings[i]);
	}
}

/* A record without its readings is a record all the same. */
static void put_sample(struct incoming *in, const char *name, struct table_rows *rows)
{
	char path[PATH_MAX], hash[CONTENT_HASH_TEXT];
	struct file_bytes file = {0};

	if (!name || strchr(name, '/') ||
	    path_put(path, sizeof(path), "%s/samples/%s", in->dir, name) ||
	    file_read(path, O_NOFOLLOW, &file))
		return;
	content_hash(file.at, file.len, hash);
	table_rows_text(rows, in->run);
	table_rows_text(rows, name);
	table_rows_text(rows, hash);
	table_rows_count(rows, file.len);
	free(file.at);
}

static void put_samples(struct incoming *in)
{
	struct table_rows *rows = &in->samples;

	*rows = (struct table_rows){
		.table = "sample", .columns = "run, name, hash, bytes", .n_columns = 4};

	for (size_t i = 0; i < in->rec->n_results; i++)
		put_sample(in, in->rec->results[i]->samples, rows);
}

/* ---- all ---- */

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct incoming_name *)a)->key,
		      ((const struct incoming_name *)b)->key);
}

/* In the record's order, for the rows of its cells. */
static void name_configurations(struct incoming *in)
{
	char hash[CONTENT_HASH_TEXT];

	in->names = calloc(in->rec->n_results + 1, sizeof(*in->names));
	if (!in->names) {
		in->err = error_set(&in->why, -ENOMEM, "%s: out of memory", in->dir);
		return;
	}
	for (size_t i = 0; i < in->rec->n_results; i++) {
		const char *id = in->rec->results[i]->id;

		in->names[i].result = in->rec->results[i];
		content_hash(id, strlen(id), hash);
		content_hash_key(hash, in->names[i].key);
	}
}

static void put_all(struct incoming *in)
{
	name_configurations(in);
	if (in->err)
		return;
	put_cells(in);
	put_event_points(in);
	put_helpers(in);
	put_apps(in);
	put_instructions(in);
	put_conditions(in);
	put_samples(in);
	qsort(in->names, in->rec->n_results, sizeof(*in->names), by_key);
}

static int by_number(const void *a, const void *b)
{
	long long left = *(const long long *)a, right = *(const long long *)b;

	return left < right ? -1 : left > right;
}

static bool is_known(const struct known_runs *known, const char *run)
{
	long long key = strtoll(run, NULL, 10);

	return known && known->n && bsearch(&key, known->keys, known->n, sizeof(key), by_number);
}

void incoming_read(const char *dir, const struct known_runs *known, struct incoming *out)
{
	struct file_bytes file = {0};
	char path[PATH_MAX];

	*out = (struct incoming){.dir = dir};
	out->err = path_put(path, sizeof(path), "%s/record.json", dir);
	if (!out->err)
		out->err = file_read(path, 0, &file);
	if (out->err) {
		error_say(&out->why, "%s: %s", dir, strerror(-out->err));
		return;
	}
	content_hash(file.at, file.len, out->hash);
	content_hash_key(out->hash, out->run);
	if (is_known(known, out->run))
		out->err = 1;
	else
		out->err =
			record_parse((const char *)file.at, file.len, path, &out->rec, &out->why);
	free(file.at);
	if (!out->err)
		put_all(out);
}

void incoming_free(struct incoming *in)
{
	table_rows_free(&in->cells);
	table_rows_free(&in->points);
	table_rows_free(&in->helpers);
	table_rows_free(&in->apps);
	table_rows_free(&in->instructions);
	table_rows_free(&in->conditions);
	table_rows_free(&in->samples);
	free(in->names);
	record_free(in->rec);
	*in = (struct incoming){.dir = NULL};
}
