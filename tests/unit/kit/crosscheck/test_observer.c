/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sessions with other programs: ready, silent, missing, ended early; and the parsing of perf
 * trace's summary.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/crosscheck/tool_session.h"
#include "kit/crosscheck/observer.h"

/* perf 6.1, perf trace -s -p PID */
static const char summary[] =
	"\n Summary of events:\n\n bpftoll (9116), 8388 events, 99.9%\n\n"
	"   syscall            calls  errors  total       min       avg       max       stddev\n"
	"                                     (msec)    (msec)    (msec)    (msec)        (%)\n"
	"   --------------- --------  ------ -------- --------- --------- ---------     ------\n"
	"   munmap              4160   4160    10.245     0.002     0.002     0.119      1.23%\n"
	"   read                   2      0     0.047     0.002     0.006     0.021     47.45%\n\n";

static void reads_the_row_of_the_call(void **state)
{
	double calls = 0, total_ms = 0;

	(void)state;
	assert_true(observer_read_summary(summary, "munmap", &calls, &total_ms));
	assert_float_equal(calls, 4160, 0);
	assert_float_equal(total_ms, 10.245, 1e-9);
	assert_false(observer_read_summary(summary, "madvise", &calls, &total_ms));
	assert_false(observer_read_summary("", "munmap", &calls, &total_ms));
	assert_false(observer_read_summary("   munmap  0 0 0.0", "munmap", &calls, &total_ms));
	assert_false(observer_read_summary("   munmap  many", "munmap", &calls, &total_ms));
}

static void waits_until_it_has_spoken(void **state)
{
	static const char *const words[] = {"one", "two"};
	char *argv[] = {"cat", "-", "/dev/zero", NULL};
	char *echo[] = {"echo", "two and one", NULL};
	struct session s = {.out_fd = -1};
	char *command;
	struct error why = {0};

	(void)state;
	assert_int_equal(session_start(&s, echo, -1, &why), 0);
	assert_int_equal(session_until(&s, words, 2, 60, &why), 0);
	assert_string_equal(session_stop(&s), "two and one\n");
	/* a program that never says so and never ends by itself is killed */
	assert_int_equal(session_start(&s, argv, -1, &why), 0);
	assert_int_equal(session_until(&s, words, 2, 0, &why), -ETIMEDOUT);
	assert_non_null(strstr(why.text, "not ready"));
	session_stop(&s);
	session_free(&s);
	command = session_command(echo);
	assert_string_equal(command, "echo two and one");
	free(command);
}

static void says_why_it_ended(void **state)
{
	static const char *const words[] = {"ready"};
	char *missing[] = {"cat", "/nonexistent/file", NULL};
	char *absent[] = {"no-such-program-here", NULL};
	char *silent[] = {"true", NULL};
	struct session s = {.out_fd = -1};
	struct error why = {0};

	(void)state;
	assert_int_equal(session_start(&s, missing, -1, &why), 0);
	assert_int_equal(session_until(&s, words, 1, 60, &why), -EPIPE);
	assert_non_null(strstr(why.text, "No such file"));
	session_stop(&s);
	assert_int_equal(session_start(&s, silent, -1, &why), 0);
	assert_int_equal(session_until_polling(&s, 60, &why), -EPIPE);
	assert_non_null(strstr(why.text, "said nothing"));
	session_stop(&s);
	assert_int_equal(session_start(&s, absent, -1, &why), -ENOENT);
	assert_string_equal(session_stop(&s), "");
	session_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_row_of_the_call),
		cmocka_unit_test(waits_until_it_has_spoken),
		cmocka_unit_test(says_why_it_ended),
	};

	return cmocka_run_group_tests_name("witness", tests, NULL, NULL);
}
