/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * budget_tables: what a probe and its reader take at the budget's rate, in % of one CPU with its
 * parts and of the machine, and the loss there and at the overload rate, against the budget's
 * thresholds (page->budget, else the default's; verdict_of).
 *
 * Internal to render.
 */
#ifndef BPFTOLL_REPORTS_SHOW_EVENTS_BUDGET_TABLES_H
#define BPFTOLL_REPORTS_SHOW_EVENTS_BUDGET_TABLES_H

#include "reports/show/page.h"

/* Prints nothing when the page's record has no such points. 0 or -errno. */
int sweeps_print_accounting(struct page *page);

#endif
