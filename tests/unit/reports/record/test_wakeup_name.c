/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reports/record/wakeup_name.h"

static void test_known(void **state)
{
	(void)state;
	assert_string_equal(wakeup_name("caught_up").text, "per-event");
	assert_string_equal(wakeup_name("idle").text, "none");
	assert_string_equal(wakeup_name("none").text, "buffer-full");
	assert_string_equal(wakeup_name("busy").text, "busy-poll");
	assert_string_equal(wakeup_name("polled_1ms").text, "polled-1ms");
	assert_string_equal(wakeup_name("spin").text, "spin");
	assert_string_equal(wakeup_name("-").text, "-");
}

/* 64 is in no name of a record. */
static void test_every(void **state)
{
	(void)state;
	assert_string_equal(wakeup_name("sampled").text, "every-64");
	assert_string_equal(wakeup_name("sampled_16").text, "every-16");
	assert_string_equal(wakeup_name("sampled_16_10ms").text, "every-16-10ms");
}

static void test_unknown(void **state)
{
	char name[200];

	(void)state;
	assert_string_equal(wakeup_name("sleeping").text, "sleeping");
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(strlen(wakeup_name(name).text), sizeof(struct wakeup_name) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_every),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
