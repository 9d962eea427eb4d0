/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats of continuous integration and the gate's answer, as they are: GOLDEN=write writes them
 * anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/export/ci/ci.h"
#include "tests/unit/reports/answer/answered.h"
#include "tests/unit/reports/example_gate.h"

static struct gate_example example;
static struct gate gate;

static int set_up(void **state)
{
	struct error why;

	(void)state;
	gate_example_open(&example);
	return gate_sides(&example.before, &example.after, (struct gate_limit){0, false}, &gate,
			  &why);
}

static int tear_down(void **state)
{
	(void)state;
	gate_free(&gate);
	gate_example_close(&example);
	return 0;
}

#define GOLDEN_CI "../../export/golden/"
#define WRITTEN(name, call)                                 \
	do {                                                \
		char *text = NULL;                          \
		size_t length;                              \
		FILE *out = open_memstream(&text, &length); \
                                                            \
		assert_non_null(out);                       \
		assert_int_equal(call, 0);                  \
		fclose(out);                                \
		assert_null(strchr(text, '\033'));          \
		golden_is(GOLDEN_CI name, text);            \
		free(text);                                 \
	} while (0)

static void test_markdown(void **state)
{
	(void)state;
	WRITTEN("gate.md", ci_markdown(&gate, out));
}

static void test_junit(void **state)
{
	(void)state;
	WRITTEN("junit.xml", ci_junit(&gate, out));
}

static void test_bencher(void **state)
{
	(void)state;
	WRITTEN("bencher.json", ci_bencher(&example.after, out));
}

static void test_github(void **state)
{
	(void)state;
	WRITTEN("github.json", ci_github(&example.after, out));
}

static void test_answer(void **state)
{
	const struct answer_style style = {.width = ANSWER_NARROW};
	struct answer *a = NULL;

	(void)state;
	assert_int_equal(answer_of_gate(&gate, "RUN", &a), 0);
	WRITTEN("gate.answer", answer_print(a, &style, out));
	answer_close(a);
}

static void test_objects(void **state)
{
	const struct record *const records[] = {example.records[1][0], example.records[1][1]};
	const char *const labels[] = {"5.10.262", "6.1.192"};
	const struct answer_style style = {.width = ANSWER_NARROW};
	struct answer *a = NULL;

	(void)state;
	assert_int_equal(answer_of_objects(records, labels, 2, "RUN", &a), 0);
	WRITTEN("objects.answer", answer_print(a, &style, out));
	answer_close(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_markdown), cmocka_unit_test(test_junit),
		cmocka_unit_test(test_bencher),	 cmocka_unit_test(test_github),
		cmocka_unit_test(test_answer),	 cmocka_unit_test(test_objects),
	};

	return cmocka_run_group_tests_name("ci", tests, set_up, tear_down);
}
