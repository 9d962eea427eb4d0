/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * result_tables: the smaller tables of a record's results: what one load of a program costs beside
 * the mean of all; how much of an experiment had a neighbour on the core's other hardware thread;
 * what was evicted before cold calls, and cold against hot; what the kernel made of each program.
 *
 * Internal to render. Each prints nothing where the record does not know (older records). 0 or
 * -ENOMEM.
 */
#ifndef BPFTOLL_REPORTS_SHOW_COSTS_RESULT_TABLES_H
#define BPFTOLL_REPORTS_SHOW_COSTS_RESULT_TABLES_H

#include <stddef.h>
#include "reports/show/page.h"
#include "reports/record/record.h"

/* A row for each result whose spread over loads is known. */
int loads_table_print(struct page *page, const struct record_result *const *results, size_t n);

/* The line of an experiment's heading: in how many rounds was a neighbour, and which of them the
 * costs below are of. */
void neighbour_print_fact(struct page *p, const struct record_result *const *configs, size_t n);

/* A row a configuration: the core alone, beside a neighbour, in core cycles; and why something is
 * withheld. */
int neighbour_print(struct page *p, const struct record_result *const *configs, size_t n);

/* What was evicted between cold calls, with the proof that it was. */
int cold_print_proofs(struct page *page);
int cold_print_against_hot(struct page *page);

/*
 * What the kernel's verifier walked through, sizes, stack and the time to load, a row a program
 * (those of the wakeup policies that differ apart). 0, -ENOENT: the record has none; other -errno.
 */
int programs_print(const struct record *rec, enum render_format format, FILE *out);

#endif
