/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * result_notes: what a table of costs must say of its rows: calls that were left out and quantiles
 * withheld for it, what the p99 is where one event in N wakes, rows that were not woken as often as
 * their name says. Internal to render.
 */
#ifndef BPFTOLL_REPORTS_SHOW_COSTS_RESULT_NOTES_H
#define BPFTOLL_REPORTS_SHOW_COSTS_RESULT_NOTES_H

#include "reports/show/page.h"

void result_notes_print(struct page *page, const struct record_result *const *results, size_t n);

/* "p99 of sampled rows …": for 1 in every; shared with the tables of event runs. Nothing for every
 * < 2. */
void result_notes_sampled(struct page *page, unsigned int every);

/*
 * "passes: typical +1 [-3, +5], mean …, p99.9 … ns. Differences under 5.0 ns cannot be seen here;
 * the narrower rows claim to show 7.1 ns". Figures without a value are left out. result: one of
 * rec.
 */
void null_test_say(FILE *out, const struct record *rec, const struct record_result *result);

#endif
