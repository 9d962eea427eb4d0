/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --wakeup-policy takes is what tables show (reports/record/wakeup_name.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/read/wakeup_policy.h"
#include "kit/cmd/options/policy_words.h"
#include "reports/record/wakeup_name.h"

static void a_word_is_shown_as_it_is_taken(void **state)
{
	(void)state;
	for (size_t i = 0; policy_word(i); i++) {
		const char *word = policy_word(i);

		assert_non_null(policy_summary(i));
		if (strcmp(word, "every-N") != 0)
			assert_string_equal(wakeup_name(policy_state(word)).text, word);
	}
}

static void a_number_stays_in_the_name(void **state)
{
	(void)state;
	assert_string_equal(wakeup_name(policy_state("every-16")).text, "every-16");
	assert_string_equal(wakeup_name(policy_state("every-64")).text, "every-64");
	assert_null(policy_state("every-3"));
}

static void names_of_records_are_taken_too(void **state)
{
	(void)state;
	assert_string_equal(policy_state("caught_up"), "caught_up");
	assert_string_equal(policy_state("polled_1ms"), "polled_1ms");
	assert_string_equal(policy_state("none"), "idle"); /* the one name with two meanings */
	assert_null(policy_state("-"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_shown_as_it_is_taken),
		cmocka_unit_test(a_number_stays_in_the_name),
		cmocka_unit_test(names_of_records_are_taken_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
