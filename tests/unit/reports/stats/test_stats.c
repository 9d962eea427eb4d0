/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reports/stats/stats.h"

#define TRIALS	    4000
#define WHITE	    3 /* the first rows of test_coverage */
#define ROUNDS_MOST 100

static void test_quantiles(void **state)
{
	const double x[] = {1, 2, 4, 8, 16};

	(void)state;
	assert_float_equal(stats_quantile_sorted(x, 5, 0), 1, 0);
	assert_float_equal(stats_quantile_sorted(x, 5, 0.5), 4, 0);
	assert_float_equal(stats_quantile_sorted(x, 5, 0.9), 12.8, 1e-12); /* 8 + 0.6 * 8 */
	assert_float_equal(stats_quantile_sorted(x, 5, 1), 16, 0);
	assert_float_equal(stats_quantile_sorted(x, 1, 0.99), 1, 0);
	assert_true(isnan(stats_quantile_sorted(x, 0, 0.5)));
}

static void test_interquartile_mean(void **state)
{
	const double eight[] = {-1000, 1, 2, 3, 5, 6, 7, 1e9};
	const double six[] = {0, 10, 20, 30, 40, 1000};

	(void)state;
	assert_float_equal(stats_interquartile_mean_sorted(eight, 8), 4, 1e-12);
	/*
	 * 1.5 readings are trimmed on each side: half of 10 and of 40 and all of 20 and 30 stay, 3
	 * in all.
	 */
	assert_float_equal(stats_interquartile_mean_sorted(six, 6), 25, 1e-12);
	assert_float_equal(stats_interquartile_mean_sorted(six, 1), 0, 1e-12);
	assert_float_equal(stats_interquartile_mean_sorted(six, 2), 5, 1e-12);
	assert_float_equal(stats_interquartile_mean_sorted(six, 3), 10, 1e-12);
	assert_true(isnan(stats_interquartile_mean_sorted(six, 0)));
}

static void test_mean_interval_by_hand(void **state)
{
	const double x[] = {4, 6, 5, 3, 7};
	struct effect e = stats_mean_interval(x, 5);

	(void)state;
	/* mean 5, s^2 2.5, t(4) 2.7764: 5 +- 2.7764 * sqrt(2.5 / 5) */
	assert_float_equal(e.value, 5, 1e-12);
	assert_float_equal(e.lo, 5 - 1.963243, 1e-5);
	assert_float_equal(e.hi, 5 + 1.963243, 1e-5);
	e = stats_mean_interval(x, 1);
	assert_float_equal(e.value, 4, 0);
	assert_true(isnan(e.lo) && isnan(e.hi));
	assert_true(isnan(stats_mean_interval(x, 0).value));
}

static void test_trimmed_interval_by_hand(void **state)
{
	const double x[] = {1000, 2, 4, 3, 5, 6, 7, 8, -900, 9};
	struct effect e = stats_trimmed_interval(x, 10);

	(void)state;
	/*
	 * Sorted: -900 2 | 3 4 5 6 7 8 | 9 1000. Trimmed mean 5.5; winsorised 3 3 3 4 5 6 7 8 8 8:
	 * s_w^2 = 42.5 / 9; Yuen: sqrt(9 * 4.72222 / (6 * 5)) = 1.190238, t(5) = 2.570582.
	 */
	assert_float_equal(e.value, 5.5, 1e-12);
	assert_float_equal(e.hi - e.value, 2.570582 * 1.190238, 1e-5);
	assert_float_equal(e.value - e.lo, 2.570582 * 1.190238, 1e-5);
	assert_true(isnan(stats_trimmed_interval(x, 0).value));
	assert_true(isnan(stats_trimmed_interval(x, 1).lo));
}

static void test_constant_rounds(void **state)
{
	double x[40];

	(void)state;
	for (size_t i = 0; i < 40; i++)
		x[i] = 342;
	for (size_t n = 2; n <= 40; n++) {
		struct effect m = stats_mean_interval(x, n), t = stats_trimmed_interval(x, n);

		assert_float_equal(m.value, 342, 0);
		assert_float_equal(m.hi - m.lo, 0, 0);
		assert_float_equal(t.value, 342, 0);
		assert_float_equal(t.hi - t.lo, 0, 0);
	}
	assert_float_equal(stats_autocorrelation(x, 40), 0, 0);
	assert_float_equal(stats_long_lag1(x, 40), 0, 0);
}

static void test_autocorrelation(void **state)
{
	const double up_down[] = {1, -1, 1, -1, 1, -1};
	double steps[40];

	(void)state;
	assert_float_equal(stats_autocorrelation(up_down, 6), -5.0 / 6, 1e-12);
	assert_float_equal(stats_autocorrelation(up_down, 2), 0, 0);
	for (size_t i = 0; i < 40; i++)
		steps[i] = i < 20 ? 0 : 1;
	assert_true(stats_autocorrelation(steps, 40) > 0.9);
	assert_float_equal(stats_long_lag1(steps, 40), 0.9, 0); /* no more than this */
	assert_float_equal(stats_long_lag1(steps, 39), 0, 0);	/* too few to tell */
	assert_float_equal(stats_long_lag1(up_down, 6), 0, 0);
}

static void test_bootstrap_interval(void **state)
{
	double x[101];
	struct effect e;

	(void)state;
	for (size_t i = 0; i < 101; i++)
		x[i] = (double)(100 - i);
	e = stats_bootstrap_interval(50, x, 101, 0.025);
	assert_float_equal(e.lo, 2.5, 1e-9);
	assert_float_equal(e.hi, 97.5, 1e-9);
	e = stats_bootstrap_interval(200, x, 101, 0.025);
	assert_float_equal(e.hi, 200, 0);
	assert_true(stats_bootstrap_tail(20) < stats_bootstrap_tail(100));
	assert_float_equal(stats_bootstrap_tail(20), 0.0159, 0.0002); /* Hesterberg 2015, table 5 */
	assert_float_equal(stats_bootstrap_tail(100000), 0.025, 1e-4);
}

/* A series of rounds whose true mean (and, if symmetric, trimmed mean) is 0. */
typedef double draw_fn(gsl_rng *rng, double before);

static double normal(gsl_rng *rng, double before)
{
	(void)before;
	return gsl_ran_ugaussian(rng);
}

static double heavy(gsl_rng *rng, double before)
{
	(void)before;
	return gsl_ran_tdist(rng, 3);
}

static double disturbed(gsl_rng *rng, double before)
{
	(void)before;
	return gsl_ran_gaussian(rng, gsl_rng_uniform(rng) < 0.05 ? 20 : 1);
}

static double weakly_correlated(gsl_rng *rng, double before)
{
	return 0.3 * before + gsl_ran_ugaussian(rng);
}

static double correlated(gsl_rng *rng, double before)
{
	return 0.5 * before + gsl_ran_ugaussian(rng);
}

/* Share of the trials whose interval includes the truth. */
static void coverage(draw_fn *draw, size_t n, double *mean, double *trimmed)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t held_mean = 0, held_trimmed = 0;

	gsl_rng_set(rng, 7);
	for (size_t t = 0; t < TRIALS; t++) {
		double x[ROUNDS_MOST], before = 0;
		struct effect e;

		for (size_t i = 0; i < 20; i++)
			before = draw(rng, before);
		for (size_t i = 0; i < n; i++)
			x[i] = before = draw(rng, before);
		e = stats_mean_interval(x, n);
		held_mean += e.lo <= 0 && 0 <= e.hi;
		e = stats_trimmed_interval(x, n);
		held_trimmed += e.lo <= 0 && 0 <= e.hi;
	}
	gsl_rng_free(rng);
	*mean = (double)held_mean / TRIALS;
	*trimmed = (double)held_trimmed / TRIALS;
}

static void test_coverage(void **state)
{
	static const struct {
		const char *name;
		draw_fn *draw;
	} rows[] = {
		{"normal", normal},
		{"t with 3 df", heavy},
		{"1 round in 20 disturbed", disturbed},
		/*
		 * with 40 rounds or more a series shows it by itself; with fewer it takes several
		 * configurations (test_effects.c)
		 */
		{"lag-1 correlation 0.3", weakly_correlated},
		{"lag-1 correlation 0.5", correlated},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		for (size_t n = i < WHITE ? 20 : 100; n <= 100; n += 80) {
			double mean, trimmed;

			coverage(rows[i].draw, n, &mean, &trimmed);
			print_message("%-24s %3zu rounds: mean %.1f %%, trimmed %.1f %%\n",
				      rows[i].name, n, 100 * mean, 100 * trimmed);
			assert_true(mean >= 0.92);
			/*
			 * an outlier widens the t interval more than it moves the mean: known, and
			 * on the safe side
			 */
			assert_true(mean <= 0.98 || rows[i].draw == disturbed);
			assert_true(trimmed >= 0.92 && trimmed <= 0.98);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_interquartile_mean),
		cmocka_unit_test(test_mean_interval_by_hand),
		cmocka_unit_test(test_trimmed_interval_by_hand),
		cmocka_unit_test(test_constant_rounds),
		cmocka_unit_test(test_autocorrelation),
		cmocka_unit_test(test_bootstrap_interval),
		cmocka_unit_test(test_coverage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
