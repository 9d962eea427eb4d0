/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loads_table: what one load of a program costs, beside what loads cost on average.
 */
#ifndef BPFTOLL_REPORTS_SHOW_COSTS_LOADS_TABLE_H
#define BPFTOLL_REPORTS_SHOW_COSTS_LOADS_TABLE_H

#include <stddef.h>
#include "reports/show/page.h"

/* A row for each result whose spread is known; nothing when none is. 0 or -errno. */
int loads_table_print(struct page *page, const struct record_result *const *results, size_t n);

#endif
