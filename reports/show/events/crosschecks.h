/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crosschecks: what other tools say of the same probes, beside what bpftoll says, and why the two
 * differ.
 *
 * Internal to render. They count different things (most leave the dispatch out, some add probes of
 * their own), so agreement is not expected; a reason that several rows share is told once.
 */
#ifndef BPFTOLL_REPORTS_SHOW_EVENTS_CROSSCHECKS_H
#define BPFTOLL_REPORTS_SHOW_EVENTS_CROSSCHECKS_H

#include "reports/show/page.h"

/* Of the page's record. Prints nothing when it has none that was measured. 0 or -errno. */
int crosschecks_print(struct page *page);

#endif
