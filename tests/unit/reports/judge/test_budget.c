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

#include "reports/judge/budget.h"

#define GOOD "{" GOOD_MEMBERS
#define GOOD_MEMBERS                                                                   \
	"\"schema\": \"bpftoll-budget/1\", \"rate\": 5000, \"overload_rate\": 50000, " \
	"\"tick_percent\": 2, \"p99_ns\": {\"green\": 500, \"red\": 800}, "            \
	"\"cpu_percent\": {\"green\": 2, \"red\": null}, "                             \
	"\"loss_percent\": {\"green\": 0.1, \"red\": 1}}"

static int parse(const char *text, struct budget *out, struct error *why)
{
	return budget_parse(text, strlen(text), "b.json", out, why);
}

static void test_default_is_the_missions(void **state)
{
	struct budget b;

	(void)state;
	budget_default(&b);
	assert_true(b.p99_ns.green == 1000 && b.p99_ns.red == 2000);
	assert_true(b.cpu_percent.green == 1 && b.cpu_percent.red == 3);
	assert_true(b.loss_percent.green == 0.01 && isnan(b.loss_percent.red));
	assert_true(b.rate == 10000 && b.overload_rate == 100000 && b.tick_percent == 1);
}

static void test_reads(void **state)
{
	struct error why = {0};
	struct budget b;

	(void)state;
	assert_int_equal(parse(GOOD, &b, &why), 0);
	assert_true(b.rate == 5000 && b.overload_rate == 50000 && b.tick_percent == 2);
	assert_true(b.p99_ns.green == 500 && b.p99_ns.red == 800);
	assert_true(b.cpu_percent.green == 2 && isnan(b.cpu_percent.red));
	assert_true(b.loss_percent.green == 0.1 && b.loss_percent.red == 1);
	assert_true(isnan(b.other_syscalls));
	assert_int_equal(parse("{\"other_syscalls\": 7000, " GOOD_MEMBERS, &b, &why), 0);
	assert_true(b.other_syscalls == 7000);
}

/* GOOD with one part replaced, and what must be said about it. */
static void test_refuses(void **state)
{
	static const struct {
		const char *from, *to, *says;
	} faults[] = {
		{"budget/1", "budget/2", "schema: \"bpftoll-budget/2\" is unknown"},
		{"\"schema\"", "\"scheme\"", "schema: missing"},
		{"\"rate\": 5000, ", "", "rate: missing"},
		{"\"red\": 800", "\"rad\": 800", "p99_ns.rad: unknown member"},
		{", \"red\": 800", "", "p99_ns.red: missing"},
		{"\"tick_percent\": 2", "\"tick_percent\": 2, \"x\\u001b[2J\": 1",
		 "x?[2J: unknown member"},
		{"500,", "\"500\",", "p99_ns.green: not a number"},
		{"500,", "null,", "p99_ns.green: not a number"},
		{"500,", "NaN,", "line 1, column"},
		{"500,", "-1,", "p99_ns.green: -1 is not above 0"},
		{"500,", "1e-300,", "p99_ns.green: 1e-300 is below 1e-09"},
		{"500,", "900,", "p99_ns: red (800) is below green (900)"},
		{"5000,", "1e999,", "line 1"},
		{"{\"green\": 500, \"red\": 800}", "7", "p99_ns: not an object"},
		{"\"rate\": 5000", "\"rate\": 5000, \"rate\": 6", "duplicate"},
		{"1}}", "1}", "line 1"},
		{"\"tick_percent\": 2", "\"tick_percent\": 101", "at most 100"},
		{"\"rate\": 5000", "\"rate\": 5000, \"other_syscalls\": 0",
		 "other_syscalls: 0 is not above 0"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		const char *at = strstr(GOOD, faults[i].from);
		char text[1024];
		struct error why = {0};
		struct budget b;

		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - GOOD), GOOD, faults[i].to,
			 at + strlen(faults[i].from));
		if (parse(text, &b, &why) != -EINVAL || !strstr(why.text, faults[i].says))
			fail_msg("%s: %s (wanted: %s)", text, why.text, faults[i].says);
	}
}

static void test_missing_file(void **state)
{
	struct error why = {0};
	struct budget b;

	(void)state;
	assert_int_equal(budget_read("/nonexistent/budget.json", &b, &why), -ENOENT);
	assert_non_null(strstr(why.text, "/nonexistent/budget.json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_is_the_missions),
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_missing_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
