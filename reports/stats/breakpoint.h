/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * breakpoint: where a quantity that was measured at several event rates stops following one line,
 * for the worse: it grows faster beyond the bend than before it, and does grow there. A bend the
 * other way (a cost that falls to its floor) is none.
 *
 * The model is two lines that meet (Hudson 1966; Muggeo 2003): y = a + b x + c max(0, x - k),
 * fitted by least squares, weighted by the points' scatter over the rounds. Is there a k at all? It
 * is searched for, so the plain F test finds one too often (Davies 1987): the largest gain over all
 * k is set against what pure scatter gains in as many simulated sweeps of a straight line. The
 * interval is a bootstrap of the scatter (Efron & Tibshirani 1993).
 *
 * Choose a quantity that is two lines when there is a breakpoint: events lost a second (not per
 * cent), CPU per cent, ns of CPU a call. A bend beyond the second last rate (or before the second)
 * has one point on its far side: it is found, but its place is only known to lie between those two,
 * and the interval says so.
 */
#ifndef BPFTOLL_REPORTS_STATS_BREAKPOINT_H
#define BPFTOLL_REPORTS_STATS_BREAKPOINT_H

#include <stddef.h>
#include <stdint.h>
#include "reports/record/record_rows.h"

#define BREAKPOINT_POINTS_LEAST 4
#define BREAKPOINT_POINTS_MOST	64
#define BREAKPOINT_ROUNDS_LEAST 2
#define BREAKPOINT_ROUNDS_MOST	64

/* One straight curve in a hundred gets a breakpoint by chance; of many curves see
 * breakpoint_family.h. */
#define BREAKPOINT_P 0.01

/*
 * rates: ascending, all different (those achieved, not those asked for); values: [round * points +
 * point]. Fills in row's found, p, highest, rate, slope_below and slope_above. Not found:
 * rate.value is the highest rate, "no breakpoint below" which; slope_below is the one line's slope
 * with its interval; the rest NAN. The same seed gives the same row.
 *
 * 0; -EINVAL for points or rounds out of range, rates out of order or a value that is no number;
 * -ENOMEM.
 */
int breakpoint_find(const double *rates, size_t points, const double *values, size_t rounds,
		    uint64_t seed, struct breakpoint *row);

#endif
