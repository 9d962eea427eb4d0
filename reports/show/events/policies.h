/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policies: what each wake-up policy costs and how old its events are, and which is cheapest for a
 * rate and an age limit: the rows of scenario "wakeup". Internal to render.
 */
#ifndef BPFTOLL_REPORTS_SHOW_EVENTS_POLICIES_H
#define BPFTOLL_REPORTS_SHOW_EVENTS_POLICIES_H

#include "reports/show/page.h"
#include "reports/record/record_rows.h"

/* Prints nothing when the page's record has no such rows. 0 or -errno. */
int policies_print(struct page *page);

/*
 * Of the measured policies at this rate that lost nothing, reached it, and whose age p99 is at most
 * limit_ns (INFINITY: any), the one that takes the least CPU, producer's and consumer's together;
 * NULL: none. ties: how many others have an interval that reaches below the upper end of its.
 */
const struct event_point *policies_cheapest(const struct record *rec, double rate, double limit_ns,
					    size_t *ties);

/* % of one CPU, both sides together; NAN where one is not known. */
struct effect policies_cpu(const struct event_point *point);

#endif
