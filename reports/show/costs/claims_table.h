/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * claims_table: what is claimed of the cost of the probe under test, beside what was measured
 * (claims.h).
 *
 * Internal to render.
 */
#ifndef BPFTOLL_REPORTS_SHOW_COSTS_CLAIMS_TABLE_H
#define BPFTOLL_REPORTS_SHOW_COSTS_CLAIMS_TABLE_H

#include "reports/show/page.h"

/*
 * With a heading; nothing when no price, no incremental programs and no event run was measured. 0
 * or -errno.
 */
int claims_print(struct page *page);

#endif
