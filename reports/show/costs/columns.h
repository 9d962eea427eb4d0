/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * columns: what a report says about each result, on a terminal and in Markdown (CSV is
 * export/record_csv.h).
 *
 * Internal to render. A new column is a row in columns.c.
 */
#ifndef BPFTOLL_REPORTS_SHOW_COSTS_COLUMNS_H
#define BPFTOLL_REPORTS_SHOW_COSTS_COLUMNS_H

#include <stddef.h>
#include "reports/show/listing.h"
#include "reports/record/record.h"

enum section {
	SECTION_COST,	/* a workload's table */
	SECTION_EVENTS, /* the event accounting of the programs that send events */
};

/*
 * The results as rows of *l, in the columns of the section. To be printed by the caller; in text
 * the mechanism is left out (l->hidden_for_width after listing_fold) when the table would be wider
 * than a page.
 */
void columns_fill(struct listing *l, struct page *page, const struct record_result *const *results,
		  size_t n, enum section section);

#endif
