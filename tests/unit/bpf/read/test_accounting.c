/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events produced, received and lost: which counts agree, and what is reported when they do not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "calib/error.h"
#include "bpf/read/accounting.h"

static struct error why;

static int check(struct accounting_sum sum)
{
	*why.text = '\0';
	return accounting_check(&sum, "CPU 3", &why);
}

static void balances_to_the_event(void **state)
{
	(void)state;
	assert_int_equal(check((struct accounting_sum){0}), 0);
	assert_int_equal(check((struct accounting_sum){.produced = 9, .received = 9}), 0);
	assert_int_equal(
		check((struct accounting_sum){.produced = 9, .received = 7, .lost = 2, .told = 2}),
		0);
	assert_string_equal(why.text, "");
}

static void each_difference_is_said_with_all_counts(void **state)
{
	const struct accounting_sum bad[] = {
		{.produced = 9, .received = 8},
		{.produced = 9, .received = 8, .lost = 1},
		{.produced = 9, .received = 8, .told = 1},
		{.produced = 9, .received = 9, .foreign = 1},
		{.produced = 9, .received = 9, .disorder = 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(check(bad[i]), -EBADMSG);
		assert_non_null(strstr(why.text, "CPU 3: 9 events produced, "));
	}
}

static void a_perf_record_is_padded_by_less_than_eight(void **state)
{
	(void)state;
	assert_false(accounting_has_size(31, 32));
	assert_true(accounting_has_size(32, 32));
	assert_true(accounting_has_size(36, 32));
	assert_false(accounting_has_size(40, 32));
}

static void lost_records_add_up(void **state)
{
	struct accounting counted = {0};

	(void)state;
	accounting_lost(&counted, 0, 3);
	accounting_lost(&counted, 1, 4);
	assert_int_equal(counted.lost_records, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(balances_to_the_event),
		cmocka_unit_test(each_difference_is_said_with_all_counts),
		cmocka_unit_test(a_perf_record_is_padded_by_less_than_eight),
		cmocka_unit_test(lost_records_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
