/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sweeps: the event runs of a record as tables: rates (what was asked, what went, how late, how
 * long), costs and loss, the consumer's side, breakpoints; loss against bursts, stopped consumers
 * and buffer sizes; and the event accounting on the mission's terms.
 *
 * Internal to render. Contention, wake-up policies and the flood are contest.h's and policies.h's.
 */
#ifndef BPFTOLL_REPORTS_SHOW_EVENTS_SWEEPS_H
#define BPFTOLL_REPORTS_SHOW_EVENTS_SWEEPS_H

#include "reports/show/page.h"

/* Each prints nothing when the page's record has no such points. 0 or -errno. */
int sweeps_print(struct page *page);		 /* scenarios sweep and same_cpu */
int sweeps_print_breakpoints(struct page *page); /* where curves bend, and which do not */
/* Curves of the record that were tested for a breakpoint, and those with one; an older record's are
 * withdrawn: 0. */
size_t sweeps_breakpoints_tested(const struct record *rec, size_t *found);
int sweeps_print_overload(struct page *page); /* burst, stopped, buffer */

int sweeps_print_exposure(struct page *page); /* what windows that could lose have lost */

/*
 * The system's cost at the budget's rate (page->budget, else the mission's), in % of one CPU with
 * its parts and of the machine, and the loss there and at the overload rate, against the budget's
 * thresholds (verdict_of).
 */
int sweeps_print_accounting(struct page *page);

#endif
