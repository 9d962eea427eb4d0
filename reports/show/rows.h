/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rows: what a record holds beside results (record_rows.h), and what follows from it: prices, the
 * waterfall and its check, claims, event tables, breakpoints, programs, other tools. Internal to
 * render.
 */
#ifndef BPFTOLL_REPORTS_SHOW_ROWS_H
#define BPFTOLL_REPORTS_SHOW_ROWS_H

#include "reports/show/page.h"

/* Every kind that the page's record has. 0 or -errno. */
int rows_print(struct page *page);

/* Is there anything to tell of how to read them? rows_print_legend tells it, as notes. */
bool rows_have_legend(const struct page *page);
void rows_print_legend(struct page *page);

#endif
