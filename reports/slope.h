/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slope: programs that call one helper 0, 1, 2, 4, 8 times -> what one call more costs.
 *
 * A line is fitted to each round by least squares, and the intervals are over the rounds (20 %-trimmed, Yuen's: stats.h):
 * the slope is the helper's marginal cost, the intercept the program without it. The residuals are the check: where the
 * line does not fit, no single price does, and the row is flagged instead of averaged.
 */
#ifndef BPFTOLL_SLOPE_H
#define BPFTOLL_SLOPE_H

#include <stddef.h>
#include "reports/record_rows.h"

#define SLOPE_POINTS_LEAST 3 /* through two points every line fits */
#define SLOPE_POINTS_MOST  32

/* One straight line in a hundred is flagged by chance. */
#define SLOPE_NONLINEAR_P 0.01

/*
 * costs: [round * points + point], over the round's own baseline, in row's unit; repeats differ, at least two of them.
 * Fills in row's rounds, slope, intercept, points, nonlinear and nonlinear_p, and nothing else.
 *
 * nonlinear: some residual's trimmed mean over the rounds is not zero by Yuen's test (1974), at SLOPE_NONLINEAR_P for
 * all points together (Bonferroni). Rounds that all say the same (exact counts) leave no room for chance: any
 * residual is flagged. nonlinear_p is NAN, and nothing is flagged, where the rounds differ and are too few to test.
 *
 * 0; -EINVAL for fewer than one round, points out of range, equal repeats only or a cost that is no number; -ENOMEM.
 */
int slope_fit(const unsigned int *repeats, size_t points, const double *costs, size_t rounds,
	      struct slope *row);

/* The point with the largest residual by size; NULL for none. */
const struct slope_point *slope_worst(const struct slope *row);

/*
 * What one call more costs between neighbouring points, the least and the greatest: how far a nonlinear row's
 * price depends on where one looks. value: the slope.
 */
struct effect slope_marginal_range(const struct slope *row);

#endif
