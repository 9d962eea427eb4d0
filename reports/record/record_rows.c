/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/record/record_fields.h"
#include "reports/record/record_rows.h"

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

const struct field *record_field(const struct field *fields, const char *key)
{
	while (fields->key && strcmp(fields->key, key) != 0)
		fields++;
	return fields;
}

size_t record_rows_count(const void *base, const struct field *rows)
{
	return *(const size_t *)(const void *)((const char *)base + rows->count);
}

void *record_row_at(const void *base, const struct field *rows, size_t i)
{
	char *array = *(char *const *)(const void *)((const char *)base + rows->offset);

	return rows->pointers ? ((void **)(void *)array)[i] : array + i * rows->size;
}

void *record_append_row(void *base, const struct field *rows)
{
	size_t *n = (size_t *)(void *)((char *)base + rows->count);
	size_t size = rows->pointers ? sizeof(void *) : rows->size;
	char **array = (char **)(void *)((char *)base + rows->offset);
	void *row;

	/* Grown by doubling, when the length is a power of two: no capacity to keep. */
	if ((*n & (*n - 1)) == 0) {
		void *grown = reallocarray(*array, *n ? 2 * *n : 1, size);

		if (!grown)
			return NULL;
		*array = grown;
	}
	row = rows->pointers ? malloc(rows->size) : *array + *n * size;
	if (!row)
		return NULL;
	if (rows->pointers)
		((void **)(void *)*array)[*n] = row;
	++*n;
	memset(row, 0, rows->size);
	record_empty_fields(row, rows->sub);
	return row;
}

void record_drop_rows(void *base, const struct field *rows, size_t from)
{
	size_t *n = (size_t *)(void *)((char *)base + rows->count);

	while (*n > from) {
		void *row = record_row_at(base, rows, --*n);

		record_free_fields(row, rows->sub);
		if (rows->pointers)
			free(row);
	}
}

static void free_strings(char **strings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(strings[i]);
	free((void *)strings);
}

void record_free_fields(void *base, const struct field *fields)
{
	for (; fields->key; fields++) {
		char *at = (char *)base + fields->offset;

		if (fields->type == FIELD_NAME || fields->type == FIELD_STRING) {
			free(*(char **)(void *)at);
		} else if (fields->type == FIELD_STRINGS) {
			free_strings(*(char ***)(void *)at, record_rows_count(base, fields));
		} else if (fields->type == FIELD_OBJECT || fields->type == FIELD_PART) {
			record_free_fields(at, fields->sub);
		} else if (fields->type == FIELD_ROWS) {
			record_drop_rows(base, fields, 0);
			free(*(void **)(void *)at);
		}
	}
}

const enum result_status *record_row_status(const void *row, const struct field *fields)
{
	while (fields->key && fields->type != FIELD_STATUS)
		fields++;
	return fields->key ? (const void *)((const char *)row + fields->offset) : NULL;
}

/* NOLINTBEGIN(bugprone-macro-parentheses): a type and a function's name cannot stand in parentheses
 */
#define ADD(type, member)                                                               \
	struct type *record_add_##type(struct record *to)                               \
	{                                                                               \
		return record_append_row(to, record_field(record_top_fields, #member)); \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

ADD(slope, slopes)
ADD(event_point, event_points)
ADD(breakpoint, knees)
ADD(app_result, app_results)
ADD(eviction, evictions)
ADD(crosscheck, crosschecks)
ADD(round_conditions, conditions)

struct slope_point *slope_add_point(struct slope *to)
{
	const struct field *slopes = record_field(record_top_fields, "slopes");

	return record_append_row(to, record_field(slopes->sub, "points"));
}

size_t record_rows_measured(const struct record *rec)
{
	size_t measured = 0;

	for (const struct field *rows = record_top_fields; rows->key; rows++) {
		size_t n = rows->type == FIELD_ROWS ? record_rows_count(rec, rows) : 0;

		for (size_t i = 0; i < n && !rows->pointers; i++) {
			const enum result_status *status =
				record_row_status(record_row_at(rec, rows, i), rows->sub);

			measured += status && *status == RESULT_MEASURED;
		}
	}
	return measured;
}
