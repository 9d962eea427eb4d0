/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reports/record.h"
#include "reports/record_fields.h"

const char *const record_units[] = {"ns", "instructions", NULL};
const char *const record_statuses[] = {"measured", "skipped", "invalid", NULL};

const char *unit_name(enum unit unit)
{
	return record_units[unit];
}

const char *cell_status_name(enum cell_status status)
{
	return record_statuses[status];
}

struct record *record_new(void)
{
	struct record *rec = calloc(1, sizeof(*rec));
	time_t now = time(NULL);
	char text[32];
	struct tm utc;

	if (!rec)
		return NULL;
	record_empty_fields(rec, record_top_fields);
	rec->placement.measure_cpu = rec->placement.drain_cpu = -1;
	if (gmtime_r(&now, &utc) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc)) {
		rec->created = strdup(text);
		if (!rec->created) {
			free(rec);
			return NULL;
		}
	}
	return rec;
}

void record_free(struct record *rec)
{
	if (!rec)
		return;
	record_free_fields(rec, record_top_fields);
	free(rec);
}

struct record_cell *record_add_cell(struct record *rec, const char *variant, const char *hook,
				    const char *body, const char *trigger, const char *drain,
				    const char *cache)
{
	struct record_cell *cell = record_append_row(rec, record_field(record_top_fields, "cells"));

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
	record_drop_cells(rec, rec->n_cells - 1);
	return NULL;
}

void record_drop_cells(struct record *rec, size_t from)
{
	record_drop_rows(rec, record_field(record_top_fields, "cells"), from);
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
