/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
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

#include "reports/show/verdict/diff_print.h"
#include "reports/stats/stats.h"
#include "tests/unit/reports/example.h"

static int diff_records(const struct record *a, const struct record *b, double margin,
			struct diff *out, struct error *why)
{
	/* the pages refer to what they are given here: it must outlive the call */
	static const struct record *kept[2];
	const struct diff_side one = {&kept[0], 1}, other = {&kept[1], 1};

	kept[0] = a;
	kept[1] = b;
	return diff_sides(&one, &other, margin, out, why);
}

/* A record of raw_tp programs with these costs, ± half. */
static struct record *record_of(const double *costs, size_t n, double half, enum unit unit)
{
	static const char *const bodies[] = {"empty", "pid", "args", "clock"};
	struct record *rec = record_new();

	example_host(rec);
	for (size_t i = 0; i < n; i++) {
		struct record_result *result =
			example_config(rec, "raw_tp", bodies[i], "munmap_einval", "-", costs[i]);

		result->unit = unit;
		result->overhead.typical =
			(struct effect){costs[i], costs[i] - half, costs[i] + half};
		result->overhead.p50 = result->overhead.typical;
	}
	return rec;
}

static void test_verdicts(void **state)
{
	const double before[] = {100, 100, 100, 100}, after[] = {110, 90, 100.2, 103};
	struct record *a = record_of(before, 4, 1, UNIT_NS), *b = record_of(after, 4, 1, UNIT_NS);
	struct error why;
	struct diff d;

	(void)state;
	assert_int_equal(diff_records(a, b, 0.05, &d, &why), 0);
	assert_int_equal(d.n, 4);
	assert_int_equal(d.pairs[0].verdict, DIFF_SLOWER);
	assert_true(d.pairs[0].past_gate);
	assert_int_equal(d.pairs[1].verdict, DIFF_FASTER);
	assert_int_equal(d.pairs[2].verdict, DIFF_SAME);
	/* slower by 3 %: seen, and allowed by the gate */
	assert_int_equal(d.pairs[3].verdict, DIFF_SLOWER);
	assert_false(d.pairs[3].past_gate);
	assert_int_equal(d.past_gate, 1);
	for (size_t i = 0; i < d.n; i++)
		assert_true(d.pairs[i].p_holm >= d.pairs[i].p);
	diff_free(&d);
	record_free(a);
	record_free(b);
}

/* What one test alone would call a difference, four tests together do not. */
static void test_many_tests(void **state)
{
	const double before[] = {100, 100, 100, 100}, after[] = {103.2, 100, 100, 100};
	struct record *a = record_of(before, 4, 2, UNIT_NS), *b = record_of(after, 4, 2, UNIT_NS);
	struct error why;
	struct diff d;

	(void)state;
	assert_int_equal(diff_records(a, b, 0.05, &d, &why), 0);
	assert_true(d.pairs[0].p < 0.05 && d.pairs[0].p_holm > 0.05);
	assert_int_equal(d.pairs[0].verdict, DIFF_UNDECIDED);
	diff_free(&d);
	assert_int_equal(diff_records(a, b, 0.001, &d, &why), 0);
	assert_int_equal(d.pairs[1].verdict, DIFF_UNDECIDED);
	diff_free(&d);
	record_free(a);
	record_free(b);
}

static void test_exact(void **state)
{
	const double before[] = {342, 0, 100, 116}, after[] = {343, 0, 99, 130};
	struct record *a = record_of(before, 4, 0, UNIT_INSTRUCTIONS);
	struct record *b = record_of(after, 4, 0, UNIT_INSTRUCTIONS);
	struct error why;
	struct diff d;

	(void)state;
	assert_int_equal(diff_records(a, b, 0.05, &d, &why), 0);
	assert_int_equal(d.pairs[0].verdict, DIFF_SLOWER);
	assert_false(d.pairs[0].past_gate);
	assert_int_equal(d.pairs[1].verdict, DIFF_SAME);
	assert_int_equal(d.pairs[2].verdict, DIFF_FASTER);
	assert_true(d.pairs[3].past_gate);
	diff_free(&d);
	record_free(a);
	record_free(b);
}

/* The true ratio is in the interval of 95 runs in 100, and of what may be zero there is none. */
static void test_ratio(void **state)
{
	/* true costs, and the standard error of each as a share of A */
	static const double cases[][3] = {
		{100, 82, 0.02}, {100, 82, 0.15}, {100, 300, 0.10}, {100, 5, 0.10}};
	enum { TRIALS = 4000, DF = 19 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	(void)state;
	for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
		size_t held = 0, bounded = 0;

		for (size_t t = 0; t < TRIALS; t++) {
			double error = cases[k][2] * cases[k][0], x[2], half[2];
			struct record *rec[2];
			struct error why;
			struct diff d;

			for (int i = 0; i < 2; i++) {
				x[i] = cases[k][i] + gsl_ran_gaussian(rng, error);
				half[i] = stats_t_quantile(DF) * error *
					  sqrt(gsl_ran_chisq(rng, DF) / DF);
				rec[i] = record_of(&x[i], 1, half[i], UNIT_NS);
			}
			assert_int_equal(diff_records(rec[0], rec[1], 0.05, &d, &why), 0);
			bounded += !isnan(d.pairs[0].ratio.lo);
			held += d.pairs[0].ratio.lo <= cases[k][1] / cases[k][0] &&
				d.pairs[0].ratio.hi >= cases[k][1] / cases[k][0];
			diff_free(&d);
			record_free(rec[0]);
			record_free(rec[1]);
		}
		print_message("ratio %.2f, error %.0f %%: in %zu of %zu intervals\n",
			      cases[k][1] / cases[k][0], 100 * cases[k][2], held, bounded);
		assert_true(bounded > TRIALS * 0.98);
		assert_in_range(1000 * held / bounded, 938, 965);
	}
	gsl_rng_free(rng);
}

static void test_ratio_of_nothing(void **state)
{
	const double before[] = {1}, after[] = {100};
	struct record *a = record_of(before, 1, 2, UNIT_NS), *b = record_of(after, 1, 2, UNIT_NS);
	struct error why;
	struct diff d;

	(void)state;
	assert_int_equal(diff_records(a, b, 0.05, &d, &why), 0);
	assert_true(isnan(d.pairs[0].ratio.lo) && isnan(d.pairs[0].ratio.hi));
	diff_free(&d);
	record_free(a);
	record_free(b);
}

static void test_refusals(void **state)
{
	const double costs[] = {100, 100};
	struct record *a = record_of(costs, 2, 1, UNIT_NS), *b;
	struct error why;
	struct diff d;

	(void)state;
	b = record_of(costs, 2, 1, UNIT_INSTRUCTIONS);
	assert_int_equal(diff_records(a, b, 0.05, &d, &why), -EINVAL);
	assert_non_null(strstr(why.text, "do not compare"));
	record_free(b);
	b = record_new();
	assert_int_equal(diff_records(a, b, 0.05, &d, &why), -EINVAL);
	assert_non_null(strstr(why.text, "no configuration was measured in both"));
	record_free(b);
	record_free(a);
}

static void test_print(void **state)
{
	const double costs[] = {100, 100};
	struct record *a = record_of(costs, 2, 1, UNIT_NS), *b = record_of(costs, 2, NAN, UNIT_NS);
	char *text;
	struct error why;
	struct diff d;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	example_config(a, "raw_tp", "perf", "munmap_einval", "idle", 200);
	free(b->host.kernel);
	b->host.kernel = strdup("6.12 \x1b[2J");
	assert_int_equal(diff_records(a, b, 0.05, &d, &why), 0);
	assert_int_equal(d.pairs[0].verdict, DIFF_UNDECIDED);
	d.gated = true;
	assert_int_equal(diff_print(&d, RENDER_TEXT, out), 0);
	fclose(out);
	assert_non_null(strstr(text, "kernel 6.1.0-28-amd64 / 6.12"));
	assert_non_null(strstr(text, "only in A       raw_tp_perf/munmap_einval/idle/hot"));
	assert_non_null(strstr(text, "2 pairs: 0 same, 0 slower, 0 faster, 2 undecided"));
	assert_null(strchr(text, '\x1b'));
	free(text);
	diff_free(&d);
	record_free(a);
	record_free(b);
}

enum { RESULTS = 4, RUNS = 3 };

/*
 * Three runs a side: each run differs by a few per cent (a boot, a placement), which its narrow
 * interval does not include.
 */
static size_t fired(gsl_rng *rng, double between, double dearer, size_t runs, double margin)
{
	const struct record *side[2][RUNS];
	struct diff_side a = {side[0], runs}, b = {side[1], runs};
	struct error why;
	struct diff d;
	size_t past;

	for (size_t s = 0; s < 2; s++)
		for (size_t r = 0; r < runs; r++) {
			double costs[RESULTS], off = 1 + gsl_ran_gaussian(rng, between);

			for (size_t i = 0; i < RESULTS; i++)
				costs[i] = 100 * (s && i == 1 ? 1 + dearer : 1) * off +
					   gsl_ran_gaussian(rng, 0.5);
			side[s][r] = record_of(costs, RESULTS, 1.1, UNIT_NS);
		}
	assert_int_equal(diff_sides(&a, &b, margin, &d, &why), 0);
	past = d.past_gate;
	diff_free(&d);
	for (size_t r = 0; r < 2 * runs; r++)
		record_free((struct record *)side[r / runs][r % runs]);
	return past > 0;
}

/*
 * A gate at 0 %, the strictest: without a change it may fail in 2.5 % of trials; with one run a
 * side it fails in most.
 */
static void test_gate(void **state)
{
	enum { TRIALS = 1000 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t idle = 0, alone = 0, planted = 0;

	(void)state;
	gsl_rng_set(rng, 21);
	for (int i = 0; i < TRIALS; i++)
		idle += fired(rng, 0.08, 0, RUNS, 0);
	for (int i = 0; i < TRIALS / 10; i++) {
		alone += fired(rng, 0.08, 0, 1, 0);
		planted += fired(rng, 0.03, 0.3, RUNS, 0.05);
	}
	print_message(
		"gate at 0 %%, three runs a side that differ by 8 %%: fires in %.1f %%; one run a "
		"side: in %zu %%; at 5 %% with 30 %% planted: in %zu %%\n",
		100.0 * (double)idle / TRIALS, alone, planted);
	assert_true(idle <= TRIALS * 25 / 1000);
	assert_true(alone > 30);
	assert_true(planted >= 80);
	gsl_rng_free(rng);
}

static void test_says_what_is_covered(void **state)
{
	const double costs[] = {100, 100};
	const struct record *a[] = {record_of(costs, 2, 1, UNIT_NS),
				    record_of(costs, 2, 1, UNIT_NS)};
	const struct record *b[] = {record_of(costs, 2, 1, UNIT_NS)};

	(void)state;
	for (size_t n = 1; n <= 2; n++) {
		struct diff_side x = {a, n}, y = {b, 1};
		char *text;
		struct error why;
		struct diff d;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		assert_int_equal(diff_sides(&x, &y, 0.05, &d, &why), 0);
		d.gated = true;
		assert_int_equal(diff_print(&d, RENDER_TEXT, out), 0);
		fclose(out);
		/* whatever line it is broken at */
		assert_non_null(
			strstr(text, n == 1 ? "these two runs" : "The gate covers the next"));
		free(text);
		diff_free(&d);
	}
	record_free((struct record *)a[0]);
	record_free((struct record *)a[1]);
	record_free((struct record *)b[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_many_tests),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_ratio),
		cmocka_unit_test(test_ratio_of_nothing),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_gate),
		cmocka_unit_test(test_says_what_is_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
