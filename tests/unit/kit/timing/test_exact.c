/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/timing/exact.h"
#include "kit/timing/tick.h"

static bool same(const uint32_t *ticks, size_t rounds, size_t calls)
{
	struct config_samples samples = {.ticks = ticks, .rounds = rounds, .calls = calls};

	return exact_rounds(&samples);
}

static void test_rounds(void **state)
{
	static const uint32_t equal[] = {376, 376, 718, 376, 376, 718};
	static const uint32_t reordered[] = {376, 376, 718, 718, 376, 376};
	static const uint32_t one_off[] = {376, 376, 718, 376, 376, 719};
	/* the same sum and extremes, other readings */
	static const uint32_t sums[] = {1, 4, 4, 7, 1, 3, 5, 7};

	(void)state;
	assert_true(same(equal, 2, 3));
	assert_true(same(reordered, 2, 3));
	assert_false(same(one_off, 2, 3));
	assert_false(same(sums, 2, 4));
	/* one round says nothing about another */
	assert_false(same(equal, 1, 6));
	assert_false(same(equal, 2, 0));
}

static void test_difference(void **state)
{
	struct distribution config = {718, 720.5, 718, 718, 730, 731, 740};
	struct distribution bare = {376, 376.5, 376, 376, 380, 390, 391};
	struct overhead out;

	(void)state;
	exact_overhead(&config, &bare, &out);
	assert_true(out.typical.value == 342 && out.typical.lo == 342 && out.typical.hi == 342);
	assert_true(out.mean.value == 344 && out.p99.value == 350 && out.p999.value == 341);
}

static void test_tick(void **state)
{
	struct tick tick, none = {0};

	(void)state;
	tick_find(&tick);
	/* a kernel with a tick of 100 to 1,000 Hz, or with a coarse clock that tells nothing */
	assert_true(!tick.period_ns || (tick.period_ns >= 1000000 && tick.period_ns <= 10000000));
	/*
	 * returns at once: nothing is known, or it needs more time than there is between two ticks
	 */
	tick_dodge(&none, 1000);
	tick_dodge(&tick, tick.period_ns + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_difference),
		cmocka_unit_test(test_tick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
