/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "reports/stats/equivalence.h"
#include "reports/stats/stats.h"

#define TAIL 0.025 /* of each end of a 95 % interval */
#define DF   7.0

/* How likely it is to lie so far on the one side of an edge by chance; above: that of the value.
 * half: to the end that faces it. */
static double chance(double value, double edge, double half)
{
	if (isinf(edge))
		return 0;
	if (!(half > 0))
		return value > edge || value < edge ? 0 : TAIL;
	return gsl_cdf_tdist_Q(fabs(value - edge) * stats_t_quantile(DF) / half, DF);
}

/* What the value looks like, and how likely that is by chance. */
static double judge(struct equivalence_test *test)
{
	double value = test->e.value, down = value - test->e.lo, up = test->e.hi - value;

	if (value < test->from) {
		test->outcome = EQUIVALENCE_BELOW;
		return chance(value, test->from, up);
	}
	if (value > test->to) {
		test->outcome = EQUIVALENCE_ABOVE;
		return chance(value, test->to, down);
	}
	test->outcome = EQUIVALENCE_WITHIN;
	return fmax(chance(value, test->from, down), chance(value, test->to, up));
}

struct ranked {
	double p;
	struct equivalence_test *test;
};

static int by_chance(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->p < y->p ? -1 : x->p > y->p;
}

/* Rounding must not open what touches an edge. */
#define SLACK (1 + 1e-9)

int equivalence_holm(struct equivalence_test *tests, size_t n)
{
	struct ranked *ranked = calloc(n + 1, sizeof(*ranked));
	size_t count = 0, k = 0;

	if (!ranked)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		tests[i].outcome = EQUIVALENCE_OPEN;
		if (isnan(tests[i].e.lo) || isnan(tests[i].e.hi))
			continue;
		ranked[count].test = &tests[i];
		ranked[count++].p = judge(&tests[i]);
	}
	qsort(ranked, count, sizeof(*ranked), by_chance);
	while (k < count && ranked[k].p <= TAIL / (double)(count - k) * SLACK)
		k++;
	for (; k < count; k++)
		ranked[k].test->outcome = EQUIVALENCE_OPEN;
	free(ranked);
	return 0;
}

enum equivalence equivalence_one(struct effect e, double from, double to)
{
	struct equivalence_test test = {.e = e, .from = from, .to = to};

	if (isnan(e.lo) || isnan(e.hi) || judge(&test) > TAIL * SLACK)
		return EQUIVALENCE_OPEN;
	return test.outcome;
}
