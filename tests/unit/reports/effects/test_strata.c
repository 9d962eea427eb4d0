/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "reports/effects/strata.h"

#define WORKERS	 8
#define ROUNDS	 12
#define N	 (WORKERS * ROUNDS)
#define ALONE	 92.0 /* in ns, the planted values */
#define BESIDE	 122.0
#define CLOCK_HZ 3.4e9

static double effect[N], hz[N];
static unsigned int worker[N];
static signed char flags[N];

static int setup(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < N; i++) {
		worker[i] = i % WORKERS;
		flags[i] = STRATA_ALONE;
		effect[i] = ALONE;
		hz[i] = CLOCK_HZ;
	}
	return 0;
}

static struct strata evaluated(const struct strata_rounds *rounds)
{
	struct strata out;

	assert_int_equal(strata_evaluate(rounds, &out), 0);
	return out;
}

static struct strata all_known(void)
{
	struct strata_rounds rounds = {effect, worker, flags, hz, N, 0};

	return evaluated(&rounds);
}

static bool holds(struct effect e, double truth)
{
	return e.lo <= truth && truth <= e.hi;
}

/*
 * A run: each process has its own offset (sd 6 ns) and its own share of contended rounds, 0 to 60
 * %; some are contended only in part.
 */
static void make_run(gsl_rng *rng)
{
	for (size_t w = 0; w < WORKERS; w++) {
		double luck = gsl_ran_gaussian(rng, 6), share = 0.6 * gsl_rng_uniform(rng);

		for (size_t r = 0; r < ROUNDS; r++) {
			size_t i = r * WORKERS + w;
			bool contended = gsl_rng_uniform(rng) < share;

			flags[i] = !contended			? STRATA_ALONE
				   : gsl_rng_uniform(rng) < 0.2 ? STRATA_PARTLY
								: STRATA_CONTENDED;
			effect[i] = luck + gsl_ran_gaussian(rng, 10) +
				    (flags[i] == STRATA_ALONE	    ? ALONE
				     : flags[i] == STRATA_CONTENDED ? BESIDE
								    : (ALONE + BESIDE) / 2);
		}
	}
}

/*
 * Over many runs the intervals of both strata include the truth as often as stated; that over all
 * rounds includes neither.
 */
static void intervals_hold_the_planted_truth(void **state)
{
	enum { RUNS = 2000 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	unsigned int alone = 0, beside = 0, given = 0, all = 0;

	(void)state;
	assert_non_null(rng);
	gsl_rng_set(rng, 7);
	for (int run = 0; run < RUNS; run++) {
		struct strata s;

		make_run(rng);
		s = all_known();
		alone += holds(s.uncontended, ALONE);
		all += holds(s.all, ALONE);
		if (isnan(s.contended.value))
			continue;
		given++;
		beside += holds(s.contended, BESIDE);
	}
	gsl_rng_free(rng);
	print_message("alone %.3f, beside %.3f of %u, all %.3f\n", (double)alone / RUNS,
		      (double)beside / given, given, (double)all / RUNS);
	assert_in_range(alone, RUNS * 93 / 100, RUNS * 97 / 100);
	assert_true(given > RUNS / 2);
	assert_in_range(beside, given * 93 / 100, given * 97 / 100);
	assert_true(all < RUNS * 7 / 10);
}

/* How many rounds happened to be contended moves the mean over all rounds, and neither stratum. */
static void a_neighbour_moves_no_headline(void **state)
{
	struct strata quiet, busy;

	(void)state;
	for (size_t i = 0; i < N; i++)
		effect[i] = ALONE + (double)(i * 7 % 11);
	quiet = all_known();
	for (size_t i = 0; i < N; i += 3) {
		flags[i] = STRATA_CONTENDED;
		effect[i] += 100;
	}
	busy = all_known();
	assert_true(quiet.contended_share <= 0);
	assert_true(fabs(busy.contended_share - 1 / 3.0) < 1e-9);
	assert_true(fabs(busy.uncontended.value - quiet.uncontended.value) < 2);
	assert_true(busy.all.value > quiet.all.value + 10);
	assert_true(busy.contended.value > busy.uncontended.value + 90);
	assert_string_equal(busy.note, "");
}

/* Too few for an estimate: withheld, with the reason. */
static void thin_strata_are_withheld(void **state)
{
	struct strata s;

	(void)state;
	flags[0] = flags[1] = STRATA_CONTENDED;
	s = all_known();
	assert_true(isnan(s.contended.value) && isnan(s.contended.lo));
	assert_false(isnan(s.uncontended.value));
	assert_non_null(strstr(s.note, "beside a neighbour: 0 processes had 3 rounds or more, 4"));

	/* only three processes have contended rounds, and four are needed */
	for (size_t i = 0; i < N; i++)
		flags[i] = worker[i] < 3 ? STRATA_CONTENDED : STRATA_ALONE;
	s = all_known();
	assert_true(isnan(s.contended.value));
	assert_non_null(strstr(s.note, "3 processes"));

	for (size_t i = 0; i < N; i++)
		flags[i] = STRATA_CONTENDED;
	s = all_known();
	assert_true(isnan(s.uncontended.value) && s.contended_share >= 1);
	assert_non_null(strstr(s.note, "the core alone: 0 processes"));
	assert_false(isnan(s.cycles.value));
}

static void nothing_known_is_said(void **state)
{
	struct strata_rounds rounds = {effect, worker, NULL, NULL, N, 0};
	struct strata s = evaluated(&rounds);

	(void)state;
	assert_true(isnan(s.contended_share) && isnan(s.uncontended.value));
	assert_true(isnan(s.cycles.value));
	assert_false(isnan(s.all.value));
	assert_string_equal(s.note, "no round is known to be either");
	rounds.n = 0;
	s = evaluated(&rounds);
	assert_true(isnan(s.all.value));
}

/*
 * A round with one contended half belongs to neither stratum and counts as contended; NAN counts as
 * nothing.
 */
static void partly_and_empty_rounds_belong_to_none(void **state)
{
	struct strata s;

	(void)state;
	for (size_t i = 0; i < N; i += 2) {
		flags[i] = STRATA_PARTLY;
		effect[i] = 1000;
	}
	/* worker i % 8: only the odd workers are left */
	s = all_known();
	assert_true(fabs(s.contended_share - 0.5) < 1e-9);
	assert_true(fabs(s.uncontended.value - ALONE) < 1e-9);
	assert_true(isnan(s.contended.value));
	for (size_t i = 0; i < N; i += 2)
		effect[i] = NAN;
	s = all_known();
	assert_true(s.contended_share <= 0);
}

/* One process: an interval over its rounds, of which ten are needed. */
static void one_process_is_judged_by_its_rounds(void **state)
{
	struct strata_rounds rounds = {effect, NULL, flags, hz, N, 0};
	struct strata s;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		flags[i] = i < 9 ? STRATA_CONTENDED : STRATA_ALONE;
		effect[i] += (double)(i * 5 % 7);
	}
	s = evaluated(&rounds);
	assert_true(s.uncontended.lo < s.uncontended.value);
	assert_true(isnan(s.contended.value));
	assert_non_null(strstr(s.note, "9 rounds, 10 are needed"));
}

/*
 * Cycles use each round's own frequency: a core that runs at half speed takes twice the time and
 * the same number of cycles.
 */
static void cycles_follow_the_frequency(void **state)
{
	struct strata s;

	(void)state;
	for (size_t i = 0; i < N; i++)
		if (i / WORKERS % 2) {
			hz[i] = CLOCK_HZ / 2;
			effect[i] = 2 * ALONE;
		}
	s = all_known();
	assert_true(fabs(s.cycles.value - ALONE * CLOCK_HZ * 1e-9) < 1e-6);
	assert_true(s.cycles.hi - s.cycles.lo < 1e-6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(intervals_hold_the_planted_truth, setup),
		cmocka_unit_test_setup(a_neighbour_moves_no_headline, setup),
		cmocka_unit_test_setup(thin_strata_are_withheld, setup),
		cmocka_unit_test_setup(nothing_known_is_said, setup),
		cmocka_unit_test_setup(partly_and_empty_rounds_belong_to_none, setup),
		cmocka_unit_test_setup(one_process_is_judged_by_its_rounds, setup),
		cmocka_unit_test_setup(cycles_follow_the_frequency, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
