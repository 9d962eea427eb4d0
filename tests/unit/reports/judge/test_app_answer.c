/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/judge/app_answer.h"

static const struct effect none = {NAN, NAN, NAN};

static struct app_result *add(struct record *rec, const char *variant, const char *quantity,
			      struct effect value, struct effect change, struct effect predicted)
{
	struct app_result *row = record_add_app_result(rec);

	assert_non_null(row);
	row->app = strdup("redis");
	row->scale = strdup("quick");
	row->variant = strdup(variant);
	row->monitored = strdup("hit");
	row->quantity = strdup(quantity);
	row->status = RESULT_MEASURED;
	row->windows = 9;
	row->value = value;
	row->change = change;
	row->predicted = predicted;
	return row;
}

/* A program that makes so many calls a second, and a probe that changed and should have changed it
 * by so much. */
static enum app_answer answer(double calls, struct effect change, struct effect predicted)
{
	struct record *rec = record_new();
	enum app_answer out;

	assert_non_null(rec);
	add(rec, "counting", "munmap_per_s", (struct effect){calls, calls, calls}, none, none);
	add(rec, "counting", "madvise_free_per_s", (struct effect){0, 0, 0}, none, none);
	add(rec, "kprobe_perf", "throughput", none, change, predicted);
	out = app_answer(rec, &rec->app_results[2]);
	record_free(rec);
	return out;
}

static void test_answers(void **state)
{
	const struct effect seen = {-10, -12, -8}, nothing = {0, -2, 2};

	(void)state;
	/* without one call there is nothing to be more than, whatever the windows did */
	assert_int_equal(answer(0, seen, (struct effect){-0.8, -1, -0.6}), APP_NEVER);
	assert_string_equal(app_answer_name(APP_NEVER), "the probe never fires here");
	assert_int_equal(answer(5, seen, (struct effect){-0.8, -1, -0.6}), APP_MORE);
	assert_int_equal(answer(5, seen, (struct effect){-20, -22, -18}), APP_LESS);
	assert_int_equal(answer(5, seen, (struct effect){-9, -10, -7}), APP_ALIKE);
	assert_int_equal(answer(5, nothing, (struct effect){-0.8, -1, -0.6}), APP_BELOW);
	assert_int_equal(answer(5, nothing, none), APP_UNKNOWN);
	/* not counted is not zero */
	assert_int_equal(answer(NAN, seen, (struct effect){-20, -22, -18}), APP_LESS);
}

static void test_null(void **state)
{
	struct record *rec = record_new();
	enum null_verdict verdict;
	double bound;

	(void)state;
	assert_non_null(rec);
	add(rec, "kprobe_perf", "throughput", none, (struct effect){-5, -7, -3}, none);
	add(rec, APP_AGAIN, "throughput", none, (struct effect){0.5, 0.2, 0.8}, none);
	/* off zero, by less than the probe's row claims to show */
	assert_int_equal(app_null_test(rec, &rec->app_results[1], &verdict, &bound), 0);
	assert_int_equal(verdict, NULL_PASSES);
	assert_float_equal(bound, 2 * 1.43, 1e-9);
	rec->app_results[1].change = (struct effect){0, -30, 40};
	assert_int_equal(app_null_test(rec, &rec->app_results[1], &verdict, &bound), 0);
	assert_int_equal(verdict, NULL_UNRESOLVED);
	rec->app_results[1].change = (struct effect){20, 18, 22};
	assert_int_equal(app_null_test(rec, &rec->app_results[1], &verdict, &bound), 0);
	assert_int_equal(verdict, NULL_FAILS);
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
