/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kit/store/table_rows.h"

/* One more value, unknown; NULL: out of memory. */
static struct sql_value *add(struct table_rows *rows)
{
	if (rows->n == rows->values_room) {
		size_t room = 2 * rows->values_room + 256;
		struct sql_value *more = realloc(rows->values, room * sizeof(*more));

		if (!more) {
			rows->failed = true;
			return NULL;
		}
		rows->values = more;
		rows->values_room = room;
	}
	rows->values[rows->n] = (struct sql_value){.kind = SQL_UNKNOWN};
	return &rows->values[rows->n++];
}

/* Room for len bytes of text. */
static bool grow(struct table_rows *rows, size_t len)
{
	size_t room = 2 * (rows->used + len) + 4096;
	char *more;

	if (rows->used + len <= rows->room)
		return true;
	more = realloc(rows->bytes, room);
	if (!more) {
		rows->failed = true;
		return false;
	}
	rows->bytes = more;
	rows->room = room;
	return true;
}

void table_rows_text(struct table_rows *rows, const char *text)
{
	size_t len = text ? strlen(text) + 1 : 0;
	struct sql_value *value = add(rows);

	if (!value || !text || !grow(rows, len))
		return;
	value->kind = SQL_TEXT;
	value->count = rows->used;
	memcpy(rows->bytes + rows->used, text, len);
	rows->used += len;
}

void table_rows_count(struct table_rows *rows, uint64_t count)
{
	struct sql_value *value = add(rows);

	if (value)
		*value = (struct sql_value){.kind = SQL_COUNT, .count = count};
}

void table_rows_number(struct table_rows *rows, double number)
{
	struct sql_value *value = add(rows);

	if (value && isfinite(number))
		*value = (struct sql_value){.kind = SQL_REAL, .real = number};
}

void table_rows_effect(struct table_rows *rows, struct effect e)
{
	table_rows_number(rows, e.value);
	table_rows_number(rows, e.lo);
	table_rows_number(rows, e.hi);
}

int table_rows_insert(struct table_rows *rows, struct sql *sql, struct error *why)
{
	struct sql_rows all = {.table = rows->table,
			       .columns = rows->columns,
			       .n_columns = rows->n_columns,
			       .n = rows->n / rows->n_columns,
			       .values = rows->values};

	if (rows->failed)
		return error_set(why, -ENOMEM, "out of memory");
	for (size_t i = 0; i < rows->n; i++)
		if (rows->values[i].kind == SQL_TEXT)
			rows->values[i].text = rows->bytes + rows->values[i].count;
	return sql_insert(sql, &all, why);
}

void table_rows_free(struct table_rows *rows)
{
	free(rows->bytes);
	free(rows->values);
}
