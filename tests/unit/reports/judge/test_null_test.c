/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>

#include "reports/judge/null_test.h"
#include "reports/record/samples.h"
#include "reports/show/costs/result_notes.h"
#include "reports/stats/abba.h"
#include "reports/stats/stats.h"

static void test_judge(void **state)
{
	(void)state;
	/* within the bound, zero in it or not */
	assert_int_equal(null_test_judge((struct effect){1, -3, 5}, 6, 50), NULL_PASSES);
	assert_int_equal(null_test_judge((struct effect){0.3, 0.1, 0.6}, 1, 50), NULL_PASSES);
	/* a wide one shows nothing, with zero in it or without */
	assert_int_equal(null_test_judge((struct effect){50, -300, 400}, 6, 50), NULL_UNRESOLVED);
	assert_int_equal(null_test_judge((struct effect){5, 2, 8}, 6, 50), NULL_UNRESOLVED);
	/* beyond it, on either side; of 40 tests one may be beyond by chance, and fewer processes
	 * make it wider */
	assert_int_equal(null_test_judge((struct effect){15, 12, 18}, 6, 50), NULL_FAILS);
	assert_int_equal(null_test_judge((struct effect){-15, -18, -12}, 6, 50), NULL_FAILS);
	assert_int_equal(null_test_judge((struct effect){9, 7, 11}, 6, 50), NULL_UNRESOLVED);
	assert_int_equal(null_test_judge((struct effect){15, 10, 20}, 6, 50), NULL_FAILS);
	assert_int_equal(null_test_judge((struct effect){15, 10, 20}, 6, 7), NULL_UNRESOLVED);
	/* nothing to hold it against: only what is the same passes */
	assert_int_equal(null_test_judge((struct effect){0, 0, 0}, NAN, 50), NULL_PASSES);
	assert_int_equal(null_test_judge((struct effect){9, 7, 11}, NAN, 50), NULL_UNRESOLVED);
	assert_int_equal(null_test_judge((struct effect){0, NAN, NAN}, 6, 50), NULL_UNKNOWN);
	assert_float_equal(null_test_limit((struct effect){-3, -10, 4}), 10, 0);
	assert_true(isnan(null_test_limit((struct effect){0, NAN, NAN})));
}

static void test_bound(void **state)
{
	double visible[] = {90, NAN, 10, 50, 30, 70};
	double small[] = {0.1, 0.2};

	(void)state;
	/* the lower quartile; a clock that reads nanoseconds shows none below one */
	assert_float_equal(null_test_bound(visible, 6, 1), 30, 1e-9);
	assert_float_equal(null_test_bound(small, 2, 1), 1, 0);
	assert_true(isnan(null_test_bound(visible, 0, 1)));
}

/* ---- recorded noise ---- */

#define RUN    "tests/records/quick"
#define CALLS  1024
#define ROUNDS 11
#define ROWS   9
#define TRIALS 4000

/* Differences of blocks with nothing attached, of one round. */
static size_t recorded_noise(double *noise)
{
	static const char *const bare[] = {"none_1", "none_69", "none_71", "none_82", "none_again"};
	enum { BARE = sizeof(bare) / sizeof(bare[0]) };
	double length[BARE][ROUNDS], block[CALLS];
	size_t n = 0, readings;

	for (size_t b = 0; b < BARE; b++) {
		struct error why = {0};
		uint32_t *ticks;
		char name[64];

		snprintf(name, sizeof(name), "%s.munmap_einval.-.stirred.gz", bare[b]);
		if (samples_read(RUN, name, &ticks, &readings, &why))
			fail_msg("%s", why.text);
		assert_int_equal(readings, ROUNDS * CALLS);
		for (size_t r = 0; r < ROUNDS; r++) {
			for (size_t i = 0; i < CALLS; i++)
				block[i] = ticks[r * CALLS + i] / 2.596134;
			gsl_sort(block, 1, CALLS);
			length[b][r] = stats_interquartile_mean_sorted(block, CALLS);
		}
		free(ticks);
	}
	/* both directions, so that they are zero on the average */
	for (size_t a = 0; a < BARE; a++)
		for (size_t b = 0; b < BARE; b++)
			for (size_t r = 0; r < ROUNDS && a != b; r++)
				noise[n++] = length[a][r] - length[b][r];
	return n;
}

/* Of runs whose null test is off by so many typical bounds: how many pass, and how many fail. */
static void trials(gsl_rng *rng, const double *noise, size_t n, double off, double *pass,
		   double *fail)
{
	static double bound = NAN; /* of the first runs, on the average */
	double sum = 0;

	*pass = *fail = 0;
	for (size_t t = 0; t < TRIALS; t++) {
		double visible[ROWS], x[ROUNDS], b;
		enum null_verdict verdict;

		for (size_t row = 0; row <= ROWS; row++) {
			for (size_t r = 0; r < ROUNDS; r++)
				x[r] = noise[gsl_rng_uniform_int(rng, n)] +
				       (row == ROWS && off > 0 ? off * bound : 0);
			if (row < ROWS)
				visible[row] = abba_visible(stats_mean_interval(x, ROUNDS));
		}
		b = null_test_bound(visible, ROWS, 1);
		sum += b;
		verdict = null_test_judge(stats_mean_interval(x, ROUNDS), b, ROUNDS - 1);
		*pass += (verdict == NULL_PASSES) / (double)TRIALS;
		*fail += (verdict == NULL_FAILS) / (double)TRIALS;
	}
	if (isnan(bound))
		bound = sum / TRIALS;
	print_message("off by %.2f bounds of %.1f ns: %.1f %% pass, %.2f %% fail\n", off, bound,
		      100 * *pass, 100 * *fail);
}

static void test_recorded_noise(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double noise[5 * 4 * ROUNDS], pass, fail, none;
	size_t n = recorded_noise(noise);

	(void)state;
	gsl_rng_set(rng, 1);
	trials(rng, noise, n, 0, &none, &fail);
	assert_true(none > 0.3 && fail < 0.001);
	/* a bias that is there, and does not matter */
	trials(rng, noise, n, 0.1, &pass, &fail);
	assert_true(pass > 0.9 * none && fail < 0.001);
	/* at the bound: fails no more often than the level of one test, passes in 2.5 % at most */
	trials(rng, noise, n, 1, &pass, &fail);
	assert_true(pass < 0.05 && fail < 0.01);
	/* a bias that would mislead */
	trials(rng, noise, n, 5, &pass, &fail);
	assert_true(pass < 0.001 && fail > 0.9);
	gsl_rng_free(rng);
}

/* ---- in words ---- */

static void says(const struct record *rec, const char *words)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	null_test_say(out, rec, rec->results[0]);
	fclose(out);
	if (!strstr(text, words))
		fail_msg("\"%s\" does not say \"%s\"", text, words);
	free(text);
}

static enum null_verdict outcome(const struct record *rec)
{
	struct null_test test;

	assert_int_equal(null_test_of(rec, rec->results[0], &test), 0);
	return test.verdict;
}

static void test_words(void **state)
{
	const struct effect none = {NAN, NAN, NAN};
	struct record *rec = record_new();
	struct record_result *aa, *row;

	(void)state;
	assert_non_null(rec);
	aa = record_add_result(rec, "none_again", "none", "aa", "munmap_einval", "-", "hot");
	row = record_add_result(rec, "raw_tp_empty", "raw_tp", "empty", "munmap_einval", "-",
				"hot");
	assert_true(aa && row);
	aa->rounds = 50;
	aa->overhead = (struct overhead){.typical = {1, -3, 5},
					 .mean = {2, -9, 13},
					 .p50 = {0, -2, 2},
					 .p90 = {0, -2, 2},
					 .p99 = {90, 60, 120},
					 .p999 = none};
	says(rec, "Differences under 5.0 ns cannot be seen here; no row has an interval");
	row->overhead = (struct overhead){.typical = {100, 94, 106},
					  .mean = {100, 90, 110},
					  .p50 = {100, 90, 110},
					  .p99 = {100, 90, 110},
					  .p999 = none};
	assert_int_equal(outcome(rec), NULL_FAILS);
	says(rec, "FAILS: typical +1 [-3, +5], mean +2 [-9, +13], p50 0 [-2, +2], p99 +90 [+60, "
		  "+120] ns. Differences under 5.0 ns cannot be seen here. ");
	says(rec, "claim to show (p99: 14 ns): distrust this table");
	aa->overhead.p99 = (struct effect){9, -60, 80};
	assert_int_equal(outcome(rec), NULL_PASSES);
	says(rec, "passes: typical");
	says(rec, "cannot be seen here; the narrower rows claim to show 8.6 ns");
	aa->overhead.typical = (struct effect){50, -300, 400};
	assert_int_equal(outcome(rec), NULL_UNRESOLVED);
	says(rec, "not resolved: typical");
	says(rec, "under 400 ns cannot be seen here, but the narrower rows claim to show 8.6 ns");
	aa->overhead.typical = (struct effect){1, NAN, NAN};
	assert_int_equal(outcome(rec), NULL_UNKNOWN);
	says(rec, "no interval, so no detection limit");
	aa->overhead = (struct overhead){.typical = {0, 0, 0}, .mean = {0, 0, 0}};
	aa->unit = UNIT_INSTRUCTIONS;
	says(rec, "the two are the same");
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_recorded_noise),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
