/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event_cost: the block that sets the output helpers side by side, by wakeup policy.
 *
 * Internal to render. No number for an output helper means anything without its wakeup policy, and
 * an event that wakes a sleeping consumer costs many times one that does not: rows hook × body,
 * columns wakeup policies.
 */
#ifndef BPFTOLL_REPORTS_SHOW_EVENTS_EVENT_COST_H
#define BPFTOLL_REPORTS_SHOW_EVENTS_EVENT_COST_H

#include <stddef.h>
#include "reports/show/page.h"

/* results: the measured configurations of one workload. Prints nothing when none of them sends
 * events. 0 or -errno. */
int event_cost_print(struct page *page, const struct record_result *const *results, size_t n);

#endif
