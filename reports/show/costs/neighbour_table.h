/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * neighbour_table: how much of an experiment had a neighbour on the core's other hardware thread,
 * and what that costs.
 *
 * Internal to render. Both print nothing where the record does not know (older records).
 */
#ifndef BPFTOLL_REPORTS_SHOW_COSTS_NEIGHBOUR_TABLE_H
#define BPFTOLL_REPORTS_SHOW_COSTS_NEIGHBOUR_TABLE_H

#include <stddef.h>
#include "reports/show/page.h"
#include "reports/record/record.h"

/* The line of an experiment's heading: in how many rounds, and which of them the costs below are
 * of. */
void neighbour_print_fact(struct page *p, const struct record_result *const *configs, size_t n);

/* A row a configuration: the core alone, beside a neighbour, in core cycles; and why something is
 * withheld. 0 or -ENOMEM. */
int neighbour_print(struct page *p, const struct record_result *const *configs, size_t n);

#endif
