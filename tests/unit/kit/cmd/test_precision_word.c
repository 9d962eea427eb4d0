/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --precision takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/cmd/options/precision_word.h"

static void test_taken(void **state)
{
	static const struct {
		const char *word;
		double value;
		bool relative;
	} words[] = {{"2ns", 2, false},	  {"0.5us", 500, false}, {".5ns", 0.5, false},
		     {"1ms", 1e6, false}, {"5%", 0.05, true},	 {"0.001ns", 0.001, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct precision got = {0};

		assert_null(precision_word(words[i].word, &got));
		assert_float_equal(got.value, words[i].value, 1e-9);
		assert_int_equal(got.relative, words[i].relative);
	}
}

static void test_refused(void **state)
{
	static const char *const words[] = {"",	     "0",    "0ns", "-1",   "-1ns",
					    "5",     "5kg",  "ns",  "%",    "nanns",
					    "infns", "5 %%", "5%x", "+2ns", "1e999ns"};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct precision got = {0};

		assert_non_null(precision_word(words[i], &got));
		assert_true(got.value == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
