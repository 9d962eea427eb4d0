/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "reports/judge/null_test.h"
#include "reports/stats/share.h"
#include "reports/stats/stats.h"
#include "reports/judge/trust.h"

#define TAIL	     0.025
#define POINTS_LEAST 3 /* through two points every line fits */

/* NAN where memory is out, or none has ends. */
static double median_limit(const struct effect *intervals, size_t n)
{
	double *limit = calloc(n, sizeof(*limit)), median;
	size_t known = 0;

	for (size_t i = 0; limit && i < n; i++) {
		limit[known] = null_test_limit(intervals[i]);
		known += !isnan(limit[known]);
	}
	if (limit)
		gsl_sort(limit, 1, known);
	median = limit ? stats_quantile_sorted(limit, known, 0.5) : NAN;
	free(limit);
	return median;
}

void trust_coverage(const struct effect *intervals, size_t n, struct trust_coverage *out)
{
	*out = (struct trust_coverage){
		.trials = n, .rate = {NAN, NAN, NAN}, .limit = NAN, .verdict = COVERAGE_LOW};
	for (size_t i = 0; i < n; i++) {
		out->held += intervals[i].lo <= 0 && intervals[i].hi >= 0;
		out->near += intervals[i].lo <= TRUST_NEAR && intervals[i].hi >= -TRUST_NEAR;
	}
	if (!n)
		return;
	out->limit = median_limit(intervals, n);
	out->rate = share_of(out->held, n, TAIL, 1);
	/* whole trials against whole limits: 0.92 * 200 is not 184 in binary */
	if ((double)out->near + 1e-9 < TRUST_COVERAGE_LEAST * (double)n)
		out->verdict = COVERAGE_LOW;
	else if ((double)out->held - 1e-9 > TRUST_COVERAGE_MOST * (double)n)
		out->verdict = COVERAGE_HIGH;
	else
		out->verdict = COVERAGE_NOMINAL;
}

/* NAN is within nothing. */
static bool within(struct effect e, double target, double most)
{
	return fabs(e.value - target) <= most && e.hi - e.lo <= 2 * most;
}

static void find_worst(const double *planted, const double *found, size_t batches, size_t points,
		       double *x, struct trust_line *out)
{
	out->worst = (struct effect){0, NAN, NAN};
	for (size_t p = 0; p < points; p++) {
		struct effect error;

		for (size_t b = 0; b < batches; b++)
			x[b] = found[b * points + p] - planted[b * points + p];
		error = stats_trimmed_interval(x, batches);
		if (p && !(fabs(error.value) > fabs(out->worst.value)))
			continue;
		out->worst = error;
		for (size_t b = 0; b < batches; b++)
			x[b] = planted[b * points + p];
		out->worst_at = stats_trimmed_interval(x, batches).value;
	}
}

int trust_line(const double *planted, const double *found, size_t batches, size_t points,
	       double quantum, struct trust_line *out)
{
	double *slope = calloc(batches + 1, sizeof(*slope));
	double *intercept = calloc(batches + 1, sizeof(*intercept));
	int err = -EINVAL;

	*out = (struct trust_line){.intercept_most = quantum / sqrt(12)};
	if (batches < 2 || points < POINTS_LEAST)
		goto out;
	err = slope && intercept ? 0 : -ENOMEM;
	if (err)
		goto out;
	for (size_t b = 0; b < batches; b++) {
		double cov00, cov01, cov11, sum;

		gsl_fit_linear(planted + b * points, 1, found + b * points, 1, points,
			       &intercept[b], &slope[b], &cov00, &cov01, &cov11, &sum);
	}
	out->slope = stats_trimmed_interval(slope, batches);
	out->intercept = stats_trimmed_interval(intercept, batches);
	out->slope_ok = within(out->slope, 1, TRUST_SLOPE_ERROR);
	out->intercept_ok = within(out->intercept, 0, out->intercept_most);
	find_worst(planted, found, batches, points, slope, out);
out:
	free(slope);
	free(intercept);
	return err;
}
