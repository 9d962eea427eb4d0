/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that differ within their intervals, and runs that do not. */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/judge/agree.h"
#include "reports/show/verdict/diff_print.h"
#include "reports/stats/holm.h"
#include "reports/stats/stats.h"
#include "tests/unit/reports/example.h"

enum { RUNS = 5, RESULTS = 20 };

/*
 * Five real runs of one probe on one machine: 126.6 ±2.2, … Chi-square 34.5 with 4 degrees of
 * freedom.
 */
static void test_recorded(void **state)
{
	static const double value[RUNS] = {126.6, 122.2, 121.9, 113.6, 120.3};
	static const double half[RUNS] = {2.2, 3.1, 3.9, 3.9, 3.8};
	struct record *rec[RUNS];
	struct agreement a;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	for (size_t r = 0; r < RUNS; r++) {
		struct record_result *result;

		rec[r] = record_new();
		result = example_config(rec[r], "raw_tp", "empty", "munmap_einval", "-", value[r]);
		result->rounds = 60;
		result->overhead.typical =
			(struct effect){value[r], value[r] - half[r], value[r] + half[r]};
		example_config(rec[r], "raw_tp", "pid", "munmap_einval", "-", 200);
	}
	assert_int_equal(agree_records((const struct record *const *)rec, RUNS, &a), 0);
	assert_int_equal(a.results, 2);
	assert_int_equal(a.n_apart, 1);
	assert_true(agree_say(out, &a, RENDER_TEXT));
	fclose(out);
	assert_string_equal(text,
			    "run A and run D disagree on 1 of 2 results beyond their intervals; "
			    "largest: raw_tp_empty/munmap_einval/-/hot, +114 ±4 in run D and "
			    "+127 ±2 in run A. Figures of one run cover that run alone");
	free(text);
	agree_free(&a);
	for (size_t r = 0; r < RUNS; r++)
		record_free(rec[r]);
}

/* A run's interval for a true value, from that many rounds. */
static struct estimate draw(gsl_rng *rng, double truth, double sd, size_t rounds)
{
	double x[64];
	struct effect e;

	for (size_t i = 0; i < rounds; i++)
		x[i] = truth + gsl_ran_gaussian(rng, sd);
	e = stats_mean_interval(x, rounds);
	return (struct estimate){e.value, (e.hi - e.value) / stats_t_quantile((double)rounds - 1),
				 (double)rounds - 1};
}

/*
 * Over 20 results and 2 to 5 runs of 8 units each: a false alarm in at most 5 % of reports, and a
 * run that differs is found.
 */
static void test_rates(void **state)
{
	enum { TRIALS = 600 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t alarms = 0, seen = 0;

	(void)state;
	gsl_rng_set(rng, 5);
	for (size_t t = 0; t < TRIALS; t++) {
		size_t runs = 2 + t % 4;
		double p[RESULTS];
		bool any = false;

		for (size_t c = 0; c < RESULTS; c++) {
			struct estimate x[RUNS];

			for (size_t r = 0; r < runs; r++)
				x[r] = draw(rng, 100, 1 + (double)(c % 3), 8);
			p[c] = agree_p(x, runs);
		}
		assert_int_equal(holm_correct(p, RESULTS), 0);
		for (size_t c = 0; c < RESULTS; c++)
			any |= p[c] < AGREE_ALPHA;
		alarms += any;
	}
	for (size_t t = 0; t < 100; t++) {
		struct estimate x[3] = {draw(rng, 100, 3, 8), draw(rng, 100, 3, 8),
					draw(rng, 110, 3, 8)};

		seen += agree_p(x, 3) < 0.01;
	}
	print_message(
		"runs that agree: an alarm in %.1f %% of reports of %d results; one off by three "
		"standard deviations of a unit: seen in %zu %%\n",
		100.0 * (double)alarms / TRIALS, RESULTS, seen);
	assert_true(alarms <= TRIALS * 7 / 100); /* 5 %, and the deviations of 600 trials */
	assert_true(seen > 90);
	gsl_rng_free(rng);
}

static void test_exact(void **state)
{
	const struct estimate same[] = {{342, 0, 1}, {342, 0, 1}},
			      apart[] = {{342, 0, 1}, {343, 0, 1}};
	const struct estimate unknown[] = {{342, 1, 5}, {343, NAN, 5}};

	(void)state;
	assert_true(agree_p(same, 2) >= 1);
	assert_true(agree_p(apart, 2) <= 0);
	assert_true(isnan(agree_p(unknown, 2)));
	assert_true(isnan(agree_p(same, 1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
