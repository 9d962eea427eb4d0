/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * waterfall_table: where a probe's cost comes from (waterfall.h) as a table and as bars, and
 * whether the parts make the whole (addup.h).
 *
 * Internal to render. results: the measured configurations of one workload. 0 or -errno.
 */
#ifndef BPFTOLL_REPORTS_SHOW_COSTS_WATERFALL_TABLE_H
#define BPFTOLL_REPORTS_SHOW_COSTS_WATERFALL_TABLE_H

#include <stddef.h>
#include "reports/show/page.h"

/* Prints nothing without a incremental programs. */
int waterfall_print(struct page *page, const struct record_result *const *results, size_t n);

/* A row a variant and wakeup policy, and how many of them add up. Prints nothing without prices for
 * this workload. */
int addup_print(struct page *page, const struct record_result *const *results, size_t n);

#endif
