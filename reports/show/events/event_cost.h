/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event_cost: what events cost by output helper and wakeup policy, side by side, and what became of
 * them.
 *
 * Internal to render. The cost of an output helper depends on its wakeup policy above all:
 * an event that wakes a sleeping reader costs many times one that does not: rows hook × program,
 * columns wakeup policies. What is lost and who is woken depends on the buffer and its wakeup
 * policy, hardly on the hook: rows program × wakeup policy, summed over the hooks (CSV has every
 * result).
 */
#ifndef BPFTOLL_REPORTS_SHOW_EVENTS_EVENT_COST_H
#define BPFTOLL_REPORTS_SHOW_EVENTS_EVENT_COST_H

#include <stddef.h>
#include "reports/show/page.h"

/* results: the measured configurations of one workload. Both print nothing when none of them sends
 * events. 0 or -errno. */
int event_cost_print(struct page *page, const struct record_result *const *results, size_t n);
int accounting_print(struct page *page, const struct record_result *const *results, size_t n);

#endif
