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

#include "reports/judge/null_test.h"
#include "reports/show/costs/result_notes.h"

static void test_judge(void **state)
{
	(void)state;
	/* a wide interval passes with its detection limit, and is not called zero */
	assert_int_equal(null_test_judge((struct effect){1, -3, 5}, 200, 50), NULL_PASSES);
	assert_float_equal(null_test_limit((struct effect){1, -3, 5}), 5, 0);
	assert_float_equal(null_test_limit((struct effect){-3, -10, 4}), 10, 0);
	/* different from zero by less than 1 % of 2,000, or by less than 1 ns of 20 */
	assert_int_equal(null_test_judge((struct effect){15, 12, 18}, 2000, 50), NULL_PASSES);
	assert_int_equal(null_test_judge((struct effect){0.5, 0.4, 0.6}, 20, 50), NULL_PASSES);
	assert_int_equal(null_test_judge((struct effect){0.5, 0.4, 0.6}, NAN, 50), NULL_PASSES);
	/* by more, on either side */
	assert_int_equal(null_test_judge((struct effect){15, 12, 18}, 200, 50), NULL_FAILS);
	assert_int_equal(null_test_judge((struct effect){-15, -18, -12}, 200, 50), NULL_FAILS);
	/*
	 * the 95 % interval is more than 2 ns from zero, the one adjusted for 40 tests is not; with
	 * fewer processes it is wider still
	 */
	assert_int_equal(null_test_judge((struct effect){8, 2.5, 13.5}, 200, 50), NULL_PASSES);
	assert_int_equal(null_test_judge((struct effect){15, 8, 22}, 200, 50), NULL_FAILS);
	assert_int_equal(null_test_judge((struct effect){15, 8, 22}, 200, 7), NULL_PASSES);
	assert_int_equal(null_test_judge((struct effect){0, NAN, NAN}, 200, 50), NULL_UNKNOWN);
	assert_true(isnan(null_test_limit((struct effect){0, NAN, NAN})));
}

static void says(const struct record_result *result, const char *words)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	null_test_say(out, result);
	fclose(out);
	if (!strstr(text, words))
		fail_msg("\"%s\" does not say \"%s\"", text, words);
	free(text);
}

static void test_words(void **state)
{
	const struct effect none = {NAN, NAN, NAN};
	struct record_result result = {
		.rounds = 50,
		.unit = UNIT_NS,
		.baseline = {.typical = 200, .mean = 210, .p50 = 200, .p99 = 400, .p999 = 900},
		.overhead = {.typical = {1, -3, 5},
			     .mean = {2, -9, 13},
			     .p50 = {0, -2, 2},
			     .p90 = {0, -2, 2},
			     .p99 = {90, 60, 120},
			     .p999 = none},
	};

	(void)state;
	assert_int_equal(null_test_result(&result), NULL_FAILS);
	says(&result,
	     "FAILS (p99): typical +1 [-3, +5], mean +2 [-9, +13], p50 0 [-2, +2], p99 +90 [+60, "
	     "+120] ns; detection limit 5.0 ns (typical)");
	says(&result, "distrust this table");
	result.overhead.p99 = (struct effect){9, -60, 80};
	assert_int_equal(null_test_result(&result), NULL_PASSES);
	result.overhead.typical = (struct effect){1, NAN, NAN};
	assert_int_equal(null_test_result(&result), NULL_UNKNOWN);
	says(&result, "no interval, so no detection limit");
	result.overhead = (struct overhead){.typical = {0, 0, 0}, .mean = {0, 0, 0}};
	result.unit = UNIT_INSTRUCTIONS;
	says(&result, "the two are the same");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
