/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/judge/null_test.h"
#include "reports/stats/abba.h"
#include "reports/stats/stats.h"

static const struct {
	const char *name;
	size_t at; /* in struct overhead */
} tested[NULL_TEST_FIGURES] = {
	{"typical", offsetof(struct overhead, typical)}, {"mean", offsetof(struct overhead, mean)},
	{"p50", offsetof(struct overhead, p50)},	 {"p99", offsetof(struct overhead, p99)},
	{"p99.9", offsetof(struct overhead, p999)},
};

const char *null_verdict_name(enum null_verdict verdict)
{
	static const char *const names[] = {"passes", "not resolved", "FAILS", "no interval"};

	return names[verdict];
}

double null_test_limit(struct effect e)
{
	return isnan(e.lo) || isnan(e.hi) ? NAN : fmax(fabs(e.lo), fabs(e.hi));
}

enum null_verdict null_test_judge(struct effect e, double bound, double df)
{
	double lo, hi, wider = gsl_cdf_tdist_Qinv(NULL_TEST_ALPHA / 2, df) / stats_t_quantile(df);

	if (isnan(e.lo) || isnan(e.hi))
		return NULL_UNKNOWN;
	if (null_test_limit(e) <= (isnan(bound) ? 0 : bound))
		return NULL_PASSES;
	lo = e.value - wider * (e.value - e.lo);
	hi = e.value + wider * (e.hi - e.value);
	return lo > bound || hi < -bound ? NULL_FAILS : NULL_UNRESOLVED;
}

double null_test_bound(double *visible, size_t n, double least)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(visible[i]))
			visible[known++] = visible[i];
	gsl_sort(visible, 1, known);
	return known ? fmax(least, stats_quantile_sorted(visible, known, 0.25)) : NAN;
}

static struct effect figure_of(const struct record_result *result, size_t at)
{
	return *(const struct effect *)((const char *)&result->overhead + at);
}

/* A row of the table that the test is of. */
static bool is_row(const struct record_result *row, const struct record_result *test)
{
	return row->status == RESULT_MEASURED && strcmp(row->hook, "none") != 0 &&
	       !null_test_is_one(row) && row->unit == test->unit &&
	       strcmp(row->workload, test->workload) == 0 && strcmp(row->cache, test->cache) == 0;
}

bool null_test_is_one(const struct record_result *result)
{
	return result->status == RESULT_MEASURED &&
	       (strcmp(result->body, "aa") == 0 || strcmp(result->body, "bb") == 0);
}

int null_test_of(const struct record *rec, const struct record_result *result,
		 struct null_test *out)
{
	double *visible = calloc(rec->n_results + 1, sizeof(*visible));
	double units = result->workers > 1 ? result->workers : result->rounds;
	/* rounds that nobody told of: as if there were many */
	double df = units > 1 ? units - 1 : 1e6;

	if (!visible)
		return -ENOMEM;
	for (size_t f = 0; f < NULL_TEST_FIGURES; f++) {
		struct null_figure *figure = &out->figure[f];
		size_t n = 0;

		for (size_t i = 0; i < rec->n_results; i++)
			if (is_row(rec->results[i], result))
				visible[n++] =
					abba_visible(figure_of(rec->results[i], tested[f].at));
		*figure =
			(struct null_figure){.name = tested[f].name,
					     .e = figure_of(result, tested[f].at),
					     .bound = null_test_bound(visible, n, NULL_TEST_LEAST)};
		figure->verdict = null_test_judge(figure->e, figure->bound, df);
		if (f == 0 || figure->verdict == NULL_FAILS)
			out->verdict = figure->verdict;
	}
	free(visible);
	return 0;
}
