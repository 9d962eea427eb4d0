/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sweeps: the event runs of a record as tables: rates (what was asked, what went, how late, how
 * long), costs and loss, the reader's side, breakpoints, loss by exposure.
 *
 * Internal to render. Contention, wakeup policies, flood and overload are event_tables.h's;
 * budget_tables.h holds the rates of the budget against its thresholds.
 */
#ifndef BPFTOLL_REPORTS_SHOW_EVENTS_SWEEPS_H
#define BPFTOLL_REPORTS_SHOW_EVENTS_SWEEPS_H

#include <stdbool.h>
#include "reports/show/listing.h"
#include "reports/record/record_rows.h"

/* Each prints nothing when the page's record has no such points. 0 or -errno. */
int sweeps_print(struct page *page);		 /* scenarios sweep and same_cpu */
int sweeps_print_breakpoints(struct page *page); /* where curves bend, and which do not */
int sweeps_print_exposure(struct page *page);	 /* what windows that could lose have lost */

/* Curves of the record that were tested for a breakpoint, and those with one; an older record's are
 * withdrawn: 0. */
size_t sweeps_breakpoints_tested(const struct record *rec, size_t *found);

/* Is the point measured, and of that scenario? */
bool sweeps_point_of(const struct event_point *p, const char *scenario);

/* Columns of points: events lost of those produced; the machine's CPU, in %. */
void put_points_lost(FILE *out, const struct entry *e);
void put_machine(FILE *out, const struct entry *e);

#endif
