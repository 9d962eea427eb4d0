/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/store/table_rows.h"

/* Room for one more value of len bytes. */
static bool grow(struct table_rows *rows, size_t len)
{
	if (rows->used + len > rows->room) {
		size_t room = 2 * (rows->used + len) + 4096;
		char *more = realloc(rows->bytes, room);

		if (!more)
			return false;
		rows->bytes = more;
		rows->room = room;
	}
	if (rows->n == rows->at_room) {
		size_t room = 2 * rows->at_room + 256;
		size_t *more = realloc(rows->at, room * sizeof(*more));

		if (!more)
			return false;
		rows->at = more;
		rows->at_room = room;
	}
	return true;
}

void table_rows_text(struct table_rows *rows, const char *text)
{
	size_t len = text ? strlen(text) + 1 : 0;

	if (!grow(rows, len)) {
		rows->failed = true;
		return;
	}
	rows->at[rows->n++] = text ? rows->used : SIZE_MAX;
	if (text)
		memcpy(rows->bytes + rows->used, text, len);
	rows->used += len;
}

void table_rows_count(struct table_rows *rows, uint64_t count)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, count);
	table_rows_text(rows, text);
}

void table_rows_number(struct table_rows *rows, double number)
{
	char text[32];

	snprintf(text, sizeof(text), "%.15g", number);
	table_rows_text(rows, isfinite(number) ? text : NULL);
}

void table_rows_effect(struct table_rows *rows, struct effect e)
{
	table_rows_number(rows, e.value);
	table_rows_number(rows, e.lo);
	table_rows_number(rows, e.hi);
}

int table_rows_insert(const struct table_rows *rows, struct sql *sql, struct error *why)
{
	struct sql_rows all = {.table = rows->table,
			       .columns = rows->columns,
			       .n_columns = rows->n_columns,
			       .n = rows->n / rows->n_columns};
	const char **values =
		rows->failed ? NULL : (const char **)calloc(rows->n + 1, sizeof(char *));
	int err;

	if (!values)
		return error_set(why, -ENOMEM, "out of memory");
	for (size_t i = 0; i < rows->n; i++)
		values[i] = rows->at[i] == SIZE_MAX ? NULL : rows->bytes + rows->at[i];
	all.values = values;
	err = sql_insert(sql, &all, why);
	free((void *)values);
	return err;
}

void table_rows_free(struct table_rows *rows)
{
	free(rows->bytes);
	free(rows->at);
}
