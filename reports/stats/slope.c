/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/stats/slope.h"
#include "reports/stats/stats.h"

/* A residual below this share of the costs is what doubles leave of zero. */
#define ROUNDING 1e-12

/* The median of |x| of normal values with standard deviation 1. */
#define NORMAL_MAD 0.6745

enum line_series { LINE_SLOPE, LINE_INTERCEPT, LINE_FIRST, LINE_SERIES };

/* The different numbers of repeats, and a series for each one's cost and residual, slope, intercept
 * and first. */
struct fit {
	unsigned int repeats[SLOPE_POINTS_MOST]; /* ascending, each once */
	double weights[SLOPE_POINTS_MOST];	 /* programs that have it */
	size_t points, lines;
	size_t rounds; /* values that are left in each series once its rounds are reduced */
	double *series;
	double scale; /* the largest cost */
};

static double *rate_run_of(const struct fit *fit, enum line_series what)
{
	return fit->series + (2 * fit->points + what) * fit->lines;
}

static double *costs_of(const struct fit *fit, size_t point)
{
	return fit->series + 2 * point * fit->lines;
}

static double *residuals_of(const struct fit *fit, size_t point)
{
	return fit->series + (2 * point + 1) * fit->lines;
}

static int check(const struct slope_lines *lines)
{
	const unsigned int *repeats = lines->repeats;
	size_t calling = 0;

	if (lines->points < SLOPE_POINTS_LEAST || lines->points > SLOPE_POINTS_MOST || lines->n < 1)
		return -EINVAL;
	for (size_t i = 0; i < lines->points; i++) {
		if (i && repeats[i] < repeats[i - 1])
			return -EINVAL;
		calling += repeats[i] && (!i || repeats[i] != repeats[i - 1]);
	}
	if (calling < SLOPE_POINTS_LEAST)
		return -EINVAL;
	for (size_t i = 0; i < lines->n * lines->points; i++) {
		if (!isfinite(lines->costs[i]))
			return -EINVAL;
	}
	return 0;
}

/* Each number of repeats once; its cost is the mean over the programs that have it. */
static void merge(struct fit *fit, const struct slope_lines *lines)
{
	for (size_t p = 0, next; p < lines->points; p = next) {
		double *into = costs_of(fit, fit->points);

		for (next = p; next < lines->points && lines->repeats[next] == lines->repeats[p];
		     next++)
			;
		for (size_t i = 0; i < lines->n; i++)
			into[i] = stats_mean(lines->costs + i * lines->points + p, next - p);
		fit->repeats[fit->points] = lines->repeats[p];
		/* as if each program were a point of its own */
		fit->weights[fit->points++] = (double)(next - p);
	}
}

static void fit_line(struct fit *fit, size_t line)
{
	size_t none = fit->repeats[0] == 0, n = fit->points - none;
	double x[SLOPE_POINTS_MOST], y[SLOPE_POINTS_MOST] = {0};
	double slope, intercept, cov00, cov01, cov11, chisq;

	for (size_t p = 0; p < fit->points; p++) {
		x[p] = fit->repeats[p];
		y[p] = costs_of(fit, p)[line];
		fit->scale = fmax(fit->scale, fabs(y[p]));
	}
	gsl_fit_wlinear(x + none, 1, fit->weights + none, 1, y + none, 1, n, &intercept, &slope,
			&cov00, &cov01, &cov11, &chisq);
	rate_run_of(fit, LINE_SLOPE)[line] = slope;
	rate_run_of(fit, LINE_INTERCEPT)[line] = intercept;
	rate_run_of(fit, LINE_FIRST)[line] = none && fit->repeats[1] == 1 ? y[1] - y[0] : NAN;
	for (size_t p = 0; p < fit->points; p++)
		residuals_of(fit, p)[line] = y[p] - intercept - slope * x[p];
}

/* Rounds of several lines become one value each, in place. Returns how many. */
static size_t reduce(double *series, const size_t *round, size_t n)
{
	size_t rounds = 0;

	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; round && to < n && round[to] == round[from]; to++)
			;
		gsl_sort(series + from, 1, to - from);
		series[rounds++] = stats_interquartile_mean_sorted(series + from, to - from);
	}
	return rounds;
}

/* fit->series is to be freed also after an error. 0, -EINVAL or -ENOMEM. */
static int fit_lines(const struct slope_lines *lines, struct fit *fit)
{
	int err = check(lines);

	*fit = (struct fit){.lines = lines->n};
	if (err)
		return err;
	fit->series = calloc((2 * lines->points + LINE_SERIES) * lines->n, sizeof(*fit->series));
	if (!fit->series)
		return -ENOMEM;
	merge(fit, lines);
	for (size_t i = 0; i < lines->n; i++)
		fit_line(fit, i);
	for (size_t what = 0; what < 2 * fit->points + LINE_SERIES; what++)
		fit->rounds = reduce(fit->series + what * lines->n, lines->round, lines->n);
	for (size_t p = 0; p < fit->points; p++)
		for (size_t r = 0; r < fit->rounds; r++) {
			double *residual = &residuals_of(fit, p)[r];

			if (fabs(*residual) < ROUNDING * fit->scale)
				*residual = 0;
		}
	return 0;
}

static int put_points(const struct fit *fit, struct slope *row)
{
	double least = 1;

	for (size_t p = 0; p < fit->points; p++) {
		struct slope_point *point = slope_add_point(row);
		double chance = stats_trimmed_p(residuals_of(fit, p), fit->rounds);

		if (!point)
			return -ENOMEM;
		point->repeats = fit->repeats[p];
		point->cost = stats_trimmed_interval(costs_of(fit, p), fit->rounds);
		point->residual = stats_trimmed_interval(residuals_of(fit, p), fit->rounds);
		/* fmin would take the number that is one */
		least = isnan(chance) || isnan(least) ? NAN : fmin(least, chance);
	}
	row->nonlinear_p = fmin(1, least * (double)fit->points);
	if (isnan(least))
		row->nonlinear_p = NAN;
	row->nonlinear = row->nonlinear_p < SLOPE_NONLINEAR_P;
	return 0;
}

int slope_fit(const struct slope_lines *lines, struct slope *row)
{
	struct fit fit;
	int err = fit_lines(lines, &fit);

	if (!err) {
		row->rounds = (unsigned int)fit.rounds;
		row->slope = stats_trimmed_interval(rate_run_of(&fit, LINE_SLOPE), fit.rounds);
		row->intercept =
			stats_trimmed_interval(rate_run_of(&fit, LINE_INTERCEPT), fit.rounds);
		if (!isnan(rate_run_of(&fit, LINE_FIRST)[0]))
			row->first =
				stats_trimmed_interval(rate_run_of(&fit, LINE_FIRST), fit.rounds);
		err = put_points(&fit, row);
	}
	free(fit.series);
	return err;
}

int slope_by_round(const struct slope_lines *lines, double *slopes, double *firsts, size_t *rounds)
{
	struct fit fit;
	int err = fit_lines(lines, &fit);

	*rounds = err ? 0 : fit.rounds;
	if (!err) {
		memcpy(slopes, rate_run_of(&fit, LINE_SLOPE), fit.rounds * sizeof(*slopes));
		memcpy(firsts, rate_run_of(&fit, LINE_FIRST), fit.rounds * sizeof(*firsts));
	}
	free(fit.series);
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
