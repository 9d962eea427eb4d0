/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "reports/show/figure.h"
#include "reports/judge/null_test.h"
#include "reports/stats/stats.h"

struct figure {
	const char *name;
	struct effect e;
	double length, df;
};

#define FIGURES 5

static void figures_of(const struct record_result *result, struct figure out[FIGURES])
{
	const struct overhead *o = &result->overhead;
	const struct distribution *d = &result->baseline;
	double units = result->workers > 1 ? result->workers : result->rounds;
	/* rounds that nobody told of: as if there were many */
	double df = units > 1 ? units - 1 : 1e6;

	out[0] = (struct figure){"typical", o->typical, d->typical, df};
	out[1] = (struct figure){"mean", o->mean, d->mean, df};
	out[2] = (struct figure){"p50", o->p50, d->p50, df};
	out[3] = (struct figure){"p99", o->p99, d->p99, df};
	out[4] = (struct figure){"p99.9", o->p999, d->p999, df};
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
	struct figure figures[FIGURES];
	enum null_verdict verdict;

	figures_of(result, figures);
	verdict = null_test_judge(figures[0].e, figures[0].length, figures[0].df);
	for (size_t i = 0; i < FIGURES; i++) {
		if (null_test_judge(figures[i].e, figures[i].length, figures[i].df) == NULL_FAILS)
			verdict = NULL_FAILS;
	}
	return verdict;
}

static void say_failed(FILE *out, const struct figure *figures)
{
	size_t told = 0;

	fputs("FAILS (", out);
	for (size_t i = 0; i < FIGURES; i++) {
		if (null_test_judge(figures[i].e, figures[i].length, figures[i].df) == NULL_FAILS)
			fprintf(out, "%s%s", told++ ? ", " : "", figures[i].name);
	}
	fputs("): ", out);
}

void null_test_say(FILE *out, const struct record_result *result)
{
	struct figure figures[FIGURES];
	double limit = null_test_limit(result->overhead.typical);
	enum null_verdict verdict = null_test_result(result);
	size_t told = 0;

	figures_of(result, figures);
	if (verdict == NULL_FAILS)
		say_failed(out, figures);
	for (size_t i = 0; i < FIGURES; i++) {
		if (isnan(figures[i].e.value))
			continue;
		fprintf(out, "%s%s ", told++ ? ", " : "", figures[i].name);
		figure_effect(out, figures[i].e, result->unit, FIGURE_UNMARKED);
	}
	fprintf(out, " %s; ", unit_name(result->unit));
	if (isnan(limit))
		fputs("no interval: nothing shows how small a difference can be seen", out);
	else if (!(limit > 0))
		fputs("the two are the same", out);
	else
		fprintf(out, "differences under %.*f %s (typical) cannot be seen here",
			limit < 10 ? 1 : 0, limit, unit_name(result->unit));
	if (verdict == NULL_FAILS)
		fputs(". Two arms that are the same differ: distrust this table", out);
}
