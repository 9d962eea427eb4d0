/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * withdrawn: figures of records from before their meaning was mended, which are read and shown, and
 * must not be relied on.
 */
#ifndef BPFTOLL_REPORTS_SHOW_WITHDRAWN_H
#define BPFTOLL_REPORTS_SHOW_WITHDRAWN_H

#include <stdbool.h>

#include "reports/show/page.h"

/* Event rows that don't say how they were read; breakpoints without a direction. */
bool withdrawn_events(const struct record *rec);
bool withdrawn_breakpoints(const struct record *rec);

/* One line with what is withdrawn, and why; nothing for a record of today. */
void withdrawn_print(struct page *page);

#endif
