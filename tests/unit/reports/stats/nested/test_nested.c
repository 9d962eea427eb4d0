/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reports/stats/stats.h"
#include "tests/bench/nested_draw.h"

#define DATA	 "tests/unit/reports/stats/nested/"
#define NAME_LEN 32

static struct nested *opened(const struct nested_run *runs, size_t n)
{
	struct nested *t = NULL;

	assert_int_equal(nested_open(runs, n, &t), 0);
	return t;
}

/* The runs of one set of lme4_runs.csv, in reverse: the order is of no matter. */
static size_t read_set(const char *set, struct nested_run *runs)
{
	FILE *in = fopen(DATA "lme4_runs.csv", "r");
	char name[NAME_LEN];
	struct nested_run run = {.error = NAN, .df = NAN};
	size_t n = 0;

	assert_non_null(in);
	assert_int_equal(fscanf(in, "%*[^\n]"), 0);
	while (fscanf(in, " %31[^,],%zu,%zu,%lf", name, &run.machine, &run.boot, &run.value) == 4) {
		if (strcmp(name, set) == 0 && n < DRAWN_MOST)
			runs[DRAWN_MOST - ++n] = run;
	}
	fclose(in);
	return n;
}

/* Every figure of lme4 (R) to seven digits: components, mean, criterion. */
static void test_lme4(void **state)
{
	FILE *in = fopen(DATA "lme4_fits.csv", "r");
	char name[NAME_LEN];
	double mean, machine, boot, run, deviance;
	int sets = 0;

	(void)state;
	assert_non_null(in);
	assert_int_equal(fscanf(in, "%*[^\n]"), 0);
	while (fscanf(in, " %31[^,],%lf,%lf,%lf,%lf,%lf", name, &mean, &machine, &boot, &run,
		      &deviance) == 6) {
		struct nested_run runs[DRAWN_MOST];
		size_t n = read_set(name, runs);
		struct nested *t = opened(runs + DRAWN_MOST - n, n);
		struct nested_components c;

		print_message("%s: %zu runs\n", name, n);
		assert_int_equal(nested_reml(t, &c), 0);
		assert_float_equal(c.criterion, deviance, 1e-5);
		assert_float_equal(c.mean, mean, 1e-7 * fabs(mean));
		assert_float_equal(sqrt(c.variance[NESTED_MACHINE]), machine, 1e-4 * run);
		assert_float_equal(sqrt(c.variance[NESTED_BOOT]), boot, 1e-4 * run);
		assert_float_equal(sqrt(c.variance[NESTED_RUN]), run, 1e-4 * run);
		nested_close(t);
		sets++;
	}
	fclose(in);
	assert_int_equal(sets, 6);
}

/* 2 machines × 2 boots × 2 runs, worked out by hand. */
static void test_by_hand(void **state)
{
	const struct nested_run runs[] = {
		{7, 1, 10, 1, 4}, {7, 1, 12, 1, 4}, {7, 2, 15, 1, 4}, {7, 2, 17, 1, 4},
		{9, 1, 30, 1, 4}, {9, 1, 32, 1, 4}, {9, 8, 34, 1, 4}, {9, 8, 38, 1, 4},
	};
	struct nested *t = opened(runs, 8);
	struct nested_summary s;
	struct nested_components c;
	double half = 12.7062 * 20 / 2;

	(void)state;
	nested_summary(t, &s);
	assert_int_equal(s.machines, 2);
	assert_int_equal(s.boots, 4);
	assert_int_equal(s.runs, 8);
	assert_float_equal(s.mean.value, 23.5, 1e-12); /* machines 13.5 and 33.5 */
	assert_float_equal(s.mean.hi - s.mean.value, half, 1e-2);
	assert_true(s.next_machine.hi - s.next_machine.value > half);
	assert_null(s.mean_why);
	assert_int_equal(nested_reml(t, &c), 0);
	/* mean squares: run (2+2+2+8)/4 = 3.5; boot 2 (12.5+12.5)/2 = 25; machine 4 · 200 = 800 */
	assert_float_equal(c.variance[NESTED_RUN] + c.variance[NESTED_ROUND], 3.5, 1e-3);
	assert_float_equal(c.variance[NESTED_ROUND], 1, 1e-12);
	assert_float_equal(c.variance[NESTED_BOOT], (25 - 3.5) / 2, 1e-2);
	assert_float_equal(c.variance[NESTED_MACHINE], (800 - 25) / 4., 1e-1);
	assert_true(isnan(nested_next_boot(t, 8).value));
	assert_float_equal(nested_next_boot(t, 9).value, 33.5, 1e-12);
	nested_close(t);
}

/* One machine: nothing is said of the next; one boot: nor of the next boot. */
static void test_withheld(void **state)
{
	const struct nested_run one[] = {{1, 1, 10, 1, 4}, {1, 1, 11, 1, 4}, {1, 2, 14, 1, 4}};
	struct nested *t = opened(one, 3);
	struct nested_summary s;
	struct nested_shares shares;

	(void)state;
	nested_summary(t, &s);
	assert_true(isnan(s.next_machine.value) && isnan(s.mean.lo));
	assert_non_null(strstr(s.next_machine_why, "one machine"));
	assert_true(s.next_boot.lo < 12.25 && s.next_boot.hi > 12.25);
	assert_int_equal(nested_shares(t, &shares), 0);
	assert_string_equal(shares.why[NESTED_MACHINE], "one machine");
	assert_true(isnan(shares.share[NESTED_BOOT].value)); /* of a whole that is not known */
	assert_true(shares.sd[NESTED_BOOT].value > 0);
	nested_close(t);

	t = opened(one, 2);
	nested_summary(t, &s);
	assert_true(isnan(s.next_boot.value));
	assert_non_null(strstr(s.next_boot_why, "one boot"));
	assert_true(isnan(nested_next_boot(t, 1).value));
	nested_close(t);
}

/* With one run a boot, what boots and runs add is one sum, and is said to be. */
static void test_levels_that_merge(void **state)
{
	const struct nested_run runs[] = {
		{1, 1, 10, 1, 4}, {1, 2, 13, 1, 4}, {2, 1, 20, NAN, 4}, {2, 2, 26, 1, 4}};
	struct nested *t = opened(runs, 4);
	struct nested_shares shares;

	(void)state;
	assert_int_equal(nested_shares(t, &shares), 0);
	assert_int_equal(shares.down_to[NESTED_BOOT], NESTED_ROUND);
	assert_non_null(shares.why[NESTED_RUN]);
	assert_non_null(shares.why[NESTED_ROUND]); /* one run's error is not known */
	assert_null(shares.why[NESTED_MACHINE]);
	nested_close(t);
}

/* Exact counts have no spread, and no interval is made up. */
static void test_exact(void **state)
{
	const struct nested_run same[] = {{1, 1, 643, 0, 4}, {1, 2, 643, 0, 4}, {2, 1, 643, 0, 4}};
	const struct nested_run two[] = {{1, 1, 643, 0, 4},
					 {1, 1, 643, 0, 4},
					 {1, 2, 643, 0, 4},
					 {2, 1, 651, 0, 4},
					 {2, 2, 651, 0, 4}};
	const struct nested_run wrong[] = {{1, 1, NAN, 0, 4}};
	struct nested *t = opened(same, 3), *none;
	struct nested_shares shares;
	struct nested_summary s;
	struct nested_components c;

	(void)state;
	nested_summary(t, &s);
	assert_float_equal(s.next_machine.lo, 643, 0);
	assert_float_equal(s.next_machine.hi, 643, 0);
	assert_int_equal(nested_reml(t, &c), 0);
	assert_float_equal(c.variance[NESTED_MACHINE], 0, 0);
	assert_int_equal(nested_shares(t, &shares), 0);
	assert_true(isnan(shares.share[NESTED_MACHINE].value)); /* of no spread */
	nested_close(t);

	t = opened(two, 5);
	assert_int_equal(nested_reml(t, &c), 0);
	assert_float_equal(c.variance[NESTED_MACHINE], 32, 1e-9);
	assert_float_equal(c.variance[NESTED_BOOT], 0, 0);
	nested_close(t);
	assert_int_equal(nested_open(wrong, 1, &none), -EINVAL);
	assert_int_equal(nested_open(wrong, 0, &none), -EINVAL);
}

/* Of planted truths, the intervals hold 95 in 100; the bench has all designs (make bench). */
static void test_coverage(void **state)
{
	static const struct nested_design designs[] = {
		{2, 2, 1, false, false, 100, 0, 0, 1}, {2, 5, 3, false, false, 100, 10, 1, 1},
		{3, 3, 2, true, false, 100, 1, 5, 1},  {4, 2, 3, true, false, 100, 1, 1, 1},
		{8, 3, 2, false, false, 100, 0, 3, 1}, {8, 5, 1, true, true, 100, 2, 1, 1},
	};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	const size_t trials = 500;

	(void)state;
	assert_non_null(rng);
	for (size_t i = 0; i < sizeof(designs) / sizeof(*designs); i++) {
		struct nested_cover c = nested_cover(rng, designs + i, trials, false);

		print_message("%zu × %zu × %zu: mean %.1f %%, next machine %.1f %%, next boot "
			      "%.1f %%\n",
			      designs[i].machines, designs[i].boots, designs[i].runs, 100 * c.mean,
			      100 * c.next_machine, 100 * c.next_boot);
		assert_true(c.mean > 0.92); /* 3 standard errors of 500 trials */
		assert_true(c.next_machine > 0.92);
		assert_true(designs[i].unequal || c.next_boot > 0.92);
	}
	gsl_rng_free(rng);
}

/* The cheapest numbers, found by trying all. */
static void test_plan(void **state)
{
	const struct nested_costs costs = {.machine = 30, .boot = 10, .run = 1};
	struct nested_components c = {.variance = {4, 9, 20, 5}};
	double best = INFINITY;
	size_t runs = 0, boots = 0;
	struct nested_plan plan;

	(void)state;
	for (size_t b = 1; b < 100; b++)
		for (size_t r = 1; r < 100; r++) {
			double variance = 4 + 9. / (double)b + 25. / (double)(b * r);
			double cost = 30 + (double)b * (10 + (double)r);

			if (variance * cost < best) {
				best = variance * cost;
				boots = b;
				runs = r;
			}
		}
	nested_plan(&c, &costs, 2, &plan);
	assert_int_equal(plan.runs, runs);
	assert_int_equal(plan.boots, boots);
	assert_true(plan.machines > 2 && plan.machines < 50);
	c.variance[NESTED_BOOT] = 0; /* boots do not differ: one, of many runs */
	nested_plan(&c, &costs, NAN, &plan);
	assert_true(plan.runs > 100 || plan.boots == 1);
	assert_true(isnan(plan.machines));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lme4),	 cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_withheld), cmocka_unit_test(test_levels_that_merge),
		cmocka_unit_test(test_exact),	 cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
