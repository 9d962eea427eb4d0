/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * change_point: where a series of figures changed its level or its spread.
 *
 * E-divisive (Matteson & James 2014, "A Nonparametric Approach for Multiple Change Point Analysis
 * of Multivariate Data", JASA 109) as MongoDB runs it on its performance tests (Daly et al. 2020,
 * ICPE): the split with the largest energy statistic,
 *	m n / (m + n) · (2 E|X - Y| - E|X - X'| - E|Y - Y'|),
 * kept where random orders of the same figures reach one as large in at most 5 % of cases; then the
 * same within both parts. Nothing is assumed of the distribution, heavy tails included. What is
 * assumed is that the order of figures without a change is of no matter: autocorrelated noise
 * (a machine that drifts for days) raises false alarms far above 5 %, so lag1 is told.
 */
#ifndef BPFTOLL_REPORTS_STATS_CHANGE_POINT_H
#define BPFTOLL_REPORTS_STATS_CHANGE_POINT_H

#include <stdbool.h>
#include <stddef.h>
#include "reports/stats/effect.h"

#define CHANGE_POINTS_LEAST 8 /* with fewer no order is rarer than 5 % */
#define CHANGE_POINTS_MOST  1000

struct change_point {
	size_t at; /* the first figure of the new level */
	double p;  /* how often chance splits as far; of this part of the series alone */
	/* means of the part before and of the part after */
	double from, to;
	/* to - from with Welch's interval, as if the place had been known before: it is the one
	 * where the two look furthest apart, so a small step looks larger than it is. NAN: a part
	 * of one figure */
	struct effect step;
};

struct change_points {
	struct change_point *points; /* in the order of the series */
	size_t n;
	double p;	 /* that any change at all is chance: of the first split */
	double lag1;	 /* lag-1 autocorrelation about the parts' means */
	bool correlated; /* lag1 is told from zero: p is then too small */
};

struct change_test {
	double alpha; /* 0.05; of several series, that divided by their number */
	unsigned long seed;
};

/*
 * x[0..n) in order. The same figures and seed give the same answer. change_points_free whatever it
 * returns. 0; -EINVAL: fewer or more figures than those above, or a value that is no number;
 * -ENOMEM.
 */
int change_points_find(const double *x, size_t n, const struct change_test *test,
		       struct change_points *out);
void change_points_free(struct change_points *points);

/* The smallest p that a series of n figures can have, one step in its middle: an alpha below it
 * finds nothing. */
double change_points_rarest(size_t n);

#endif
