/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event_tables: the event runs of a record that ask something else than a sweep (sweeps.h): buffers
 * too small, bursts and stopped readers; several producers at once; wakeup policies; what a
 * reader can take.
 *
 * Internal to render. Each prints nothing when the page's record has no such rows. 0 or -errno.
 */
#ifndef BPFTOLL_REPORTS_SHOW_EVENTS_EVENT_TABLES_H
#define BPFTOLL_REPORTS_SHOW_EVENTS_EVENT_TABLES_H

#include "reports/show/page.h"

int sweeps_print_overload(struct page *page); /* scenarios burst, stopped, buffer */
int contention_print(struct page *page);      /* contention */
int contention_print_flood(struct page *page);
int policies_print(
	struct page *page); /* wakeup: what each costs, and which is cheapest (policies.h) */

#endif
