/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table_rows: rows for sql_insert, collected value by value.
 *
 * table_rows_text | table_rows_number … -> table_rows_insert -> table_rows_free. When memory is
 * out, table_rows_insert says so.
 */
#ifndef BPFTOLL_KIT_STORE_TABLE_ROWS_H
#define BPFTOLL_KIT_STORE_TABLE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/store/sql.h"
#include "reports/stats/effect.h"

struct table_rows {
	const char *table, *columns;
	size_t n_columns;
	struct sql_value *values;
	size_t n, values_room;
	char *bytes; /* texts, one behind the other; a value's is an offset until it is inserted */
	size_t used, room;
	bool failed;
};

void table_rows_text(struct table_rows *rows, const char *text); /* NULL: not known */
void table_rows_count(struct table_rows *rows, uint64_t count);
void table_rows_number(struct table_rows *rows, double number);	  /* not finite: not known */
void table_rows_effect(struct table_rows *rows, struct effect e); /* three columns */

/* Whole rows only, and once. */
int table_rows_insert(struct table_rows *rows, struct sql *sql, struct error *why);
void table_rows_free(struct table_rows *rows);

#endif
