/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rows: what a record holds beside cells (record_rows.h), and what follows from it: prices, the waterfall and its check,
 * claims, event tables, knees, programs, other tools. Internal to render.
 */
#ifndef BPFTOLL_ROWS_H
#define BPFTOLL_ROWS_H

#include "reports/page.h"

/* Every kind that the page's record has. 0 or -errno. */
int rows_print(struct page *page);

/* How to read those that were printed, as notes. */
void rows_print_legend(struct page *page);

#endif
