/* SPDX-License-Identifier: GPL-3.0-or-later */
/* series_draw: a series with a planted step, for tests and benches of change points. */
#ifndef BPFTOLL_TESTS_BENCH_SERIES_DRAW_H
#define BPFTOLL_TESTS_BENCH_SERIES_DRAW_H

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "reports/stats/series/change_point.h"

#define SERIES_MOST 128

enum series_noise {
	SERIES_NORMAL,
	SERIES_T3,
	SERIES_CAUCHY,
	SERIES_AR03,
	SERIES_AR06,
	SERIES_NOISES
};

struct series_design {
	size_t n, at;
	double step; /* in standard deviations (Cauchy: in half its quartiles' distance) */
	enum series_noise noise;
};

static inline void series_draw(gsl_rng *rng, const struct series_design *d, double *x)
{
	double lag = d->noise == SERIES_AR03 ? 0.3 : d->noise == SERIES_AR06 ? 0.6 : 0;
	double before = gsl_ran_gaussian(rng, 1);

	for (size_t i = 0; i < d->n; i++) {
		double next = gsl_ran_gaussian(rng, 1);

		if (d->noise == SERIES_T3)
			next = gsl_ran_tdist(rng, 3) / sqrt(3);
		else if (d->noise == SERIES_CAUCHY)
			next = gsl_ran_cauchy(rng, 1);
		before = lag * before + sqrt(1 - lag * lag) * next;
		x[i] = 100 + before + (d->at && i >= d->at ? d->step : 0);
	}
}

struct series_found {
	double any, exact, near, warned; /* 0..1; near: within one place */
	double held; /* of those near, whose interval of the step holds the true one */
};

static inline struct series_found series_find(gsl_rng *rng, const struct series_design *d,
					      size_t trials)
{
	struct series_found found = {0};
	double each = 1 / (double)trials;

	for (size_t i = 0; i < trials; i++) {
		double x[SERIES_MOST];
		struct change_points points;
		const struct change_test test = {0.05, i};
		size_t off = SERIES_MOST;
		bool held = false;

		series_draw(rng, d, x);
		if (change_points_find(x, d->n, &test, &points))
			continue;
		for (size_t k = 0; k < points.n; k++) {
			size_t at = points.points[k].at, gap = at > d->at ? at - d->at : d->at - at;

			if (gap < off)
				held = points.points[k].step.lo <= d->step &&
				       d->step <= points.points[k].step.hi;
			off = gap < off ? gap : off;
		}
		found.any += points.n ? each : 0;
		found.exact += off == 0 ? each : 0;
		found.near += off <= 1 ? each : 0;
		found.held += off <= 1 && held ? each : 0;
		found.warned += points.correlated ? each : 0;
		change_points_free(&points);
	}
	found.held /= found.near;
	return found;
}

#endif
