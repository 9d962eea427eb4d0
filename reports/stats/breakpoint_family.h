/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * breakpoint_family: of many curves that were tested for a bend (breakpoint.h), the ones that stand
 * when all are counted: Holm's step-down test (1979), so that curves without any give a breakpoint
 * in at most one report of a hundred.
 */
#ifndef BPFTOLL_REPORTS_STATS_BREAKPOINT_FAMILY_H
#define BPFTOLL_REPORTS_STATS_BREAKPOINT_FAMILY_H

#include <stdbool.h>
#include <stddef.h>

#include "reports/record/record_rows.h"

/* In how many of 100 reports without a breakpoint one may be told. */
#define BREAKPOINT_FAMILY_P 0.01

/*
 * stands[i]: the i-th is a breakpoint among these n. One that breakpoint_find did not find, and one
 * of a record from before bends had a direction (highest NAN), never is; the latter is no test
 * either. *tested: how many were. Returns the number that stand.
 */
size_t breakpoint_family_holm(const struct breakpoint *const *breakpoints, size_t n, bool *stands,
			      size_t *tested);

/* The record's own: found stays where it stands, the others become "no breakpoint below the highest
 * rate". 0 or -ENOMEM. */
int breakpoint_family_settle(struct record *rec);

#endif
