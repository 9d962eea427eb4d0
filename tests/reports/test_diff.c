/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/diff.h"
#include "tests/reports/example.h"

/* A record of raw_tp bodies with these costs, ± half. */
static struct record *record_of(const double *costs, size_t n, double half, enum unit unit)
{
	static const char *const bodies[] = {"empty", "pid", "args", "clock"};
	struct record *rec = record_new();

	example_host(rec);
	for (size_t i = 0; i < n; i++) {
		struct record_cell *cell =
			example_arm(rec, "raw_tp", bodies[i], "munmap_einval", "-", costs[i]);

		cell->unit = unit;
		cell->overhead.typical =
			(struct effect){costs[i], costs[i] - half, costs[i] + half};
		cell->overhead.p50 = cell->overhead.typical;
	}
	return rec;
}

static void test_verdicts(void **state)
{
	const double before[] = {100, 100, 100, 100}, after[] = {110, 90, 100.2, 103};
	struct record *a = record_of(before, 4, 1, UNIT_NS), *b = record_of(after, 4, 1, UNIT_NS);
	char why[256];
	struct diff d;

	(void)state;
	assert_int_equal(diff_records(a, b, 0.05, &d, why, sizeof(why)), 0);
	assert_int_equal(d.n, 4);
	assert_int_equal(d.pairs[0].verdict, DIFF_SLOWER);
	assert_true(d.pairs[0].past_gate);
	assert_int_equal(d.pairs[1].verdict, DIFF_FASTER);
	assert_int_equal(d.pairs[2].verdict, DIFF_SAME);
	/* dearer by 3 %: seen, and within the gate */
	assert_int_equal(d.pairs[3].verdict, DIFF_SLOWER);
	assert_false(d.pairs[3].past_gate);
	assert_int_equal(d.past_gate, 1);
	for (size_t i = 0; i < d.n; i++)
		assert_true(d.pairs[i].p_holm >= d.pairs[i].p);
	diff_free(&d);
	record_free(a);
	record_free(b);
}

/* What one test would call a difference, four together do not. */
static void test_many_tests(void **state)
{
	const double before[] = {100, 100, 100, 100}, after[] = {103.2, 100, 100, 100};
	struct record *a = record_of(before, 4, 2, UNIT_NS), *b = record_of(after, 4, 2, UNIT_NS);
	char why[256];
	struct diff d;

	(void)state;
	assert_int_equal(diff_records(a, b, 0.05, &d, why, sizeof(why)), 0);
	assert_true(d.pairs[0].p < 0.05 && d.pairs[0].p_holm > 0.05);
	assert_int_equal(d.pairs[0].verdict, DIFF_UNDECIDED);
	diff_free(&d);
	assert_int_equal(diff_records(a, b, 0.001, &d, why, sizeof(why)), 0);
	assert_int_equal(d.pairs[1].verdict, DIFF_UNDECIDED);
	diff_free(&d);
	record_free(a);
	record_free(b);
}

static void test_exact(void **state)
{
	const double before[] = {342, 0, 100, 116}, after[] = {343, 0, 99, 130};
	struct record *a = record_of(before, 4, 0, UNIT_INSTRUCTIONS);
	struct record *b = record_of(after, 4, 0, UNIT_INSTRUCTIONS);
	char why[256];
	struct diff d;

	(void)state;
	assert_int_equal(diff_records(a, b, 0.05, &d, why, sizeof(why)), 0);
	assert_int_equal(d.pairs[0].verdict, DIFF_SLOWER);
	assert_false(d.pairs[0].past_gate);
	assert_int_equal(d.pairs[1].verdict, DIFF_SAME);
	assert_int_equal(d.pairs[2].verdict, DIFF_FASTER);
	assert_true(d.pairs[3].past_gate);
	diff_free(&d);
	record_free(a);
	record_free(b);
}

static void test_refusals(void **state)
{
	const double costs[] = {100, 100};
	struct record *a = record_of(costs, 2, 1, UNIT_NS), *b;
	char why[256];
	struct diff d;

	(void)state;
	b = record_of(costs, 2, 1, UNIT_INSTRUCTIONS);
	assert_int_equal(diff_records(a, b, 0.05, &d, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "do not compare"));
	record_free(b);
	b = record_new();
	assert_int_equal(diff_records(a, b, 0.05, &d, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "no cell was measured in both"));
	record_free(b);
	record_free(a);
}

static void test_print(void **state)
{
	const double costs[] = {100, 100};
	struct record *a = record_of(costs, 2, 1, UNIT_NS), *b = record_of(costs, 2, NAN, UNIT_NS);
	char why[256], *text;
	struct diff d;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	example_arm(a, "raw_tp", "perf", "munmap_einval", "idle", 200);
	free(b->host.kernel);
	b->host.kernel = strdup("6.12 \x1b[2J");
	assert_int_equal(diff_records(a, b, 0.05, &d, why, sizeof(why)), 0);
	assert_int_equal(d.pairs[0].verdict, DIFF_UNDECIDED);
	d.gated = true;
	assert_int_equal(diff_print(&d, RENDER_TEXT, out), 0);
	fclose(out);
	assert_non_null(strstr(text, "kernel 6.1.0-28-amd64 / 6.12"));
	assert_non_null(strstr(text, "only in A   raw_tp_perf/munmap_einval/idle/hot"));
	assert_non_null(strstr(text, "2 pairs: 0 same, 0 slower, 0 faster, 2 undecided"));
	assert_null(strchr(text, '\x1b'));
	free(text);
	diff_free(&d);
	record_free(a);
	record_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts), cmocka_unit_test(test_many_tests),
		cmocka_unit_test(test_exact),	 cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
