/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * app_table: what each program of a record felt: alone, then a row for each probe, measured beside
 * predicted; and whether an effect of 2 % was seen or excluded. Internal to render.
 */
#ifndef BPFTOLL_REPORTS_SHOW_EVENTS_APP_TABLE_H
#define BPFTOLL_REPORTS_SHOW_EVENTS_APP_TABLE_H

#include "reports/show/page.h"

/* 0 or -errno. */
int app_table_print(struct page *page);

#endif
