/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/stats/abba.h"

#define BLOCKS 10
#define PAIRS  (2 * BLOCKS)
#define TRIALS 2000

/*
 * A program's throughput: 1,000 a second, a drift of 1 % per window, noise, and now and then a
 * window that lost most of its time to a neighbour. Planted: what the probe takes, in per cent.
 */
static struct effect run(gsl_rng *rng, double planted, double noise, double drift)
{
	struct abba_pair pairs[PAIRS];
	struct abba_change change;
	double level = 1000;

	for (size_t p = 0; p < PAIRS; p += 2) {
		bool flip = gsl_rng_uniform(rng) < 0.5;

		for (size_t w = 0; w < 4; w++) {
			bool with = (w == 1 || w == 2) != flip;
			double x = level * exp(gsl_ran_gaussian(rng, noise));

			if (gsl_rng_uniform(rng) < 0.03)
				x *= 0.5;
			if (with)
				pairs[p + w / 2].with = x * (1 + planted / 100);
			else
				pairs[p + w / 2].without = x;
			level *= 1 + drift;
		}
	}
	assert_int_equal(abba_change(pairs, PAIRS, &change), 0);
	assert_int_equal(change.pairs, PAIRS);
	return change.percent;
}

static void test_planted_effect_comes_back(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	unsigned int held = 0, seen = 0;
	double sum = 0;

	(void)state;
	for (int i = 0; i < TRIALS; i++) {
		struct effect e = run(rng, -5, 0.02, 0.0);

		held += e.lo <= -5 && -5 <= e.hi;
		seen += abba_answer(e, 2) == ABBA_SEEN;
		sum += e.value;
	}
	assert_float_equal(sum / TRIALS, -5, 0.1);
	assert_true(held > 0.92 * TRIALS);
	assert_true(seen > 0.95 * TRIALS);
	gsl_rng_free(rng);
}

static void test_no_effect_is_none(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	unsigned int seen = 0, excluded = 0;

	(void)state;
	for (int i = 0; i < TRIALS; i++) {
		enum abba_answer answer = abba_answer(run(rng, 0, 0.02, 0.0), 4);

		seen += answer == ABBA_SEEN;
		excluded += answer == ABBA_EXCLUDED;
	}
	assert_true(seen < 0.08 * TRIALS);
	assert_true(excluded > 0.5 * TRIALS);
	gsl_rng_free(rng);
}

/*
 * A change of the size that is called visible is found by four runs in five, not by every other
 * one.
 */
static void test_visible_is_seen(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	unsigned int seen = 0;
	double visible = 0;

	(void)state;
	for (int i = 0; i < TRIALS; i++)
		visible += abba_visible(run(rng, 0, 0.02, 0.0)) / TRIALS;
	for (int i = 0; i < TRIALS; i++)
		seen += abba_answer(run(rng, visible, 0.02, 0.0), 2) == ABBA_SEEN;
	print_message("%.2f %% planted: seen in %.1f %%\n", visible, 100.0 * seen / TRIALS);
	assert_true(seen > 0.75 * TRIALS && seen < 0.87 * TRIALS);
	gsl_rng_free(rng);
}

/*
 * A drift of 1 % per window would look like an effect of 1 % if every pair were in the same order.
 */
static void test_drift_cancels(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	unsigned int seen = 0;
	double sum = 0;

	(void)state;
	for (int i = 0; i < TRIALS; i++) {
		struct effect e = run(rng, 0, 0.02, 0.01);

		seen += abba_answer(e, 2) == ABBA_SEEN;
		sum += e.value;
	}
	assert_float_equal(sum / TRIALS, 0, 0.1);
	assert_true(seen < 0.08 * TRIALS);
	gsl_rng_free(rng);
}

static void test_by_hand(void **state)
{
	const struct abba_pair same[] = {{10, 11}, {20, 22}, {NAN, 5}, {30, 33}};
	const struct abba_pair zeros[] = {{0, 0}, {0, 5}};
	const struct abba_pair mixed[] = {{0, 1}, {2, 3}, {4, 5}};
	struct abba_change change;

	(void)state;
	assert_int_equal(abba_change(same, 4, &change), 0);
	assert_int_equal(change.pairs, 3);
	assert_float_equal(change.percent.value, 10, 1e-9);
	assert_float_equal(change.percent.lo, 10, 1e-9);
	assert_float_equal(change.without.value, 20, 1e-9);
	assert_int_equal(abba_change(zeros, 2, &change), 0);
	assert_true(isnan(change.percent.value)); /* of no effect */
	assert_int_equal(abba_change(mixed, 3, &change), 0);
	assert_float_equal(change.percent.value, 50, 1e-9); /* 1 of 2 */
	assert_int_equal(abba_change(same, 0, &change), 0);
	assert_int_equal(change.pairs, 0);
	assert_true(isnan(change.percent.value));
}

static void test_answers(void **state)
{
	const struct effect unknown = {NAN, NAN, NAN};

	(void)state;
	assert_int_equal(abba_answer((struct effect){-5, -6, -4}, 2), ABBA_SEEN);
	assert_int_equal(abba_answer((struct effect){0, -1, 1}, 2), ABBA_EXCLUDED);
	assert_int_equal(abba_answer((struct effect){0, -3, 1}, 2), ABBA_OPEN);
	assert_int_equal(abba_answer(unknown, 2), ABBA_OPEN);
	assert_float_equal(abba_visible((struct effect){0, -3, 1}), 2 * 1.43, 1e-12);
	assert_float_equal(abba_allowed((struct effect){-3, -10, 4}), 10, 0);
	assert_true(isnan(abba_visible(unknown)) && isnan(abba_allowed(unknown)));
	assert_true(abba_agree((struct effect){0, -1, 1}, (struct effect){2, 1, 3}));
	assert_false(abba_agree((struct effect){0, -1, 1}, (struct effect){3, 2, 4}));
	assert_false(abba_agree(unknown, (struct effect){3, 2, 4}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_planted_effect_comes_back),
		cmocka_unit_test(test_no_effect_is_none),
		cmocka_unit_test(test_visible_is_seen),
		cmocka_unit_test(test_drift_cancels),
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
