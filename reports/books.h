/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * books: what became of the events: produced = received + lost, and how often the consumer was woken.
 *
 * Internal to render. What is lost and who is woken depends on the buffer and its drain state, hardly on the hook:
 * rows are body × drain state, summed over the hooks (CSV has every cell).
 */
#ifndef BPFTOLL_BOOKS_H
#define BPFTOLL_BOOKS_H

#include <stddef.h>
#include "reports/page.h"

/* cells: the measured arms of one trigger. Prints nothing when none produced an event. 0 or -errno. */
int books_print(struct page *page, const struct record_cell *const *cells, size_t n);

#endif
