/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event_cost: the block that sets the output helpers side by side, by drain state.
 *
 * Internal to render. No number for an output helper means anything without its drain state, and an event that wakes
 * a sleeping consumer costs many times one that does not: rows hook × body, columns drain states.
 */
#ifndef BPFTOLL_EVENT_COST_H
#define BPFTOLL_EVENT_COST_H

#include <stddef.h>
#include "reports/page.h"

/* cells: the measured arms of one trigger. Prints nothing when none of them sends events. 0 or -errno. */
int event_cost_print(struct page *page, const struct record_cell *const *cells, size_t n);

#endif
