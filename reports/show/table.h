/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table: strings in rows and columns -> aligned text, a Markdown table, or CSV.
 *
 * table_open -> table_cell … (row by row, left to right; the first row holds the headers) ->
 * table_print -> table_close. Cells are printed as they are: whoever fills them quotes what needs
 * it (escape.h).
 */
#ifndef BPFTOLL_REPORTS_SHOW_TABLE_H
#define BPFTOLL_REPORTS_SHOW_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "reports/show/format.h"

struct table;

/* NULL: out of memory. */
struct table *table_open(size_t columns);
void table_close(struct table *t);

/* The stream that the next cell is written to, until any other table_ function is called. Never
 * NULL. */
FILE *table_cell(struct table *t);

/* A row without text: an empty line on a terminal. Not for Markdown or CSV. */
void table_gap(struct table *t);

void table_align_right(struct table *t, size_t column);
void table_least_width(struct table *t, size_t column, size_t width);
/* On a terminal what is longer is cut. */
void table_most_width(struct table *t, size_t column, size_t width);

/* Leaves a column out of what is printed. */
void table_hide(struct table *t, size_t column);

/* Do all rows below the header say the same? Gaps don't count; true for no rows. */
bool table_uniform(struct table *t, size_t column);
const char *table_at(struct table *t, size_t row, size_t column);

/* Columns of a terminal that a column takes; 0 where it is left out. */
size_t table_column_width(struct table *t, size_t column);

/* The same of a row of text, indentation included. */
size_t table_width(struct table *t);

/* 0 or -ENOMEM when a cell could not be kept. */
int table_print(struct table *t, enum render_format format, FILE *out);

#endif
