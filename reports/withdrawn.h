/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * withdrawn: figures of records from before their meaning was mended, which are read and shown, and must not be relied on.
 */
#ifndef BPFTOLL_WITHDRAWN_H
#define BPFTOLL_WITHDRAWN_H

#include <stdbool.h>

#include "reports/page.h"

/* Event rows that don't say how they were read; knees without a direction. */
bool withdrawn_events(const struct record *rec);
bool withdrawn_knees(const struct record *rec);

/* One line with what is withdrawn, and why; nothing for a record of today. */
void withdrawn_print(struct page *page);

#endif
