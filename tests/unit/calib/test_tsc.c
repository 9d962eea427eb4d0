/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "calib/timer_overhead.h"
#include "calib/tsc.h"

#define N 6000

static void fill(unsigned int *x, unsigned int step, unsigned int offset)
{
	for (unsigned int i = 0; i < N; i++)
		x[i] = offset + step * (i * i % 9);
}

static void the_step_is_found(void **state)
{
	static unsigned int x[N];

	(void)state;
	fill(x, 26, 52);
	assert_true(tsc_quantum(x, N) == 26);
	fill(x, 1, 31);
	assert_true(tsc_quantum(x, N) == 1);
	fill(x, 2, 60);
	assert_true(tsc_quantum(x, N) == 2);
}

static void rare_readings_prove_nothing(void **state)
{
	static unsigned int x[N];

	(void)state;
	fill(x, 40, 80);
	for (unsigned int i = 0; i < 5; i++)
		x[i * 1000] = 100003 + i; /* interrupts */
	assert_true(tsc_quantum(x, N) == 40);
}

static void one_value_has_no_step(void **state)
{
	static unsigned int x[N];

	(void)state;
	fill(x, 0, 52);
	assert_true(tsc_quantum(x, N) == 1);
}

/* Two measurements of the same clock agree within three times their stated errors. */
static void the_rate_repeats_within_its_error(void **state)
{
	struct tsc_rate a, b;
	struct error why = {0};

	(void)state;
	if (tsc_measure(50, &a, &why)) {
		printf("# skip: %s\n", why.text);
		skip();
	}
	assert_int_equal(tsc_measure(50, &b, &why), 0);
	assert_true(a.hz > 1e8 && a.hz < 1e10);
	assert_true(a.rel_err > 0 && a.rel_err < 1e-3);
	assert_true(fabs(a.hz - b.hz) <= 3 * (a.rel_err + b.rel_err) * a.hz);
	assert_true(a.quantum >= 1 && a.quantum < 100);
}

static void a_migrated_window_is_marked(void **state)
{
	uint32_t last = 3;

	(void)state;
	assert_int_equal(timer_overhead_reading(500, 3, &last), 500);
	assert_int_equal(timer_overhead_reading(500, 4, &last), TIMER_OVERHEAD_MIGRATED);
	assert_int_equal(timer_overhead_reading(500, 4, &last), 500);
	assert_int_equal(timer_overhead_reading(1ull << 40, 4, &last), UINT32_MAX - 1);
}

/* A longer chain reads longer: the block uses its argument. */
static void a_chain_takes_as_long_as_it_is(void **state)
{
	static uint32_t brief[200], lengthy[200];
	uint32_t least = UINT32_MAX, least_long = UINT32_MAX;

	(void)state;
	timer_overhead_delay_block(10, brief, 200);
	timer_overhead_delay_block(100000, lengthy, 200);
	for (int i = 0; i < 200; i++) {
		least = brief[i] < least ? brief[i] : least;
		least_long = lengthy[i] < least_long ? lengthy[i] : least_long;
	}
	assert_true(least_long > 100 * least);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_step_is_found),
		cmocka_unit_test(rare_readings_prove_nothing),
		cmocka_unit_test(one_value_has_no_step),
		cmocka_unit_test(the_rate_repeats_within_its_error),
		cmocka_unit_test(a_migrated_window_is_marked),
		cmocka_unit_test(a_chain_takes_as_long_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
