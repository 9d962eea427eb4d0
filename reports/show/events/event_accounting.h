/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event_accounting: what became of the events: produced = received + lost, and how often the
 * consumer was woken.
 *
 * Internal to render. What is lost and who is woken depends on the buffer and its wakeup policy,
 * hardly on the hook: rows are body × wakeup policy, summed over the hooks (CSV has every result).
 */
#ifndef BPFTOLL_REPORTS_SHOW_EVENTS_EVENT_ACCOUNTING_H
#define BPFTOLL_REPORTS_SHOW_EVENTS_EVENT_ACCOUNTING_H

#include <stddef.h>
#include "reports/show/page.h"

/* results: the measured configurations of one workload. Prints nothing when none produced an event.
 * 0 or -errno. */
int accounting_print(struct page *page, const struct record_result *const *results, size_t n);

#endif
