/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "calib/neighbour.h"

#define TICKS_PER_S 2.6e9
#define REPEATS	    6
#define N	    2000

static struct neighbour_reading readings[N];
static signed char flags[N];
static uint64_t random_state;

/* Uniform from 0 to 1, the same in every run of the test. */
static double uniform(void)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (double)(random_state >> 11) / 9007199254740992.0;
}

/* The mean of a few readings of a length by a clock that steps by quantum. */
static double read_by(double ticks, double quantum)
{
	double sum = 0;

	for (int i = 0; i < REPEATS; i++) {
		double phase = uniform() * quantum;

		sum += quantum * (floor((phase + ticks) / quantum) - floor(phase / quantum));
	}
	return sum / REPEATS;
}

/*
 * The reading on a core at hz that takes so many cycles per step; the empty reading's step is in it
 * as well.
 */
static struct neighbour_reading made_up(double cycles, double hz, double quantum)
{
	double own = read_by(58, quantum), ticks = TICKS_PER_S / hz;

	return (struct neighbour_reading){
		.chain_ticks = read_by(58 + NEIGHBOUR_CHAIN_ADDS * ticks, quantum) - own,
		.throughput_ticks = read_by(58 + NEIGHBOUR_STEPS * cycles * ticks, quantum) - own,
	};
}

static size_t seen(void)
{
	size_t n = 0;

	for (size_t i = 0; i < N; i++)
		n += flags[i] == NEIGHBOUR_SEEN;
	return n;
}

static struct neighbour_level classified(double quantum)
{
	struct neighbour_level level;

	assert_int_equal(neighbour_classify(readings, N, quantum, flags, &level), 0);
	return level;
}

static int setup(void **state)
{
	(void)state;
	random_state = 12;
	memset(flags, 77, sizeof(flags));
	return 0;
}

/*
 * At most 2 % of the readings of a core that is alone are flagged, whatever the clock and the
 * frequency do.
 */
static void it_does_not_fire_on_nothing(void **state)
{
	static const double quanta[] = {1, 26, 40};

	(void)state;
	for (size_t q = 0; q < sizeof(quanta) / sizeof(quanta[0]); q++) {
		struct neighbour_level level;

		for (size_t i = 0; i < N; i++) {
			/* the frequency drifts by a fifth, and the core's speed varies by 2 % */
			double hz = 3.4e9 + 0.7e9 * sin((double)i / 100);

			readings[i] = made_up(1.02 + 0.02 * uniform(), hz, quanta[q]);
		}
		level = classified(quanta[q]);
		assert_true(level.told);
		assert_true(seen() <= N / 50);
		assert_true(level.alone > 1 && level.alone < 1.06);
	}
}

/*
 * Two modes, such as 130 and 155 ns: each reading is assigned to its mode, whether few or many are
 * contended.
 */
static void both_modes_are_told_apart(void **state)
{
	static const double shares[] = {0.02, 0.11, 0.5, 0.9};

	(void)state;
	for (size_t s = 0; s < sizeof(shares) / sizeof(shares[0]); s++) {
		static bool truth[N];
		struct neighbour_level level;
		size_t wrong = 0;

		for (size_t i = 0; i < N; i++) {
			truth[i] = uniform() < shares[s];
			readings[i] =
				made_up(truth[i] ? 155 / 130.0 + 0.5 * uniform() : 1.0, 3.41e9, 26);
		}
		level = classified(26);
		assert_true(level.told);
		for (size_t i = 0; i < N; i++)
			wrong += (flags[i] == NEIGHBOUR_SEEN) != truth[i];
		assert_true(wrong <= N / 50);
		assert_true(fabs(level.seen - shares[s]) < 0.03);
	}
}

/* With a constant neighbour, steady or not, no reading is called free of one. */
static void all_contended_is_not_taken_for_alone(void **state)
{
	static const double spread[] = {0, 0.1, 0.8};

	(void)state;
	for (size_t s = 0; s < sizeof(spread) / sizeof(spread[0]); s++) {
		struct neighbour_level level;

		for (size_t i = 0; i < N; i++)
			readings[i] = made_up(1.19 + spread[s] * uniform(), 3.41e9, 26);
		level = classified(26);
		assert_false(level.told);
		assert_true(*level.reason);
		for (size_t i = 0; i < N; i++)
			assert_int_not_equal(flags[i], NEIGHBOUR_NONE);
	}
}

/*
 * The level of a core alone is the lowest that the readings return to: a few that are too short do
 * not set it.
 */
static void short_readings_are_no_level(void **state)
{
	struct neighbour_level level;

	(void)state;
	for (size_t i = 0; i < N; i++)
		readings[i] = made_up(i % 100 ? 1.02 : 0.6, 3.41e9, 1);
	level = classified(1);
	assert_true(level.told);
	assert_true(level.alone > 1.0 && seen() == 0);
}

/*
 * With a clock of 25 MHz a reading has few steps: the threshold is raised, so that the clock alone
 * does not exceed it.
 */
static void a_coarse_clock_moves_the_threshold(void **state)
{
	struct neighbour_level level;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < N; i++)
		readings[i] = made_up(1.0, 3.41e9, 104);
	level = classified(104);
	n = seen();
	assert_true(level.threshold > 1.2 * level.alone);
	assert_true(n <= N / 50);
}

static void too_few_or_broken_readings_say_nothing(void **state)
{
	static const signed char none[] = {0, 0, 0}, all[] = {1, 1}, mixed[] = {0, 1, 0},
				 unknown[] = {1, -1};
	struct neighbour_level level;

	(void)state;
	for (size_t i = 0; i < 7; i++)
		readings[i] = made_up(1.0, 3.41e9, 1);
	assert_int_equal(neighbour_classify(readings, 7, 1, flags, &level), 0);
	assert_false(level.told);
	assert_int_equal(flags[0], NEIGHBOUR_UNKNOWN);
	memset(readings, 0, sizeof(readings));
	level = classified(1);
	assert_false(level.told);
	assert_true(isnan(level.seen) && flags[N - 1] == NEIGHBOUR_UNKNOWN);
	assert_int_equal(neighbour_classify(NULL, 0, 1, NULL, &level), 0);
	assert_false(level.told);

	assert_int_equal(neighbour_join(none, 3), NEIGHBOUR_NONE);
	assert_int_equal(neighbour_join(all, 2), NEIGHBOUR_SEEN);
	assert_int_equal(neighbour_join(mixed, 3), NEIGHBOUR_PARTLY);
	assert_int_equal(neighbour_join(unknown, 2), NEIGHBOUR_UNKNOWN);
	assert_int_equal(neighbour_join(NULL, 0), NEIGHBOUR_UNKNOWN);
}

/*
 * The frequency comes from the chain: a planted one is found, and a neighbour does not change it.
 */
static void the_chain_tells_the_frequency(void **state)
{
	struct neighbour_reading none = {0, 0};
	double sum[2] = {0, 0};

	(void)state;
	for (size_t i = 0; i < N; i++)
		for (int k = 0; k < 2; k++) {
			struct neighbour_reading r = made_up(1 + 0.5 * k, 3.41e9, 26);

			sum[k] += neighbour_hz(&r, TICKS_PER_S) / N;
		}
	assert_true(fabs(sum[0] / 3.41e9 - 1) < 0.005);
	assert_true(fabs(sum[1] / 3.41e9 - 1) < 0.005);
	assert_true(isnan(neighbour_hz(&none, TICKS_PER_S)));
}

/* The real loops: both take time, more than a clock read. */
static void a_reading_is_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < 200; i++)
		neighbour_read(&readings[i]);
	for (size_t i = 0; i < 200; i++) {
		assert_true(readings[i].chain_ticks > 0);
		assert_true(readings[i].throughput_ticks > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(it_does_not_fire_on_nothing, setup),
		cmocka_unit_test_setup(both_modes_are_told_apart, setup),
		cmocka_unit_test_setup(all_contended_is_not_taken_for_alone, setup),
		cmocka_unit_test_setup(short_readings_are_no_level, setup),
		cmocka_unit_test_setup(a_coarse_clock_moves_the_threshold, setup),
		cmocka_unit_test_setup(too_few_or_broken_readings_say_nothing, setup),
		cmocka_unit_test_setup(the_chain_tells_the_frequency, setup),
		cmocka_unit_test_setup(a_reading_is_one, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
