/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/slope.h"
#include "reports/stats.h"

/* A residual below this share of the costs is what doubles leave of zero. */
#define ROUNDING 1e-12

/* The median of |x| of normal values with standard deviation 1. */
#define NORMAL_MAD 0.6745

/* The different numbers of repeats, and one series over the rounds for each one's cost and residual, slope, intercept and first. */
struct lines {
	unsigned int repeats[SLOPE_POINTS_MOST]; /* ascending, each once */
	size_t points, rounds;
	double *series;
	double scale; /* the largest cost */
};

enum line_series { LINE_SLOPE, LINE_INTERCEPT, LINE_FIRST, LINE_SERIES };

static double *series_of(const struct lines *lines, enum line_series what)
{
	return lines->series + (2 * lines->points + what) * lines->rounds;
}

static double *costs_of(const struct lines *lines, size_t point)
{
	return lines->series + 2 * point * lines->rounds;
}

static double *residuals_of(const struct lines *lines, size_t point)
{
	return lines->series + (2 * point + 1) * lines->rounds;
}

static int check(const unsigned int *repeats, size_t points, const double *costs, size_t rounds)
{
	size_t calling = 0;

	if (points < SLOPE_POINTS_LEAST || points > SLOPE_POINTS_MOST || rounds < 1)
		return -EINVAL;
	for (size_t i = 0; i < points; i++) {
		if (i && repeats[i] < repeats[i - 1])
			return -EINVAL;
		calling += repeats[i] && (!i || repeats[i] != repeats[i - 1]);
	}
	if (calling < SLOPE_POINTS_LEAST)
		return -EINVAL;
	for (size_t i = 0; i < rounds * points; i++) {
		if (!isfinite(costs[i]))
			return -EINVAL;
	}
	return 0;
}

/* Each number of repeats once; its cost in a round is the mean over the programs that have it. */
static void merge(struct lines *lines, const unsigned int *repeats, size_t points,
		  const double *costs)
{
	for (size_t p = 0, next; p < points; p = next) {
		double *into = costs_of(lines, lines->points);

		for (next = p; next < points && repeats[next] == repeats[p]; next++)
			;
		for (size_t r = 0; r < lines->rounds; r++)
			into[r] = stats_mean(costs + r * points + p, next - p);
		lines->repeats[lines->points++] = repeats[p];
	}
}

/* Weighted as if each program were a point of its own. */
static void fit_round(struct lines *lines, const double *weights, size_t r)
{
	size_t none = lines->repeats[0] == 0, n = lines->points - none;
	double x[SLOPE_POINTS_MOST], y[SLOPE_POINTS_MOST];
	double slope, intercept, cov00, cov01, cov11, chisq;

	for (size_t p = 0; p < lines->points; p++) {
		x[p] = lines->repeats[p];
		y[p] = costs_of(lines, p)[r];
		lines->scale = fmax(lines->scale, fabs(y[p]));
	}
	gsl_fit_wlinear(x + none, 1, weights + none, 1, y + none, 1, n, &intercept, &slope, &cov00,
			&cov01, &cov11, &chisq);
	series_of(lines, LINE_SLOPE)[r] = slope;
	series_of(lines, LINE_INTERCEPT)[r] = intercept;
	series_of(lines, LINE_FIRST)[r] = none && lines->repeats[1] == 1 ? y[1] - y[0] : NAN;
	for (size_t p = 0; p < lines->points; p++)
		residuals_of(lines, p)[r] = y[p] - intercept - slope * x[p];
}

/* lines->series is to be freed also after an error. 0, -EINVAL or -ENOMEM. */
static int fit_lines(const unsigned int *repeats, size_t points, const double *costs, size_t rounds,
		     struct lines *lines)
{
	double weights[SLOPE_POINTS_MOST] = {0};
	int err = check(repeats, points, costs, rounds);
	size_t most = 2 * points + LINE_SERIES;

	*lines = (struct lines){.rounds = rounds};
	if (err)
		return err;
	lines->series = calloc(most * rounds, sizeof(*lines->series));
	if (!lines->series)
		return -ENOMEM;
	merge(lines, repeats, points, costs);
	for (size_t p = 0, i = 0; i < points; i++) {
		p += lines->repeats[p] != repeats[i];
		weights[p] += 1;
	}
	for (size_t r = 0; r < rounds; r++)
		fit_round(lines, weights, r);
	for (size_t p = 0; p < lines->points; p++)
		for (size_t r = 0; r < rounds; r++) {
			double *residual = &residuals_of(lines, p)[r];

			if (fabs(*residual) < ROUNDING * lines->scale)
				*residual = 0;
		}
	return 0;
}

static int put_points(const struct lines *lines, struct slope *row)
{
	double least = 1;

	for (size_t p = 0; p < lines->points; p++) {
		struct slope_point *point = slope_add_point(row);
		double chance = stats_trimmed_p(residuals_of(lines, p), lines->rounds);

		if (!point)
			return -ENOMEM;
		point->repeats = lines->repeats[p];
		point->cost = stats_trimmed_interval(costs_of(lines, p), lines->rounds);
		point->residual = stats_trimmed_interval(residuals_of(lines, p), lines->rounds);
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
	struct lines lines;
	int err = fit_lines(repeats, points, costs, rounds, &lines);

	if (!err) {
		row->rounds = (unsigned int)rounds;
		row->slope = stats_trimmed_interval(series_of(&lines, LINE_SLOPE), rounds);
		row->intercept = stats_trimmed_interval(series_of(&lines, LINE_INTERCEPT), rounds);
		if (!isnan(series_of(&lines, LINE_FIRST)[0]))
			row->first = stats_trimmed_interval(series_of(&lines, LINE_FIRST), rounds);
		err = put_points(&lines, row);
	}
	free(lines.series);
	return err;
}

int slope_by_round(const unsigned int *repeats, size_t points, const double *costs, size_t rounds,
		   double *slopes, double *firsts)
{
	struct lines lines;
	int err = fit_lines(repeats, points, costs, rounds, &lines);

	if (!err) {
		memcpy(slopes, series_of(&lines, LINE_SLOPE), rounds * sizeof(*slopes));
		memcpy(firsts, series_of(&lines, LINE_FIRST), rounds * sizeof(*firsts));
	}
	free(lines.series);
	return err;
}

double slope_placement(const double *loads, const double *noise, size_t n)
{
	double *work = calloc(2 * n + 1, sizeof(*work)), seen, by_noise, sd = NAN;
	struct effect beyond;

	if (!work || !n)
		goto out;
	for (size_t i = 0; i < n; i++)
		work[i] = loads[i] * loads[i] - noise[i] * noise[i];
	beyond = stats_trimmed_interval(work, n);
	for (size_t i = 0; i < n; i++) {
		work[i] = fabs(loads[i]);
		work[n + i] = fabs(noise[i]);
	}
	gsl_sort(work, 1, n);
	gsl_sort(work + n, 1, n);
	seen = stats_quantile_sorted(work, n, 0.5) / NORMAL_MAD;
	by_noise = stats_quantile_sorted(work + n, n, 0.5) / NORMAL_MAD;
	if (beyond.lo > 0 && seen > by_noise)
		sd = sqrt(seen * seen - by_noise * by_noise);
out:
	free(work);
	return sd;
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
