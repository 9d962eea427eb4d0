/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * contest: several producers at once (scenario "contention"), and what a consumer can take (scenario "flood"), as tables.
 * Internal to render.
 */
#ifndef BPFTOLL_CONTEST_H
#define BPFTOLL_CONTEST_H

#include "reports/page.h"

/* Print nothing when the page's record has no such rows. 0 or -errno. */
int contest_print(struct page *page);
int contest_print_flood(struct page *page);

#endif
