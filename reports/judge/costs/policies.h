/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policies: which wakeup policy is cheapest for a rate and an age limit, of the rows of scenario
 * "wakeup". event_tables.h prints them.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_COSTS_POLICIES_H
#define BPFTOLL_REPORTS_JUDGE_COSTS_POLICIES_H

#include <stdbool.h>
#include "reports/record/record_rows.h"

/* Is the point a measured one of that scenario, with a probe? */
bool policies_point(const struct event_point *p);

/*
 * Of the measured policies at this rate that lost nothing, reached it, and whose age p99 is at most
 * limit_ns (INFINITY: any), the one that takes the least CPU, producer's and reader's together;
 * NULL: none. ties: how many others have an interval that reaches below the upper end of its.
 */
const struct event_point *policies_cheapest(const struct record *rec, double rate, double limit_ns,
					    size_t *ties);

/* The same of another scenario's rows, such as "sweep". */
const struct event_point *policies_cheapest_of(const struct record *rec, const char *scenario,
					       double rate, double limit_ns, size_t *ties);

/* % of one CPU, both sides together; NAN where one is not known. */
struct effect policies_cpu(const struct event_point *point);

#endif
