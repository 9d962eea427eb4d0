/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * contention_table: several producers at once (scenario "contention"), and what a consumer can take
 * (scenario "flood"), as tables. Internal to render.
 */
#ifndef BPFTOLL_REPORTS_SHOW_EVENTS_CONTENTION_TABLE_H
#define BPFTOLL_REPORTS_SHOW_EVENTS_CONTENTION_TABLE_H

#include "reports/show/page.h"

/* Print nothing when the page's record has no such rows. 0 or -errno. */
int contention_print(struct page *page);
int contention_print_flood(struct page *page);

#endif
