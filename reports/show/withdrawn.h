/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * withdrawn: figures of records from before their meaning was mended, which are read and shown, and
 * must not be relied on.
 */
#ifndef BPFTOLL_REPORTS_SHOW_WITHDRAWN_H
#define BPFTOLL_REPORTS_SHOW_WITHDRAWN_H

#include <stdbool.h>

#include "reports/show/page.h"

/* One line with what is withdrawn, and why; nothing for a record of today. */
void withdrawn_print(struct page *page);

#endif
