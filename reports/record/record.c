/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reports/record/record.h"

const char *const record_units[] = {"ns", "instructions", NULL};
const char *const record_statuses[] = {"measured", "skipped", "invalid", NULL};

const char *unit_name(enum unit unit)
{
	return record_units[unit];
}

const char *result_status_name(enum result_status status)
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
	field_empty(rec, record_top_fields);
	rec->placement.measure_cpu = rec->placement.reader_cpu = -1;
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
	field_free(rec, record_top_fields);
	free(rec);
}

struct record_result *record_add_result(struct record *rec, const char *variant, const char *hook,
					const char *body, const char *workload, const char *wakeup,
					const char *cache)
{
	struct record_result *result = field_add_row(rec, field_find(record_top_fields, "cells"));

	if (!result)
		return NULL;
	result->variant = strdup(variant);
	result->hook = strdup(hook);
	result->body = strdup(body);
	result->workload = strdup(workload);
	result->wakeup = strdup(wakeup);
	result->cache = strdup(cache);
	if (asprintf(&result->id, "%s/%s/%s/%s", variant, workload, wakeup, cache) < 0)
		result->id = NULL;
	if (result->variant && result->hook && result->body && result->workload && result->wakeup &&
	    result->cache && result->id)
		return result;
	record_drop_results(rec, rec->n_results - 1);
	return NULL;
}

void record_drop_results(struct record *rec, size_t from)
{
	field_drop_rows(rec, field_find(record_top_fields, "cells"), from);
}

void result_events_add(struct result_events *sum, const struct result_events *more)
{
	sum->produced += more->produced;
	sum->received += more->received;
	sum->lost += more->lost;
	sum->lost_records += more->lost_records;
	sum->wakeups += more->wakeups;
}

const struct record_result *record_find_result(const struct record *rec, const char *id)
{
	for (size_t i = 0; i < rec->n_results; i++) {
		if (id && rec->results[i]->id && strcmp(rec->results[i]->id, id) == 0)
			return rec->results[i];
	}
	return NULL;
}

int record_add_warning(struct record *rec, const char *fmt, ...)
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
	for (size_t i = 0; i < rec->n_warnings; i++) {
		if (strcmp(rec->warnings[i], text) == 0) {
			free(text);
			return 0;
		}
	}
	grown = reallocarray((void *)rec->warnings, rec->n_warnings + 1, sizeof(*rec->warnings));
	if (!grown) {
		free(text);
		return -ENOMEM;
	}
	rec->warnings = (char **)grown;
	rec->warnings[rec->n_warnings++] = text;
	return 0;
}
