/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/judge/costs/claims.h"
#include "reports/stats/equivalence.h"
#include "reports/stats/equivalence.h"
#include "reports/stats/stats.h"
#include "tests/unit/reports/example_rows.h"
#include "tests/unit/reports/rendered.h"

static void test_rule(void **state)
{
	(void)state;
	assert_int_equal(equivalence_one(example_about(50, 5), 40, 60), EQUIVALENCE_WITHIN);
	assert_int_equal(equivalence_one(example_about(50, 10), 40, 60), EQUIVALENCE_WITHIN);
	assert_int_equal(equivalence_one(example_about(50, 11), 40, 60), EQUIVALENCE_OPEN);
	assert_int_equal(equivalence_one(example_about(17, 2), 40, 60), EQUIVALENCE_BELOW);
	assert_int_equal(equivalence_one(example_about(70, 2), 40, 60), EQUIVALENCE_ABOVE);
	assert_int_equal(equivalence_one(example_about(61, 2), 40, 60), EQUIVALENCE_OPEN);
	assert_int_equal(equivalence_one((struct effect){50, NAN, NAN}, 40, 60), EQUIVALENCE_OPEN);
	assert_int_equal(equivalence_one(example_about(0.2, 0.5), -INFINITY, 1),
			 EQUIVALENCE_WITHIN);
	assert_int_equal(equivalence_one(example_about(2, 0.5), -INFINITY, 1), EQUIVALENCE_ABOVE);
}

static void test_together(void **state)
{
	struct equivalence_test tests[12];

	(void)state;
	for (size_t i = 0; i < 12; i++)
		tests[i] = (struct equivalence_test){example_about(50, 9.5), 40, 60, 0};
	assert_int_equal(equivalence_holm(tests, 1), 0);
	assert_int_equal(tests[0].outcome, EQUIVALENCE_WITHIN);
	assert_int_equal(equivalence_holm(tests, 12), 0);
	for (size_t i = 0; i < 12; i++)
		assert_int_equal(tests[i].outcome, EQUIVALENCE_OPEN);
	/* those that are certain stay; a figure without an interval is not a test */
	tests[3].e = example_about(50, 2);
	tests[4].e = example_about(90, 5);
	tests[5].e = example_about(10, 5);
	tests[6].e = (struct effect){50, NAN, NAN};
	assert_int_equal(equivalence_holm(tests, 12), 0);
	assert_int_equal(tests[3].outcome, EQUIVALENCE_WITHIN);
	assert_int_equal(tests[4].outcome, EQUIVALENCE_ABOVE);
	assert_int_equal(tests[5].outcome, EQUIVALENCE_BELOW);
	assert_int_equal(tests[6].outcome, EQUIVALENCE_OPEN);
	assert_int_equal(tests[0].outcome, EQUIVALENCE_OPEN);
}

/*
 * Twenty-four figures whose true values are on an edge: in how many of 2,000 sets is one of them
 * decided? Tested one by one, in half of the sets.
 */
static void test_familywise(void **state)
{
	enum { FIGURES = 24, SETS = 2000, DF = 7 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t wrong = 0, alone = 0;

	(void)state;
	for (size_t set = 0; set < SETS; set++) {
		struct equivalence_test tests[FIGURES];
		size_t called = 0, one = 0;

		for (size_t i = 0; i < FIGURES; i++) {
			double half = stats_t_quantile(DF) * sqrt(gsl_ran_chisq(rng, DF) / DF);

			/* the truth is just above 60, so "within" is wrong */
			tests[i] = (struct equivalence_test){
				example_about(60.001 + gsl_ran_ugaussian(rng), half), 40, 60, 0};
			one += equivalence_one(tests[i].e, 40, 60) == EQUIVALENCE_WITHIN;
		}
		assert_int_equal(equivalence_holm(tests, FIGURES), 0);
		for (size_t i = 0; i < FIGURES; i++)
			called += tests[i].outcome == EQUIVALENCE_WITHIN;
		wrong += called > 0;
		alone += one > 0;
	}
	gsl_rng_free(rng);
	print_message("a wrong \"within\" in %.1f %% of sets; one by one in %.1f %%\n",
		      100.0 * (double)wrong / SETS, 100.0 * (double)alone / SETS);
	assert_true(wrong < 0.04 * SETS);
	assert_true(alone > 0.3 * SETS);
}

static const struct claim_row *row_of(const struct claim_row *rows, size_t n, const char *what,
				      const char *by)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].what, what) == 0 && strstr(rows[i].by, by))
			return &rows[i];
	}
	fail_msg("no row \"%s\" by \"%s\"", what, by);
	return NULL;
}

static void test_by_prices(void **state)
{
	struct record *rec = record_new();
	struct claim_row rows[CLAIMS_ROWS_MOST];
	size_t n;

	(void)state;
	example_host(rec);
	example_increments(rec, "raw_tp", 31, 1);
	example_increments(rec, "tracepoint", 106, 3);
	example_increments_prices(rec);
	n = claims_collect(rec, rows, CLAIMS_ROWS_MOST);
	/*
	 * four helpers, output with two wakeup policies, two complete probes on each of two hooks
	 */
	assert_int_equal(n, 10);
	assert_int_equal(row_of(rows, n, "hash lookup", "slope, raw_tp, 1024 entries")->verdict,
			 CLAIM_CHEAPER);
	assert_int_equal(row_of(rows, n, "argument by probe_read", "raw_tp")->verdict,
			 CLAIM_UNDECIDED); /* 12 +- 0.3 against 8 to 12 */
	assert_int_equal(row_of(rows, n, "perf_event_output", "none")->verdict, CLAIM_CHEAPER);
	assert_int_equal(row_of(rows, n, "perf_event_output", "per-event")->verdict, CLAIM_DEARER);
	assert_int_equal(row_of(rows, n, "the complete probe", "tracepoint_perf, none")->verdict,
			 CLAIM_CHEAPER);
	assert_int_equal(claims_collect(rec, rows, 3), 3);
	record_free(rec);
}

static void test_by_increments(void **state)
{
	struct record *rec = record_new();
	struct claim_row rows[CLAIMS_ROWS_MOST];
	const struct claim_row *row;
	size_t n;

	(void)state;
	example_host(rec);
	example_increments(rec, "raw_tp", 31, 1);
	example_increments(rec, "kprobe", 290, 1);
	n = claims_collect(rec, rows, CLAIMS_ROWS_MOST);
	/* the probe under test's hook is in the record: no other hook is used */
	row = row_of(rows, n, "hash lookup", "incremental programs on kprobe");
	assert_float_equal(row->measured.value, 17, 1e-9);
	row = row_of(rows, n, "the complete probe", "kprobe_perf, none"); /* 515 +- 3 */
	assert_int_equal(row->verdict, CLAIM_CONFIRMED);
	assert_int_equal(n, 6);
	record_free(rec);
}

static void test_system(void **state)
{
	struct record *rec = record_new();
	struct claim_row rows[CLAIMS_ROWS_MOST];
	char *text;

	(void)state;
	example_host(rec);
	example_point(rec, "sweep", "raw_tp_perf", "idle", 1e4, 40000, 0);
	example_point(rec, "sweep", "raw_tp_perf", "idle", 1e5, 40000, 0);
	example_point(rec, "sweep", "raw_tp_perf", "none", 1e4, 40000, 0);
	assert_int_equal(claims_collect(rec, rows, CLAIMS_ROWS_MOST), 1);
	assert_float_equal(rows[0].measured.value, 0.7, 1e-9);
	assert_int_equal(rows[0].verdict, CLAIM_CONFIRMED);
	text = rendered(rec, RENDER_TEXT);
	says(text, "the system at 10 K/s  < 1 % of a CPU  raw_tp_perf, none");
	fits(text);
	free(text);
	record_free(rec);
}

/* Instructions say nothing about ns; a quick run answers other questions. */
static void test_silent(void **state)
{
	struct record *rec = record_new();
	struct claim_row rows[CLAIMS_ROWS_MOST];

	(void)state;
	example_host(rec);
	example_increments(rec, "raw_tp", 31, 1);
	example_increments_prices(rec);
	for (size_t i = 0; i < rec->n_results; i++)
		rec->results[i]->unit = UNIT_INSTRUCTIONS;
	for (size_t i = 0; i < rec->n_slopes; i++)
		rec->slopes[i].unit = UNIT_INSTRUCTIONS;
	assert_int_equal(claims_collect(rec, rows, CLAIMS_ROWS_MOST), 0);
	record_free(rec);

	rec = example_record();
	assert_int_equal(claims_collect(rec, rows, CLAIMS_ROWS_MOST), 0);
	record_free(rec);
}

static void test_table(void **state)
{
	struct record *rec = record_new();
	char *text;

	(void)state;
	example_host(rec);
	example_increments(rec, "kprobe", 290, 1);
	example_increments_prices(rec);
	text = rendered(rec, RENDER_TEXT);
	says(text, "hash lookup             50 ns        slope, raw_tp, 1024 entries");
	says(text, "REFUTED, cheaper: 0.34x");
	says(text, "kprobe_perf, none");
	says(text, "CONFIRMED\n");
	fits(text);
	free(text);
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rule),	      cmocka_unit_test(test_together),
		cmocka_unit_test(test_familywise),    cmocka_unit_test(test_by_prices),
		cmocka_unit_test(test_by_increments), cmocka_unit_test(test_system),
		cmocka_unit_test(test_silent),	      cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
