/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * waterfall_table: where a probe's cost comes from (waterfall.h) as a table and as bars, and whether the parts make the whole (addup.h).
 *
 * Internal to render. cells: the measured arms of one trigger. 0 or -errno.
 */
#ifndef BPFTOLL_WATERFALL_TABLE_H
#define BPFTOLL_WATERFALL_TABLE_H

#include <stddef.h>
#include "reports/page.h"

/* Prints nothing without a ladder. */
int waterfall_print(struct page *page, const struct record_cell *const *cells, size_t n);

/* A row a variant and drain state, and how many of them add up. Prints nothing without prices for this trigger. */
int addup_print(struct page *page, const struct record_cell *const *cells, size_t n);

#endif
