/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/timing/steady.h"

#define N 2000

static void a_flat_series_needs_one_chunk(void **state)
{
	uint32_t x[N];

	(void)state;
	for (size_t i = 0; i < N; i++)
		x[i] = 500 + (uint32_t)(i * 7 % 13);
	x[700] = 9000000; /* one outlier does not make a block unsteady */
	assert_int_equal(steady_after(x, N), 50);
}

static void a_slow_start_is_left_out(void **state)
{
	uint32_t x[N];

	(void)state;
	for (size_t i = 0; i < N; i++)
		x[i] = 500 + (i < 330 ? 2000 - (uint32_t)i * 6 : 0);
	/* the last chunk whose median is above 500 + 4 + 2 %: calls 300 to 349 */
	assert_int_equal(steady_after(x, N), 400);
}

static void a_short_series_gives_its_half(void **state)
{
	uint32_t x[64] = {0};

	(void)state;
	assert_int_equal(steady_after(x, 64), 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flat_series_needs_one_chunk),
		cmocka_unit_test(a_slow_start_is_left_out),
		cmocka_unit_test(a_short_series_gives_its_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
