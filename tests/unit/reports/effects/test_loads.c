/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/effects/loads.h"

#define MOST 200

static void test_spread(void **state)
{
	double x[21];
	struct load_spread s;

	(void)state;
	for (size_t i = 0; i < 21; i++)
		x[i] = (double)((i * 8) % 21) * 10; /* 0, 10 … 200, shuffled */
	assert_int_equal(loads_spread(x, 21, 0, &s), 0);
	assert_float_equal(s.p10, 20, 1e-9);
	assert_float_equal(s.p90, 180, 1e-9);
	assert_int_equal(s.loads, 21);
	/* noise of 40: 80 of it at 1.28 sd becomes sqrt(80^2 - 51.3^2) = 61.4 */
	assert_int_equal(loads_spread(x, 21, 40, &s), 0);
	assert_float_equal(s.p90, 161.42, 0.01);
	assert_float_equal(s.p10, 38.58, 0.01);
	assert_int_equal(loads_spread(x, 21, 100, &s), 0);
	assert_float_equal(s.p90 - s.p10, 0, 1e-9);
	x[0] = NAN;
	assert_int_equal(loads_spread(x, 10, 0, &s), 0);
	assert_int_equal(s.loads, 9);
	assert_true(isnan(s.p10) && isnan(s.p90));
	assert_int_equal(loads_spread(x, 11, NAN, &s), 0);
	assert_true(s.p90 > s.p10);
}

/* Loads that do not differ: noise of known size must not be reported as spread. */
static void test_noise_is_no_spread(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double with = 0, alone = 0, x[MOST];
	struct load_spread s;

	(void)state;
	for (size_t t = 0; t < 200; t++) {
		for (size_t i = 0; i < 50; i++)
			x[i] = gsl_ran_gaussian(rng, 30) + gsl_ran_gaussian(rng, 20);
		loads_spread(x, 50, 20, &s);
		with += (s.p90 - s.p10) / 200;
		for (size_t i = 0; i < 50; i++)
			x[i] = gsl_ran_gaussian(rng, 20);
		loads_spread(x, 50, 20, &s);
		alone += (s.p90 - s.p10) / 200;
	}
	gsl_rng_free(rng);
	print_message("p10..p90 of loads 76.9 apart: %.1f; of none: %.1f (51.3 as read)\n", with,
		      alone);
	assert_float_equal(with, 76.9, 6);
	assert_true(alone < 20);
}

typedef double draw_fn(gsl_rng *rng);

static double normal(gsl_rng *rng)
{
	return gsl_ran_gaussian(rng, 5);
}

static double lognormal(gsl_rng *rng)
{
	return gsl_ran_lognormal(rng, 3, 1);
}

static double skewed(gsl_rng *rng)
{
	return gsl_ran_lognormal(rng, 3, 0.4);
}

static void test_one_heap(void **state)
{
	static draw_fn *const draws[] = {normal, lognormal, skewed};
	static const size_t rounds[] = {10, 16, 24, 50};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	(void)state;
	for (size_t d = 0; d < 3; d++) {
		for (size_t k = 0; k < 4; k++) {
			size_t split = 0;

			for (size_t t = 0; t < 2000; t++) {
				struct load_mode modes[LOADS_MODES];
				double x[MOST];

				for (size_t i = 0; i < rounds[k]; i++)
					x[i] = draws[d](rng);
				split += loads_modes(x, rounds[k], modes) != 1;
			}
			print_message("heap %zu, %zu loads: %.2f %% called several modes\n", d,
				      rounds[k], (double)split / 20);
			assert_true(split <= 40);
		}
	}
	gsl_rng_free(rng);
}

static void test_planted_modes(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t two = 0, three = 0;

	(void)state;
	for (size_t t = 0; t < 200; t++) {
		struct load_mode modes[LOADS_MODES];
		double x[60];

		for (size_t i = 0; i < 60; i++)
			x[i] = gsl_ran_gaussian(rng, 5) + (i % 3 == 0 ? 150 : 60);
		if (loads_modes(x, 60, modes) == 2 && fabs(modes[0].value - 60) < 4 &&
		    fabs(modes[1].value - 150) < 6 && fabs(modes[1].share - 1.0 / 3) < 0.02)
			two++;
		for (size_t i = 0; i < 60; i++)
			x[i] = gsl_ran_gaussian(rng, 3) + 60 + 45 * (double)(i % 3);
		three += loads_modes(x, 60, modes) == 3 && fabs(modes[1].value - 105) < 4;
	}
	gsl_rng_free(rng);
	print_message("two modes found in %zu of 200, three in %zu\n", two, three);
	assert_true(two >= 190);
	assert_true(three >= 180);
}

static void test_few_and_constant(void **state)
{
	struct load_mode modes[LOADS_MODES];
	double x[40];

	(void)state;
	for (size_t i = 0; i < 40; i++)
		x[i] = 342;
	assert_int_equal(loads_modes(x, 40, modes), 1);
	assert_float_equal(modes[0].value, 342, 0);
	assert_float_equal(modes[0].share, 1, 0);
	assert_int_equal(loads_modes(x, 9, modes), 0);
	assert_int_equal(loads_modes(x, 0, modes), 0);
	/* two loads in thirty do not make a mode */
	x[3] = x[17] = 900;
	assert_int_equal(loads_modes(x, 30, modes), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spread),		 cmocka_unit_test(test_noise_is_no_spread),
		cmocka_unit_test(test_one_heap),	 cmocka_unit_test(test_planted_modes),
		cmocka_unit_test(test_few_and_constant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
