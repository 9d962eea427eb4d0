/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * counter_table: what the counters say of an experiment's configurations: events a call over the
 * baseline, and the added work's IPC.
 *
 * A column an event, as many tables as the page's width asks for; below them what each event is on
 * this CPU's model, and why an event was not counted.
 */
#ifndef BPFTOLL_REPORTS_SHOW_COSTS_COUNTER_TABLE_H
#define BPFTOLL_REPORTS_SHOW_COSTS_COUNTER_TABLE_H

#include <stddef.h>
#include "reports/show/page.h"
#include "reports/record/record.h"

/* Nothing for results without counters. 0 or -ENOMEM. */
int counter_table_print(struct page *page, const struct record_result *const *results, size_t n);

/* Instructions a cycle as a range that the intervals allow; NAN unless cycles are surely above
 * zero. */
struct effect counter_ipc(struct effect instructions, struct effect cycles);

#endif
