/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rows_csv: the rows of a record that are no results, as CSV, one table a kind with its own header.
 *
 * The columns are the members of the record's own tables, so nothing is left out; an effect is
 * three columns (NAME, NAME_lo, NAME_hi). Rows within rows (a slope's points) are a table of their
 * own, with the owner's id first.
 */
#ifndef BPFTOLL_REPORTS_EXPORT_ROWS_CSV_H
#define BPFTOLL_REPORTS_EXPORT_ROWS_CSV_H

#include <stdio.h>
#include "reports/record/record.h"

/* An empty line parts two tables; before: something precedes the first. */
void rows_csv_print(const struct record *rec, bool before, FILE *out);

#endif
