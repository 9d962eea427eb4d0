/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * data_table: what each probe reports, held against calls of which all was known (the results'
 * data): the answer to "is the same data there?", and what a probe says wrongly although every
 * event arrives.
 */
#ifndef BPFTOLL_REPORTS_SHOW_COSTS_DATA_TABLE_H
#define BPFTOLL_REPORTS_SHOW_COSTS_DATA_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "reports/show/page.h"
#include "reports/record/record.h"

/* A row for each hook, the programs and calls of which say the same; what is wrong stands below. 0
 * or -errno. */
int data_print(struct page *p);

/*
 * The corrected programs of a hook (all but as_written): "right", "wrong", "not available" where
 * the kernel refuses all of them, "not checked" where the record doesn't say.
 */
const char *data_of_hook(const struct record *rec, const char *hook);

/*
 * Each kind of wrong data as a sentence with the configurations that report it, to the line. Their
 * number; 0: nothing is wrong, or nothing was checked, and the line is as it was.
 */
size_t data_findings(const struct record *rec, enum render_format format, FILE *line);

#endif
