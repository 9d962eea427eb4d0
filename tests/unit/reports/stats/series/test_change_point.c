/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/bench/series_draw.h"

static const struct change_test usual = {0.05, 1};

/* Two steps, one up and one down: both at their place, with the levels about them. */
static void test_two_steps(void **state)
{
	const double x[] = {700, 702, 699, 701, 700, 698, 703, 700, 741, 739, 742, 740,
			    738, 741, 740, 742, 690, 691, 689, 690, 692, 688, 690, 691};
	struct change_points found;

	(void)state;
	assert_int_equal(change_points_find(x, 24, &usual, &found), 0);
	assert_int_equal(found.n, 2);
	assert_int_equal(found.points[0].at, 8);
	assert_int_equal(found.points[1].at, 16);
	assert_float_equal(found.points[0].from, 700.375, 1e-9);
	assert_float_equal(found.points[0].to, 740.375, 1e-9);
	assert_float_equal(found.points[1].to, 690.125, 1e-9);
	/* R: t.test(x[9:16], x[1:8]) */
	assert_float_equal(found.points[0].step.lo, 38.38263122, 1e-4);
	assert_float_equal(found.points[0].step.hi, 41.61736878, 1e-4);
	assert_float_equal(change_points_rarest(8), 2 / 70., 1e-12);
	assert_true(change_points_rarest(CHANGE_POINTS_LEAST) < 0.05);
	assert_true(change_points_rarest(CHANGE_POINTS_LEAST - 1) > 0.05);
	assert_true(found.p <= 0.05);
	change_points_free(&found);
}

/* The statistic by its definition: where chance never splits as far, the split is its maximum. */
static void test_place_by_definition(void **state)
{
	const double x[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 30, 35, 38, 27, 31, 39, 32};
	const size_t n = sizeof(x) / sizeof(*x);
	struct change_points found;
	double most = -INFINITY;
	size_t at = 0;

	(void)state;
	for (size_t k = 2; k + 2 <= n; k++) {
		double a = (double)k, b = (double)(n - k), between = 0, left = 0, right = 0, q;

		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < n; j++) {
				double d = fabs(x[i] - x[j]);

				between += i < k && j >= k ? d : 0;
				left += i < k && j < k ? d : 0;
				right += i >= k && j >= k ? d : 0;
			}
		q = a * b / (a + b) *
		    (2 * between / a / b - left / a / (a - 1) - right / b / (b - 1));
		if (q > most) {
			most = q;
			at = k;
		}
	}
	assert_int_equal(change_points_find(x, n, &usual, &found), 0);
	assert_true(found.n >= 1);
	assert_int_equal(found.points[0].at, at);
	change_points_free(&found);
}

static void test_no_series(void **state)
{
	const double x[] = {1, 2, 3, 4, 5, 6, 7, NAN};
	const double same[] = {643, 643, 643, 643, 643, 643, 643, 643};
	const double step[] = {643, 643, 643, 643, 651, 651, 651, 651};
	struct change_points found;

	(void)state;
	assert_int_equal(change_points_find(x, 7, &usual, &found), -EINVAL);
	change_points_free(&found);
	assert_int_equal(change_points_find(x, 8, &usual, &found), -EINVAL);
	change_points_free(&found);
	assert_int_equal(change_points_find(same, 8, &usual, &found), 0);
	assert_int_equal(found.n, 0); /* exact counts that agree */
	assert_float_equal(found.p, 1, 0);
	change_points_free(&found);
	assert_int_equal(change_points_find(step, 8, &usual, &found), 0);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.points[0].at, 4);
	change_points_free(&found);
}

/* Nothing planted: 5 in 100, whatever the distribution; the bench has more (make bench). */
static void test_false_alarms(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	const size_t trials = 400;

	(void)state;
	assert_non_null(rng);
	for (int noise = SERIES_NORMAL; noise <= SERIES_CAUCHY; noise++) {
		struct series_design d = {16, 0, 0, (enum series_noise)noise};
		struct series_found f = series_find(rng, &d, trials);

		print_message("noise %d: %.1f %% false alarms\n", noise, 100 * f.any);
		assert_true(f.any < 0.083); /* 3 standard errors of 400 trials */
	}
	gsl_rng_free(rng);
}

/* A step of three standard deviations is found; correlated noise is warned of. */
static void test_power(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	const struct series_design step = {20, 10, 3, SERIES_NORMAL};
	const struct series_design drift = {50, 0, 0, SERIES_AR06};
	struct series_found f;

	(void)state;
	assert_non_null(rng);
	f = series_find(rng, &step, 100);
	assert_true(f.any > 0.95 && f.near > 0.85);
	f = series_find(rng, &drift, 100);
	assert_true(f.any > 0.3); /* why lag1 is told */
	assert_true(f.warned > 0.7);
	gsl_rng_free(rng);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_steps), cmocka_unit_test(test_place_by_definition),
		cmocka_unit_test(test_no_series), cmocka_unit_test(test_false_alarms),
		cmocka_unit_test(test_power),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
