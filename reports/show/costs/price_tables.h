/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * price_tables: what one call of each helper costs (prices.h), as tables.
 *
 * A row is helper, size, wakeup policy and cache state, a column each host program that ran it, so
 * that two host programs stand side by side. A row whose points are no line is marked "!" and told
 * below the table: no price is right for all of it.
 */
#ifndef BPFTOLL_REPORTS_SHOW_COSTS_PRICE_TABLES_H
#define BPFTOLL_REPORTS_SHOW_COSTS_PRICE_TABLES_H

#include "reports/show/page.h"

/* All of the page's record, a table a workload and unit. Prints nothing when it has none. 0 or
 * -errno. */
int prices_print(struct page *page);

/*
 * The record (ns) beside another (instructions, from the lab), as a page of its own: ns,
 * instructions and ns an instruction for each helper that both have measured, by the first host
 * program that each has. 0 or -errno.
 */
int prices_render_beside(const struct record *rec, const struct record *lab,
			 enum render_format format, FILE *out);

#endif
