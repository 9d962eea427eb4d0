/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_fit.h>
#include <math.h>
#include <stdlib.h>

#include "reports/slope.h"
#include "reports/stats.h"

/* A residual below this share of the costs is what doubles leave of zero. */
#define ROUNDING 1e-12

/* One series over the rounds for each point's residual, and for the slope and the intercept. */
struct lines {
	size_t points, rounds;
	double *series; /* [what * rounds + round]; what: a point, then slope, then intercept */
	double scale;	/* the largest cost */
};

static double *series_of(const struct lines *lines, size_t what)
{
	return lines->series + what * lines->rounds;
}

static int check(const unsigned int *repeats, size_t points, const double *costs, size_t rounds)
{
	size_t same = 0;

	if (points < SLOPE_POINTS_LEAST || points > SLOPE_POINTS_MOST || rounds < 1)
		return -EINVAL;
	while (same < points && repeats[same] == repeats[0])
		same++;
	if (same == points)
		return -EINVAL;
	for (size_t i = 0; i < rounds * points; i++) {
		if (!isfinite(costs[i]))
			return -EINVAL;
	}
	return 0;
}

static void fit_rounds(struct lines *lines, const unsigned int *repeats, const double *costs)
{
	double x[SLOPE_POINTS_MOST];

	for (size_t p = 0; p < lines->points; p++)
		x[p] = repeats[p];
	for (size_t r = 0; r < lines->rounds; r++) {
		const double *y = costs + r * lines->points;
		double slope, intercept, cov00, cov01, cov11, sum;

		gsl_fit_linear(x, 1, y, 1, lines->points, &intercept, &slope, &cov00, &cov01,
			       &cov11, &sum);
		series_of(lines, lines->points)[r] = slope;
		series_of(lines, lines->points + 1)[r] = intercept;
		for (size_t p = 0; p < lines->points; p++) {
			series_of(lines, p)[r] = y[p] - intercept - slope * x[p];
			lines->scale = fmax(lines->scale, fabs(y[p]));
		}
	}
	for (size_t i = 0; i < lines->points * lines->rounds; i++) {
		if (fabs(lines->series[i]) < ROUNDING * lines->scale)
			lines->series[i] = 0;
	}
}

/* spare: room for one value a round */
static int put_points(const struct lines *lines, const unsigned int *repeats, const double *costs,
		      double *spare, struct slope *row)
{
	double least = 1;

	for (size_t p = 0; p < lines->points; p++) {
		struct slope_point *point = slope_add_point(row);
		double chance = stats_trimmed_p(series_of(lines, p), lines->rounds);

		if (!point)
			return -ENOMEM;
		for (size_t r = 0; r < lines->rounds; r++)
			spare[r] = costs[r * lines->points + p];
		point->repeats = repeats[p];
		point->cost = stats_trimmed_interval(spare, lines->rounds);
		point->residual = stats_trimmed_interval(series_of(lines, p), lines->rounds);
		/* fmin would take the number that is one */
		least = isnan(chance) || isnan(least) ? NAN : fmin(least, chance);
	}
	row->nonlinear_p = fmin(1, least * (double)lines->points);
	if (isnan(least))
		row->nonlinear_p = NAN;
	row->nonlinear = row->nonlinear_p < SLOPE_NONLINEAR_P;
	return 0;
}

int slope_fit(const unsigned int *repeats, size_t points, const double *costs, size_t rounds,
	      struct slope *row)
{
	struct lines lines = {.points = points, .rounds = rounds};
	double *spare = NULL;
	int err = check(repeats, points, costs, rounds);

	if (err)
		return err;
	lines.series = calloc((points + 2) * rounds, sizeof(*lines.series));
	spare = calloc(rounds, sizeof(*spare));
	err = lines.series && spare ? 0 : -ENOMEM;
	if (err)
		goto out;
	fit_rounds(&lines, repeats, costs);
	row->rounds = (unsigned int)rounds;
	row->slope = stats_trimmed_interval(series_of(&lines, points), rounds);
	row->intercept = stats_trimmed_interval(series_of(&lines, points + 1), rounds);
	err = put_points(&lines, repeats, costs, spare, row);
out:
	free(lines.series);
	free(spare);
	return err;
}

const struct slope_point *slope_worst(const struct slope *row)
{
	const struct slope_point *worst = NULL;

	for (size_t p = 0; p < row->n_points; p++) {
		double size = fabs(row->points[p].residual.value);

		if (!isnan(size) && (!worst || size > fabs(worst->residual.value)))
			worst = &row->points[p];
	}
	return worst;
}

struct effect slope_marginal_range(const struct slope *row)
{
	struct effect range = {row->slope.value, NAN, NAN};

	for (size_t p = 1; p < row->n_points; p++) {
		const struct slope_point *from = &row->points[p - 1], *to = &row->points[p];
		double step = (to->cost.value - from->cost.value) /
			      ((double)to->repeats - (double)from->repeats);

		if (!isfinite(step))
			continue;
		range.lo = isnan(range.lo) ? step : fmin(range.lo, step);
		range.hi = isnan(range.hi) ? step : fmax(range.hi, step);
	}
	return range;
}
