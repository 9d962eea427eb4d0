/* SPDX-License-Identifier: GPL-3.0-or-later */
/* welch: the difference of two means whose variances need not be equal (Welch 1947). */
#ifndef BPFTOLL_REPORTS_STATS_WELCH_H
#define BPFTOLL_REPORTS_STATS_WELCH_H

#include <stddef.h>
#include "reports/stats/effect.h"

struct welch {
	struct effect difference; /* mean of b less that of a, 95 % */
	double p;		  /* two-sided; values that do not vary: 0 or 1 */
};

/* a[0..n), b[0..m). Interval and p are NAN where a side has fewer than two. */
struct welch welch_difference(const double *a, size_t n, const double *b, size_t m);

/* The mean of differences of pairs, by Student's t; the same returns. */
struct welch welch_paired(const double *differences, size_t n);

#endif
