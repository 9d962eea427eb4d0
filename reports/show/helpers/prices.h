/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prices: what one call of each helper costs: the slopes of a record (slope.h), as tables.
 *
 * Internal to render. A row is helper, size, drain and cache state, a column each host program that
 * ran it, so that two host programs stand side by side. A row whose points are no line is marked
 * "!" and told below the table: no price is right for all of it.
 */
#ifndef BPFTOLL_REPORTS_SHOW_HELPERS_PRICES_H
#define BPFTOLL_REPORTS_SHOW_HELPERS_PRICES_H

#include <stdbool.h>
#include "reports/show/page.h"
#include "reports/record/record_rows.h"

/* All of the page's record, a table a workload and unit. Prints nothing when it has none. 0 or
 * -errno. */
int prices_print(struct page *page);

/*
 * The page's record (ns) beside another (instructions, from the lab): ns, instructions and ns an
 * instruction for each helper that both have measured, by the first host program that each has. 0
 * or -errno.
 */
int prices_print_beside(struct page *page, const struct record *lab);

/* The same as a page of its own. */
int prices_render_beside(const struct record *rec, const struct record *lab,
			 enum render_format format, FILE *out);

/* The first measured row of that helper, size and drain (NULL: any), hot cache; NULL: there is
 * none. */
const struct slope *prices_find(const struct record *rec, const char *helper, const char *size,
				const char *wakeup);

/* The same, by this host program where it was measured on it: what a helper costs may depend on the
 * hook. */
const struct slope *prices_find_on(const struct record *rec, const char *host_program,
				   const char *helper, const char *size, const char *wakeup);

/* What the first call of the helper adds: the slope, or for a nonlinear row the step from 0 to 1
 * repetition. */
struct effect prices_first_call(const struct slope *row);

#endif
