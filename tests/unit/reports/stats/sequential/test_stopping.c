/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a run may end, and how often its intervals then hold the truth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/bench/stopped_run.h"

static void test_looks(void **state)
{
	size_t n = 0, looks = 0;

	(void)state;
	assert_int_equal(stopping_next(0), STOPPING_PROCESSES_LEAST);
	assert_int_equal(stopping_next(STOPPING_PROCESSES_LEAST - 1), STOPPING_PROCESSES_LEAST);
	for (; n < 1000; looks++) {
		size_t next = stopping_next(n);

		assert_true(next > n && (n < STOPPING_PROCESSES_LEAST || next >= n * 5 / 4));
		n = next;
	}
	assert_in_range(looks, 15, 25);
}

static void test_targets(void **state)
{
	const struct precision ns = {2, false}, part = {0.05, true};
	struct stopping_row rows[] = {
		{.effect = {100, 99, 101}},    /* ±1 */
		{.effect = {-100, -105, -95}}, /* ±5 */
		{.effect = {10, NAN, NAN}},
	};

	(void)state;
	assert_float_equal(stopping_target(&part, &rows[1].effect), 5, 1e-12);
	assert_true(stopping_look(&ns, rows, 3));
	assert_true(rows[0].reached && rows[0].rests);
	assert_false(rows[1].reached || rows[1].rests || rows[2].reached || rows[2].rests);
	/* at its target, but too near to it to rest; what rests stays so */
	rows[0].effect = (struct effect){100, 97, 103};
	rows[1].effect = (struct effect){-100, -102, -98};
	assert_true(stopping_look(&ns, rows, 3));
	assert_true(!rows[0].reached && rows[0].rests && rows[1].reached && !rows[1].rests);
	/* one row rests above its target, the other is at it: no process would help */
	assert_false(stopping_look(&ns, rows, 2));
}

/*
 * Runs that end when each row has the half-width that was asked for: some rows rest long before
 * others. 300 runs of 8 rows would hold 95 % within 1.0 (their intervals are a little alike); the
 * full table is tests/bench/precision.c's.
 */
static void test_coverage(void **state)
{
	static const struct precision_kind kinds[] = {
		{"normal", SHAPE_NORMAL, SHAPE_NORMAL, 0.5, 8, NULL, NULL, 0},
		{"processes dominate", SHAPE_NORMAL, SHAPE_NORMAL, 3, 8, NULL, NULL, 0},
		{"heavy-tailed", SHAPE_T3, SHAPE_T3, 1, 8, NULL, NULL, 0},
		{"two levels", SHAPE_MODES, SHAPE_NORMAL, 1, 8, NULL, NULL, 0},
		{"skewed", SHAPE_LOGNORMAL, SHAPE_NORMAL, 1, 8, NULL, NULL, 0},
	};
	enum { TRIALS = 200 };

	(void)state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		struct precision_run run = {
			.rng = gsl_rng_alloc(gsl_rng_mt19937),
			.kind = &kinds[k],
			.precision = {precision_after(&kinds[k], 8), false},
			.most = 60,
		};
		struct precision_tally tally;
		double held;

		assert_non_null(run.rng);
		gsl_rng_set(run.rng, 7);
		assert_int_equal(precision_trials(&run, TRIALS, &tally), 0);
		held = (double)tally.held / (double)tally.intervals;
		print_message("%s: %.1f %% held, %.1f processes\n", kinds[k].name, 100 * held,
			      tally.processes);
		assert_true(held > 0.93 && held < 0.975);
		assert_true(tally.reached > 0.95 * (double)tally.intervals);
		gsl_rng_free(run.rng);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_coverage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
