/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "kit/cmd/cli.h"
#include "kit/system/process.h"

#define LIMIT_S 60

static struct error why;

static void what_it_says_comes_back(void **state)
{
	char *argv[] = {(char[]){"echo"}, (char[]){"said"}, NULL}, *out = NULL;

	(void)state;
	assert_int_equal(process_run(argv, NULL, &out, &why), 0);
	assert_string_equal(out, "said\n");
	free(out);
}

static void a_program_that_is_not_there(void **state)
{
	char *argv[] = {(char[]){"no-such-program"}, NULL};

	(void)state;
	assert_int_equal(process_run(argv, NULL, NULL, &why), -ENOENT);
}

/* The signal came after the last look at stop and before the wait: no system call returns EINTR. */
static void stopped_before_the_wait(void **state)
{
	char *argv[] = {(char[]){"sleep"}, (char[]){"1000"}, NULL};

	(void)state;
	alarm(LIMIT_S);
	cli_stop = 1;
	assert_int_equal(process_run(argv, NULL, NULL, &why), -EINTR);
	cli_stop = 0;
	alarm(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_says_comes_back),
		cmocka_unit_test(a_program_that_is_not_there),
		cmocka_unit_test(stopped_before_the_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
