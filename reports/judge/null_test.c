/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "reports/judge/null_test.h"
#include "reports/stats/stats.h"

void null_test_figures(const struct record_result *result,
		       struct null_figure out[NULL_TEST_FIGURES])
{
	const struct overhead *o = &result->overhead;
	const struct distribution *d = &result->baseline;
	const struct null_figure figures[NULL_TEST_FIGURES] = {
		{"typical", o->typical, d->typical, NULL_UNKNOWN},
		{"mean", o->mean, d->mean, NULL_UNKNOWN},
		{"p50", o->p50, d->p50, NULL_UNKNOWN},
		{"p99", o->p99, d->p99, NULL_UNKNOWN},
		{"p99.9", o->p999, d->p999, NULL_UNKNOWN},
	};
	double units = result->workers > 1 ? result->workers : result->rounds;
	/* rounds that nobody told of: as if there were many */
	double df = units > 1 ? units - 1 : 1e6;

	for (size_t i = 0; i < NULL_TEST_FIGURES; i++) {
		out[i] = figures[i];
		out[i].verdict = null_test_judge(out[i].e, out[i].length, df);
	}
}

double null_test_limit(struct effect e)
{
	return isnan(e.lo) ? NAN : fmax(fabs(e.lo), fabs(e.hi));
}

enum null_verdict null_test_judge(struct effect e, double length, double df)
{
	double bound = NULL_TEST_LEAST, lo, hi;
	double wider = gsl_cdf_tdist_Qinv(NULL_TEST_ALPHA / 2, df) / stats_t_quantile(df);

	if (isnan(e.lo) || isnan(e.hi))
		return NULL_UNKNOWN;
	if (!isnan(length))
		bound = fmax(bound, NULL_TEST_SHARE * length);
	lo = e.value - wider * (e.value - e.lo);
	hi = e.value + wider * (e.hi - e.value);
	return lo > bound || hi < -bound ? NULL_FAILS : NULL_PASSES;
}

enum null_verdict null_test_result(const struct record_result *result)
{
	struct null_figure figures[NULL_TEST_FIGURES];
	enum null_verdict verdict;

	null_test_figures(result, figures);
	verdict = figures[0].verdict;
	for (size_t i = 0; i < NULL_TEST_FIGURES; i++) {
		if (figures[i].verdict == NULL_FAILS)
			verdict = NULL_FAILS;
	}
	return verdict;
}
