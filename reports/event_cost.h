/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event_cost: what events cost by output helper and drain state, side by side, and what became of them.
 *
 * Internal to render. No number for an output helper means anything without its drain state, and an event that wakes a sleeping
 * consumer costs many times one that does not: rows hook × body, columns drain states. What is lost and who is woken depends on the
 * buffer and its drain state, hardly on the hook: rows body × drain state, summed over the hooks (CSV has every cell).
 */
#ifndef BPFTOLL_EVENT_COST_H
#define BPFTOLL_EVENT_COST_H

#include <stddef.h>
#include "reports/page.h"

/* cells: the measured arms of one trigger. Both print nothing when none of them sends events. 0 or -errno. */
int event_cost_print(struct page *page, const struct record_cell *const *cells, size_t n);
int books_print(struct page *page, const struct record_cell *const *cells, size_t n);

#endif
