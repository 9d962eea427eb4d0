/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prices with a planted value and a planted common part: is it found, and do the intervals include
 * the truth?
 */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/effects/slope_common.h"
#include "reports/stats/stats.h"

#define ROWS_MOST   24
#define ROUNDS_MOST 80
#define TRIALS	    200

/*
 * The common part of a round in each price is exp(factor) and + shift, both first-order
 * autoregressive with this lag-1 correlation.
 */
struct planted {
	const char *name;
	size_t rows, rounds;
	double factor, shift, lag1;
	double noise;	  /* noise of a row's round, and of its price */
	double disturbed; /* share of a row's rounds that read a third more */
	enum slope_common_kind kind;
};

struct outcome {
	double found, held, held_alone, width;
};

static double price_of(size_t row)
{
	return 15 + 11 * (double)row;
}

static void draw(const struct planted *p, gsl_rng *rng, double *prices)
{
	double state = gsl_ran_ugaussian(rng), step = sqrt(1 - p->lag1 * p->lag1);

	for (size_t r = 0; r < p->rounds; r++) {
		for (size_t i = 0; i < p->rows; i++) {
			double hit = gsl_rng_uniform(rng) < p->disturbed ? 1.33 : 1;

			prices[i * p->rounds + r] = price_of(i) * exp(p->factor * state) * hit *
							    (1 + gsl_ran_gaussian(rng, p->noise)) +
						    p->shift * state;
		}
		state = p->lag1 * state + step * gsl_ran_ugaussian(rng);
	}
}

/*
 * Half the width of the best possible interval: the row's noise and the common part, with their
 * correlation.
 */
static double oracle(const struct planted *p, size_t row)
{
	double common = hypot(p->factor * price_of(row), p->shift);
	double own = p->noise * price_of(row), n = (double)p->rounds;

	return 1.96 * sqrt((own * own + common * common * (1 + p->lag1) / (1 - p->lag1)) / n);
}

static void try(const struct planted *p, struct outcome *out)
{
	static double prices[ROWS_MOST * ROUNDS_MOST];
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double round[ROUNDS_MOST], each = 1.0 / TRIALS / (double)p->rows;

	gsl_rng_set(rng, 5);
	*out = (struct outcome){0};
	for (size_t t = 0; t < TRIALS; t++) {
		struct slope_common common;

		draw(p, rng, prices);
		assert_int_equal(slope_common_fit(prices, p->rows, p->rounds, &common, round), 0);
		out->found += common.kind == p->kind ? 1.0 / TRIALS : 0;
		for (size_t i = 0; i < p->rows; i++) {
			double *row = prices + i * p->rounds, truth = price_of(i);
			struct effect alone = stats_trimmed_interval(row, p->rounds);
			struct effect e = slope_common_price(&common, round, row, p->rounds);

			out->held_alone += alone.lo <= truth && truth <= alone.hi ? each : 0;
			out->held += e.lo <= truth && truth <= e.hi ? each : 0;
			out->width += (e.hi - e.lo) / 2 / oracle(p, i) * each;
		}
	}
	gsl_rng_free(rng);
}

static void a_planted_common_part_is_found_and_the_intervals_hold(void **state)
{
	static const struct planted all[] = {
		{"nothing in common, 20 rounds", 24, 20, 0, 0, 0, 0.03, 0, COMMON_NONE},
		{"nothing in common, 60 rounds", 24, 60, 0, 0, 0, 0.03, 0, COMMON_NONE},
		{"nothing in common, 6 rows", 6, 15, 0, 0, 0, 0.03, 0.05, COMMON_NONE},
		{"a factor, 20 rounds", 12, 20, 0.08, 0, 0, 0.03, 0, COMMON_FACTOR},
		{"a factor, 60 rounds", 12, 60, 0.08, 0, 0, 0.03, 0, COMMON_FACTOR},
		{"a factor, lag-1 0.5, 60 rounds", 12, 60, 0.08, 0, 0.5, 0.03, 0, COMMON_FACTOR},
		{"a shift, 60 rounds", 12, 60, 0, 4, 0, 0.01, 0, COMMON_SHIFT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct outcome o;

		try(&all[i], &o);
		print_message(
			"%-32s found %5.1f %%, held %.1f %% (alone %.1f %%), half-width %.2f\n",
			all[i].name, 100 * o.found, 100 * o.held, 100 * o.held_alone, o.width);
		assert_true(o.found >= 0.9);
		assert_true(o.held >= 0.91 && o.held <= 0.99);
		assert_true(o.width < (all[i].disturbed > 0 ? 2.2 : 1.6));
	}
}

/* One row's noise is not a part common to all rows. */
static void a_lonely_disturbance_is_left_alone(void **state)
{
	double prices[6 * 10], round[10];
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct slope_common common;

	(void)state;
	gsl_rng_set(rng, 2);
	for (size_t i = 0; i < 5; i++)
		for (size_t r = 0; r < 10; r++)
			prices[i * 10 + r] =
				50 + gsl_ran_gaussian(rng, 0.5) + (i == 2 && r == 4 ? 40 : 0);
	assert_int_equal(slope_common_fit(prices, 5, 10, &common, round), 0);
	assert_int_equal(common.kind, COMMON_NONE);
	assert_null(slope_common_name(common.kind));
	gsl_rng_free(rng);
	/* too few rows, too few rounds */
	for (size_t i = 0; i < 6 * 10; i++)
		prices[i] = (50 + 10 * (double)(i / 10)) * (1 + (double)(i % 10) / 20);
	assert_int_equal(slope_common_fit(prices, 5, 10, &common, round), 0);
	assert_int_equal(common.kind, COMMON_FACTOR);
	assert_int_equal(slope_common_fit(prices, 3, 10, &common, round), 0);
	assert_int_equal(common.kind, COMMON_NONE);
	assert_int_equal(slope_common_fit(prices, 6, 8, &common, round), 0);
	assert_int_equal(common.kind, COMMON_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_planted_common_part_is_found_and_the_intervals_hold),
		cmocka_unit_test(a_lonely_disturbance_is_left_alone),
	};

	return cmocka_run_group_tests_name("slope_common", tests, NULL, NULL);
}
