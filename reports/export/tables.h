/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tables: the rows of all records of a set as CSV files of a folder, one file a kind: results.csv,
 * slopes.csv, slopes_points.csv, event_points.csv, breakpoints.csv, app_results.csv, …
 *
 * Each line begins with the record it is from: its letter in the report ("A"; "L1" for the lab's),
 * suite, time and kernel. The other columns are the members of the record (csv.h); nothing is
 * rounded or left out.
 */
#ifndef BPFTOLL_REPORTS_EXPORT_TABLES_H
#define BPFTOLL_REPORTS_EXPORT_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "reports/judge/record_set.h"

/*
 * Writes the kinds that the records have; files of kinds that they have not are taken away, so that
 * none is left of an earlier report. names: of what was written, "a.csv, b.csv". 0 or -errno, why.
 */
int tables_write(const struct record_set *e, const char *dir, char *names, size_t len,
		 struct error *why);

/* "A" … of the n-th run, "L1" … of the n-th lab record. */
struct record_letter {
	char text[24];
};
struct record_letter tables_letter(size_t n, bool lab);

#endif
