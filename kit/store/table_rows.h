/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table_rows: rows of text for sql_insert, collected value by value.
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
	char *bytes; /* the values, one behind the other */
	size_t used, room;
	size_t *at; /* where each begins; SIZE_MAX: NULL */
	size_t n, at_room;
	bool failed;
};

void table_rows_text(struct table_rows *rows, const char *text); /* NULL: not known */
void table_rows_count(struct table_rows *rows, uint64_t count);
void table_rows_number(struct table_rows *rows, double number);	  /* not finite: not known */
void table_rows_effect(struct table_rows *rows, struct effect e); /* three columns */

/* Whole rows only. */
int table_rows_insert(const struct table_rows *rows, struct sql *sql, struct error *why);
void table_rows_free(struct table_rows *rows);

#endif
