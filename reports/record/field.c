/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/record/field.h"
#include "reports/stats/effect.h"

/* Doubles are unknown until they are set. */
void field_empty(void *base, const struct field *fields)
{
	for (; fields->key; fields++) {
		void *at = (char *)base + fields->offset;

		if (fields->type == FIELD_DOUBLE)
			*(double *)at = NAN;
		else if (fields->type == FIELD_EFFECT)
			*(struct effect *)at = (struct effect){NAN, NAN, NAN};
		else if (fields->type == FIELD_OBJECT)
			field_empty(at, fields->sub);
	}
}

const struct field *field_find(const struct field *fields, const char *key)
{
	while (fields->key && strcmp(fields->key, key) != 0)
		fields++;
	return fields;
}

size_t field_rows(const void *base, const struct field *rows)
{
	return *(const size_t *)(const void *)((const char *)base + rows->count);
}

void *field_row(const void *base, const struct field *rows, size_t i)
{
	char *array = *(char *const *)(const void *)((const char *)base + rows->offset);

	return rows->pointers ? ((void **)(void *)array)[i] : array + i * rows->size;
}

void *field_add_row(void *base, const struct field *rows)
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
	field_empty(row, rows->sub);
	return row;
}

void field_drop_rows(void *base, const struct field *rows, size_t from)
{
	size_t *n = (size_t *)(void *)((char *)base + rows->count);

	while (*n > from) {
		void *row = field_row(base, rows, --*n);

		field_free(row, rows->sub);
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

void field_free(void *base, const struct field *fields)
{
	for (; fields->key; fields++) {
		char *at = (char *)base + fields->offset;

		if (fields->type == FIELD_NAME || fields->type == FIELD_STRING) {
			free(*(char **)(void *)at);
		} else if (fields->type == FIELD_STRINGS) {
			free_strings(*(char ***)(void *)at, field_rows(base, fields));
		} else if (fields->type == FIELD_OBJECT || fields->type == FIELD_PART) {
			field_free(at, fields->sub);
		} else if (fields->type == FIELD_ROWS) {
			field_drop_rows(base, fields, 0);
			free(*(void **)(void *)at);
		}
	}
}
