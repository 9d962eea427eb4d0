/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prices_bent: the prices whose points are no line, below the table of all (prices.h): what the
 * first call adds, how far off the line they are, and why, where that is known.
 */
#ifndef BPFTOLL_REPORTS_SHOW_HELPERS_PRICES_BENT_H
#define BPFTOLL_REPORTS_SHOW_HELPERS_PRICES_BENT_H

#include "reports/show/page.h"
#include "reports/record/record_rows.h"

/* Those of head's unit and workload; nothing when there are none. 0 or -errno. */
int prices_bent_print(struct page *p, const struct slope *head);

#endif
