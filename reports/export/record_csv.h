/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record_csv: a whole record as CSV: one line a result, then a table of each kind of rows.
 *
 * The columns of rows are the members of the record's own tables, so nothing is left out; an effect
 * is three columns (NAME, NAME_lo, NAME_hi). Rows within rows (a slope's points) are a table of
 * their own, with the owner's id first. An empty line parts two tables.
 */
#ifndef BPFTOLL_REPORTS_EXPORT_RECORD_CSV_H
#define BPFTOLL_REPORTS_EXPORT_RECORD_CSV_H

#include <stdio.h>
#include "reports/record/record.h"

void record_csv_print(const struct record *rec, FILE *out);

#endif
