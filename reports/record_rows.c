/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/record_fields.h"
#include "reports/record_rows.h"

static const struct field slope_point_fields[] = {
	PLAIN(FIELD_UINT, struct slope_point, repeats),
	EFFECT(struct slope_point, cost),
	EFFECT(struct slope_point, residual),
	{.key = NULL},
};

const struct field slope_fields[] = {
	PLAIN(FIELD_NAME, struct slope, id),
	PLAIN(FIELD_NAME, struct slope, carrier),
	PLAIN(FIELD_NAME, struct slope, helper),
	PLAIN(FIELD_NAME, struct slope, size),
	PLAIN(FIELD_NAME, struct slope, trigger),
	PLAIN(FIELD_NAME, struct slope, drain),
	PLAIN(FIELD_NAME, struct slope, cache),
	PLAIN(FIELD_STATUS, struct slope, status),
	PLAIN(FIELD_STRING, struct slope, reason),
	PLAIN(FIELD_UNIT, struct slope, unit),
	PLAIN(FIELD_UINT, struct slope, rounds),
	OPTIONAL(FIELD_UINT, struct slope, copies),
	EFFECT(struct slope, slope),
	OPTIONAL(FIELD_EFFECT, struct slope, first),
	EFFECT(struct slope, intercept),
	OPTIONAL(FIELD_DOUBLE, struct slope, contended_share),
	OPTIONAL(FIELD_BOOL, struct slope, alone),
	OPTIONAL(FIELD_DOUBLE, struct slope, placement),
	OPTIONAL(FIELD_STRING, struct slope, common),
	PLAIN(FIELD_BOOL, struct slope, nonlinear),
	DOUBLE(struct slope, nonlinear_p),
	PLAIN(FIELD_STRING, struct slope, note),
	ROWS(struct slope, points, struct slope_point, slope_point_fields),
	{.key = NULL},
};

const struct field event_point_fields[] = {
	PLAIN(FIELD_NAME, struct event_point, id),
	PLAIN(FIELD_NAME, struct event_point, scenario),
	PLAIN(FIELD_NAME, struct event_point, variant),
	PLAIN(FIELD_NAME, struct event_point, hook),
	PLAIN(FIELD_NAME, struct event_point, body),
	PLAIN(FIELD_NAME, struct event_point, trigger),
	PLAIN(FIELD_NAME, struct event_point, drain),
	PLAIN(FIELD_NAME, struct event_point, policy),
	OPTIONAL_OBJECT(struct event_point, reader, record_reader_fields),
	PLAIN(FIELD_STATUS, struct event_point, status),
	PLAIN(FIELD_STRING, struct event_point, reason),
	PLAIN(FIELD_BOOL, struct event_point, saturated),
	DOUBLE(struct event_point, rate_target),
	DOUBLE(struct event_point, rate_achieved),
	EFFECT(struct event_point, throughput),
	DOUBLE(struct event_point, seconds),
	PLAIN(FIELD_UINT, struct event_point, producers),
	PLAIN(FIELD_U64, struct event_point, buffer_bytes),
	PLAIN(FIELD_U64, struct event_point, memory_bytes),
	PLAIN(FIELD_U64, struct event_point, burst),
	PLAIN(FIELD_U64, struct event_point, calls),
	PLAIN(FIELD_U64, struct event_point, produced),
	PLAIN(FIELD_U64, struct event_point, received),
	PLAIN(FIELD_U64, struct event_point, lost_full),
	PLAIN(FIELD_U64, struct event_point, lost_records),
	PLAIN(FIELD_U64, struct event_point, lost_missed),
	PLAIN(FIELD_U64, struct event_point, wakeups),
	DOUBLE(struct event_point, lag_p50),
	DOUBLE(struct event_point, lag_p99),
	DOUBLE(struct event_point, lag_max),
	EFFECT(struct event_point, call_p50),
	EFFECT(struct event_point, call_p99),
	EFFECT(struct event_point, call_p999),
	EFFECT(struct event_point, due_p50),
	EFFECT(struct event_point, due_p99),
	EFFECT(struct event_point, due_p999),
	EFFECT(struct event_point, overhead),
	EFFECT(struct event_point, producer_cpu),
	EFFECT(struct event_point, consumer_cpu),
	EFFECT(struct event_point, machine_cpu),
	DOUBLE(struct event_point, steal_cpu),
	DOUBLE(struct event_point, age_p50),
	DOUBLE(struct event_point, age_p99),
	DOUBLE(struct event_point, age_max),
	DOUBLE(struct event_point, stopped_ms),
	DOUBLE(struct event_point, recovered_ms),
	OPTIONAL(FIELD_DOUBLE, struct event_point, exposure_s),
	OPTIONAL(FIELD_DOUBLE, struct event_point, buffer_fills),
	OPTIONAL(FIELD_U64, struct event_point, exposure_produced),
	OPTIONAL(FIELD_U64, struct event_point, exposure_lost),
	OPTIONAL(FIELD_U64, struct event_point, stalls),
	OPTIONAL(FIELD_EFFECT, struct event_point, stalls_per_s),
	OPTIONAL(FIELD_EFFECT, struct event_point, exposure_loss),
	{.key = NULL},
};

const struct field knee_fields[] = {
	PLAIN(FIELD_NAME, struct knee, curve),
	PLAIN(FIELD_NAME, struct knee, quantity),
	PLAIN(FIELD_BOOL, struct knee, found),
	DOUBLE(struct knee, p),
	EFFECT(struct knee, rate),
	EFFECT(struct knee, slope_below),
	EFFECT(struct knee, slope_above),
	OPTIONAL(FIELD_DOUBLE, struct knee, highest),
	{.key = NULL},
};

const struct field app_result_fields[] = {
	PLAIN(FIELD_NAME, struct app_result, id),
	PLAIN(FIELD_NAME, struct app_result, app),
	PLAIN(FIELD_NAME, struct app_result, scale),
	PLAIN(FIELD_NAME, struct app_result, variant),
	PLAIN(FIELD_NAME, struct app_result, monitored),
	PLAIN(FIELD_NAME, struct app_result, quantity),
	PLAIN(FIELD_NAME, struct app_result, measure),
	PLAIN(FIELD_STATUS, struct app_result, status),
	PLAIN(FIELD_STRING, struct app_result, reason),
	PLAIN(FIELD_UINT, struct app_result, windows),
	DOUBLE(struct app_result, window_s),
	EFFECT(struct app_result, baseline),
	EFFECT(struct app_result, value),
	EFFECT(struct app_result, change),
	EFFECT(struct app_result, predicted),
	DOUBLE(struct app_result, visible),
	PLAIN(FIELD_STRING, struct app_result, note),
	{.key = NULL},
};

const struct field eviction_fields[] = {
	PLAIN(FIELD_NAME, struct eviction, what),
	PLAIN(FIELD_NAME, struct eviction, how),
	PLAIN(FIELD_NAME, struct eviction, measure),
	DOUBLE(struct eviction, hot),
	DOUBLE(struct eviction, evicted),
	DOUBLE(struct eviction, near),
	DOUBLE(struct eviction, far),
	DOUBLE(struct eviction, eviction),
	PLAIN(FIELD_BOOL, struct eviction, holds),
	PLAIN(FIELD_STRING, struct eviction, note),
	{.key = NULL},
};

const struct field crosscheck_fields[] = {
	PLAIN(FIELD_NAME, struct crosscheck, id),
	PLAIN(FIELD_NAME, struct crosscheck, variant),
	PLAIN(FIELD_NAME, struct crosscheck, trigger),
	PLAIN(FIELD_NAME, struct crosscheck, tool),
	PLAIN(FIELD_STRING, struct crosscheck, command),
	PLAIN(FIELD_NAME, struct crosscheck, quantity),
	PLAIN(FIELD_STATUS, struct crosscheck, status),
	PLAIN(FIELD_STRING, struct crosscheck, reason),
	EFFECT(struct crosscheck, says),
	EFFECT(struct crosscheck, bpftoll),
	PLAIN(FIELD_STRING, struct crosscheck, why),
	{.key = NULL},
};

const struct field round_conditions_fields[] = {
	PLAIN(FIELD_NAME, struct round_conditions, trigger),
	OPTIONAL(FIELD_STRING, struct round_conditions, cache),
	PLAIN(FIELD_UINT, struct round_conditions, round),
	DOUBLE(struct round_conditions, seconds),
	DOUBLE(struct round_conditions, steal),
	PLAIN(FIELD_U64, struct round_conditions, interrupts),
	PLAIN(FIELD_U64, struct round_conditions, switches),
	DOUBLE(struct round_conditions, frequency),
	OPTIONAL(FIELD_DOUBLE, struct round_conditions, throughput_ticks),
	OPTIONAL(FIELD_DOUBLE, struct round_conditions, chain_ticks),
	OPTIONAL(FIELD_DOUBLE, struct round_conditions, contended),
	OPTIONAL(FIELD_DOUBLE, struct round_conditions, frequency_hz),
	{.key = NULL},
};

/* Doubles are unknown until they are set. */
void record_empty_fields(void *base, const struct field *fields)
{
	for (; fields->key; fields++) {
		void *at = (char *)base + fields->offset;

		if (fields->type == FIELD_DOUBLE)
			*(double *)at = NAN;
		else if (fields->type == FIELD_EFFECT)
			*(struct effect *)at = (struct effect){NAN, NAN, NAN};
		else if (fields->type == FIELD_OBJECT)
			record_empty_fields(at, fields->sub);
	}
}

void *record_append_row(void **array, size_t *n, const struct field *rows)
{
	char *row;

	/* Grown by doubling, when the length is a power of two: no capacity to keep. */
	if ((*n & (*n - 1)) == 0) {
		void *grown = reallocarray(*array, *n ? 2 * *n : 1, rows->size);

		if (!grown)
			return NULL;
		*array = grown;
	}
	row = (char *)*array + (*n)++ * rows->size;
	memset(row, 0, rows->size);
	record_empty_fields(row, rows->sub);
	return row;
}

static void free_rows(char *base, const struct field *field)
{
	char *rows = *(char **)(void *)(base + field->offset);
	size_t n = *(size_t *)(void *)(base + field->count);

	for (size_t i = 0; i < n; i++)
		record_free_fields(rows + i * field->size, field->sub);
	free(rows);
}

static void free_strings(char *base, const struct field *field)
{
	char **strings = *(char ***)(void *)(base + field->offset);
	size_t n = *(size_t *)(void *)(base + field->count);

	for (size_t i = 0; i < n; i++)
		free(strings[i]);
	free((void *)strings);
}

void record_free_fields(void *base, const struct field *fields)
{
	for (; fields->key; fields++) {
		char *at = (char *)base + fields->offset;

		if (fields->type == FIELD_NAME || fields->type == FIELD_STRING)
			free(*(char **)(void *)at);
		else if (fields->type == FIELD_STRINGS)
			free_strings(base, fields);
		else if (fields->type == FIELD_OBJECT)
			record_free_fields(at, fields->sub);
		else if (fields->type == FIELD_ROWS)
			free_rows(base, fields);
	}
}

static const struct field *find_rows(const struct field *fields, const char *key)
{
	while (fields->key && strcmp(fields->key, key) != 0)
		fields++;
	return fields;
}

/* NOLINTBEGIN(bugprone-macro-parentheses): a type and a function's name cannot stand in parentheses */
#define ADD(owner, function, type, member, table)                               \
	struct type *function(owner *to)                                        \
	{                                                                       \
		return record_append_row((void **)&to->member, &to->n_##member, \
					 find_rows(table, #member));            \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

ADD(struct record, record_add_slope, slope, slopes, record_top_fields)
ADD(struct slope, slope_add_point, slope_point, points, slope_fields)
ADD(struct record, record_add_event_point, event_point, event_points, record_top_fields)
ADD(struct record, record_add_knee, knee, knees, record_top_fields)
ADD(struct record, record_add_app_result, app_result, app_results, record_top_fields)
ADD(struct record, record_add_eviction, eviction, evictions, record_top_fields)
ADD(struct record, record_add_crosscheck, crosscheck, crosschecks, record_top_fields)
ADD(struct record, record_add_round_conditions, round_conditions, conditions, record_top_fields)

#define MEASURED(rec, member, n)                       \
	for (size_t i = 0; i < (rec)->n_##member; i++) \
		(n) += (rec)->member[i].status == CELL_MEASURED;

size_t record_rows_measured(const struct record *rec)
{
	size_t n = 0;

	MEASURED(rec, slopes, n)
	MEASURED(rec, event_points, n)
	MEASURED(rec, app_results, n)
	MEASURED(rec, crosschecks, n)
	return n;
}
