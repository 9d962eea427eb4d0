/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cpu_cost: what events cost in CPU time, producer and reader together, and which rates are one:
 * the one place for either rule.
 *
 * The two shares are measured apart, by two clocks on two CPUs: their errors are independent, and
 * the distances to the ends add in quadrature (combine.h). Adding ends would be wider than 95 %
 * without being true of more.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_CPU_COST_H
#define BPFTOLL_REPORTS_JUDGE_CPU_COST_H

#include <stdbool.h>

#include "reports/record/record.h"

/* % of one CPU. NAN where either is not known: a part is no sum. */
struct effect cpu_cost_sum(struct effect producer, struct effect reader);

/* Rates that differ by at most so much, of the larger, are one. */
#define CPU_COST_RATE_TOLERANCE 0.005
bool cpu_cost_rate_same(double a, double b);

#endif
