/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "calib/path.h"

static void test_whole_or_nothing(void **state)
{
	char path[8] = "before";

	(void)state;
	assert_int_equal(path_put(path, sizeof(path), "%s/%s", "abc", "def"), 0);
	assert_string_equal(path, "abc/def");
	assert_int_equal(path_put(path, sizeof(path), "%s/%s", "abc", "defg"), -ENAMETOOLONG);
	assert_string_equal(path, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_whole_or_nothing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
