/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kit/timing/stir.h"

#define CALLS 64000

static struct stir stirred(uint64_t seed, unsigned int calls)
{
	struct stir stir;

	stir_open(&stir, seed);
	for (unsigned int i = 0; i < calls; i++)
		stir_call(&stir);
	return stir;
}

/* A run can be repeated: what a call does follows from the seed, and differs with another seed. */
static void the_seed_decides(void **state)
{
	struct stir a = stirred(7, 1000), b = stirred(7, 1000), c = stirred(8, 1000);

	(void)state;
	assert_memory_equal(&a, &b, sizeof(a));
	assert_true(a.sink != c.sink && a.state != c.state);
}

/* 0 to 3 syscalls per call and a yield in 64 calls, with a margin of 5 standard deviations */
static void it_draws_as_many_syscalls_as_it_says(void **state)
{
	struct stir stir = stirred(1, CALLS);

	(void)state;
	assert_in_range(stir.syscalls, CALLS * 3 / 2 - 1415, CALLS * 3 / 2 + 1415);
	assert_in_range(stir.yields, CALLS / 64 - 157, CALLS / 64 + 157);
}

/* a generator that stays at 0 would repeat one call for ever */
static void no_seed_stops_it(void **state)
{
	static const uint64_t seeds[] = {0, 1, UINT64_MAX, 0x9e3779b97f4a7c15u};

	(void)state;
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		struct stir stir = stirred(seeds[i], 1000);

		assert_true(stir.state != 0);
		assert_true(stir.syscalls > 1000 && stir.syscalls < 2000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_seed_decides),
		cmocka_unit_test(it_draws_as_many_syscalls_as_it_says),
		cmocka_unit_test(no_seed_stops_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
