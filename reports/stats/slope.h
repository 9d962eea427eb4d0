/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slope: programs that call one helper 0, 1, 4, 16 times -> what one call more costs, and what the
 * first one does.
 *
 * A line is fitted to each round by least squares through the programs that call the helper at all,
 * and the intervals are over the rounds (20 %-trimmed, Yuen's: stats.h): its slope is what one call
 * more costs. The first call is priced apart, as the program with one call minus the one with none:
 * behind a hook it was measured at up to twice the slope (what a program pays once for calling
 * anything), and in a common fit a jump of 24 ns would move the slope by 0.7. The residuals are the
 * check: where a point is off the line, no single price does, and the row is flagged.
 *
 * A program may be loaded more than once for a line (the same number of repeats twice): the mean of
 * those is the point. And a round may hold several lines, of other loads of the same programs:
 * their interquartile mean is the round's value, so that one that was disturbed does not own it,
 * and the rounds alone make the interval.
 */
#ifndef BPFTOLL_REPORTS_STATS_SLOPE_H
#define BPFTOLL_REPORTS_STATS_SLOPE_H

#include <stddef.h>
#include "reports/record/record_rows.h"

#define SLOPE_POINTS_LEAST 2 /* different numbers of calls, none not counted */
#define SLOPE_POINTS_MOST  32

/* One straight line in a hundred is flagged by chance. */
#define SLOPE_NONLINEAR_P 0.01

/* Programs that were timed together, again and again. */
struct slope_lines {
	const unsigned int *repeats; /* [points], ascending */
	size_t points;
	const double *costs; /* [line * points + point], over the round's own baseline */
	const size_t *round; /* [line], ascending; NULL: each line is a round of its own */
	size_t n;	     /* lines */
};

/*
 * costs are in row's unit. Fills in row's rounds, slope, intercept, first (NAN without the points 0
 * and 1), points (each number of repeats once), nonlinear and nonlinear_p, and nothing else.
 *
 * nonlinear: some residual's trimmed mean over the rounds is not zero by Yuen's test (1974), at
 * SLOPE_NONLINEAR_P for all points together (Bonferroni). Rounds that all say the same (exact
 * counts) leave no room for chance: any residual is flagged. nonlinear_p is NAN, and nothing is
 * flagged, where the rounds differ and are too few to test.
 *
 * 0; -EINVAL for no line, points out of range or order, fewer than SLOPE_POINTS_LEAST different
 * ones or a cost that is no number; -ENOMEM.
 */
int slope_fit(const struct slope_lines *lines, struct slope *row);

/*
 * The same rounds one by one, as many as *rounds says, in their order: what one call more costs,
 * and what the first one does (NAN without the points 0 and 1). slopes and firsts: room for as many
 * as there are lines. Errors as slope_fit.
 */
int slope_by_round(const struct slope_lines *lines, double *slopes, double *firsts, size_t *rounds);

/*
 * How much the price depends on where a program was put: its standard deviation from load to load,
 * NAN where that cannot be told from noise. loads: differences of two loads of the same program,
 * timed within a few ms, over sqrt(2); noise: of one load that was timed twice in the same way. By
 * medians (a disturbed block owns neither); told apart where the interval of loads^2 - noise^2
 * excludes zero.
 */
double slope_placement(const double *loads, const double *noise, size_t n);

/* The point with the largest residual by size; NULL for none. */
const struct slope_point *slope_worst(const struct slope *row);

/*
 * What one call more costs between neighbouring points, the least and the greatest: how far a
 * nonlinear row's price depends on where one looks. value: the slope.
 */
struct effect slope_marginal_range(const struct slope *row);

#endif
