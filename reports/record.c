/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reports/record.h"
#include "reports/record_fields.h"

static const struct distribution no_distribution = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};

const char *unit_name(enum unit unit)
{
	return unit == UNIT_INSTRUCTIONS ? "instructions" : "ns";
}

const char *cell_status_name(enum cell_status status)
{
	switch (status) {
	case CELL_MEASURED:
		return "measured";
	case CELL_SKIPPED:
		return "skipped";
	case CELL_INVALID:
		break;
	}
	return "invalid";
}

struct record *record_new(void)
{
	struct record *rec = calloc(1, sizeof(*rec));
	time_t now = time(NULL);
	char text[32];
	struct tm utc;

	if (!rec)
		return NULL;
	rec->host.tsc_hz = rec->host.tsc_hz_rel_err = rec->host.tsc_quantum = NAN;
	rec->placement.measure_cpu = rec->placement.drain_cpu = -1;
	rec->floor = no_distribution;
	if (gmtime_r(&now, &utc) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc)) {
		rec->created = strdup(text);
		if (!rec->created) {
			free(rec);
			return NULL;
		}
	}
	return rec;
}

static void cell_free(struct record_cell *cell)
{
	if (!cell)
		return;
	record_free_fields(cell, record_cell_fields);
	for (size_t i = 0; i < cell->n_counters; i++)
		record_free_fields(&cell->counters[i], record_counter_fields);
	free(cell->counters);
	free(cell);
}

void record_free(struct record *rec)
{
	if (!rec)
		return;
	record_free_fields(rec, record_top_fields);
	for (size_t i = 0; i < rec->n_cells; i++)
		cell_free(rec->cells[i]);
	free((void *)rec->cells);
	free(rec);
}

struct record_cell *record_append_cell(struct record *rec)
{
	struct record_cell *cell;
	void *grown;

	/* Grown by doubling, when the length is a power of two: no capacity to keep. */
	if ((rec->n_cells & (rec->n_cells - 1)) == 0) {
		size_t room = rec->n_cells ? 2 * rec->n_cells : 1;

		grown = reallocarray((void *)rec->cells, room, sizeof(struct record_cell *));
		if (!grown)
			return NULL;
		rec->cells = (struct record_cell **)grown;
	}
	cell = calloc(1, sizeof(*cell));
	if (!cell)
		return NULL;
	record_empty_fields(cell, record_cell_fields);
	rec->cells[rec->n_cells++] = cell;
	return cell;
}

struct record_cell *record_add_cell(struct record *rec, const char *variant, const char *hook,
				    const char *body, const char *trigger, const char *drain,
				    const char *cache)
{
	struct record_cell *cell = record_append_cell(rec);

	if (!cell)
		return NULL;
	cell->variant = strdup(variant);
	cell->hook = strdup(hook);
	cell->body = strdup(body);
	cell->trigger = strdup(trigger);
	cell->drain = strdup(drain);
	cell->cache = strdup(cache);
	if (asprintf(&cell->id, "%s/%s/%s/%s", variant, trigger, drain, cache) < 0)
		cell->id = NULL;
	if (cell->variant && cell->hook && cell->body && cell->trigger && cell->drain &&
	    cell->cache && cell->id)
		return cell;
	rec->n_cells--;
	cell_free(cell);
	return NULL;
}

const struct record_cell *record_find_cell(const struct record *rec, const char *id)
{
	for (size_t i = 0; i < rec->n_cells; i++) {
		if (id && rec->cells[i]->id && strcmp(rec->cells[i]->id, id) == 0)
			return rec->cells[i];
	}
	return NULL;
}

int record_add_degraded(struct record *rec, const char *fmt, ...)
{
	char *text = NULL;
	void *grown;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return -ENOMEM;
	for (size_t i = 0; i < rec->n_degraded; i++) {
		if (strcmp(rec->degraded[i], text) == 0) {
			free(text);
			return 0;
		}
	}
	grown = reallocarray((void *)rec->degraded, rec->n_degraded + 1, sizeof(*rec->degraded));
	if (!grown) {
		free(text);
		return -ENOMEM;
	}
	rec->degraded = (char **)grown;
	rec->degraded[rec->n_degraded++] = text;
	return 0;
}
