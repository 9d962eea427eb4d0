/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fails a gate on counts, and what does not: each with a planted change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/reports/example_gate.h"

static const struct gate_limit none = {0, false};

static const struct gate_row *row_of(const struct gate *g, const char *program, const char *kernel)
{
	for (size_t i = 0; i < g->n; i++)
		if (!strcmp((g->rows[i].a ? g->rows[i].a : g->rows[i].b)->variant, program) &&
		    !strcmp(g->rows[i].kernel, kernel))
			return &g->rows[i];
	fail_msg("no row of %s on %s", program, kernel);
	return NULL;
}

static enum gate_outcome outcome(const struct gate *g, const char *program, const char *kernel)
{
	return row_of(g, program, kernel)->outcome;
}

static void test_example(void **state)
{
	struct gate_example x;
	struct error why;
	struct gate g;

	(void)state;
	gate_example_open(&x);
	assert_int_equal(gate_sides(&x.before, &x.after, none, &g, &why), 0);
	assert_int_equal(g.kernels, 2);
	assert_int_equal(g.failed, 3);
	assert_int_equal(outcome(&g, "same", "6.1.192"), GATE_SAME);
	assert_int_equal(outcome(&g, "longer", "6.1.192"), GATE_GROWN);
	assert_int_equal(outcome(&g, "shorter", "5.10.262"), GATE_LESS);
	assert_int_equal(outcome(&g, "lost", "5.10.262"), GATE_LOST);
	assert_int_equal(outcome(&g, "lost", "6.1.192"), GATE_SAME);
	assert_int_equal(outcome(&g, "new", "6.1.192"), GATE_NEW);
	assert_int_equal(outcome(&g, "old", "6.1.192"), GATE_GONE);
	assert_string_equal(row_of(&g, "lost", "5.10.262")->reason,
			    "kernel's <words> & \"more\"\033[31m");
	assert_int_equal(g.rows[0].outcome, GATE_LOST);
	gate_free(&g);
	gate_example_close(&x);
}

/* One program on one kernel, before and after. */
static enum gate_outcome judged(const double cost[2], const double half[2],
				const uint64_t verified[2], const uint64_t stack[2],
				struct gate_limit limit)
{
	struct record *rec[2];
	struct gate_kernel k[2];
	enum gate_outcome result;
	struct error why;
	struct gate g;

	for (int i = 0; i < 2; i++) {
		struct effect *e;

		rec[i] = gate_record("6.12.118");
		k[i] = (struct gate_kernel){rec[i], "6.12", NULL};
		e = &gate_program(rec[i], "one", cost[i], verified[i], stack[i])->overhead.p50;
		e->lo -= half[i];
		e->hi += half[i];
	}
	assert_int_equal(gate_sides(&(struct gate_side){&k[0], 1}, &(struct gate_side){&k[1], 1},
				    limit, &g, &why),
			 0);
	result = g.rows[0].outcome;
	assert_int_equal(g.failed, gate_fails(result));
	gate_free(&g);
	record_free(rec[0]);
	record_free(rec[1]);
	return result;
}

#define PAIR(type, a, b) ((const type[2]){a, b})
#define JUDGED(a, b, limit)                                                                        \
	judged(PAIR(double, a, b), PAIR(double, 0, 0), PAIR(uint64_t, 5, 5), PAIR(uint64_t, 8, 8), \
	       limit)

static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(JUDGED(100, 101, none), GATE_GROWN);
	assert_int_equal(JUDGED(100, 101, ((struct gate_limit){1, false})), GATE_WITHIN);
	assert_int_equal(JUDGED(100, 102, ((struct gate_limit){1, false})), GATE_GROWN);
	assert_int_equal(JUDGED(100, 105, ((struct gate_limit){5, true})), GATE_WITHIN);
	assert_int_equal(JUDGED(100, 106, ((struct gate_limit){5, true})), GATE_GROWN);
	assert_int_equal(JUDGED(-10, -9, none), GATE_GROWN);
	assert_int_equal(JUDGED(100, 99, none), GATE_LESS);
}

static void test_other_figures(void **state)
{
	const double same[2] = {100, 100}, exact[2] = {0, 0};
	const struct gate_limit ten = {10, false};

	(void)state;
	assert_int_equal(judged(same, exact, PAIR(uint64_t, 5, 6), PAIR(uint64_t, 8, 8), none),
			 GATE_GROWN);
	assert_int_equal(judged(same, exact, PAIR(uint64_t, 5, 6), PAIR(uint64_t, 8, 8), ten),
			 GATE_WITHIN);
	/* a limit in instructions says nothing of bytes; a stack of none is one */
	assert_int_equal(judged(same, exact, PAIR(uint64_t, 5, 5), PAIR(uint64_t, 0, 8), ten),
			 GATE_GROWN);
	/* what a kernel does not tell is not compared */
	assert_int_equal(judged(same, exact, PAIR(uint64_t, 0, 6), PAIR(uint64_t, 8, 8), none),
			 GATE_SAME);
}

/* Rounds that differ: an interval, and only what it proves. */
static void test_unproven(void **state)
{
	const double half[2] = {2, 2};
	const uint64_t verified[2] = {5, 5};

	(void)state;
	assert_int_equal(judged(PAIR(double, 100, 103), half, verified, verified, none),
			 GATE_UNPROVEN);
	assert_int_equal(judged(PAIR(double, 100, 105), half, verified, verified, none),
			 GATE_GROWN);
	assert_int_equal(judged(PAIR(double, 105, 100), half, verified, verified, none), GATE_LESS);
}

/* The kernels of two sides; before: measured unless reason is given. */
static struct gate gate_of(struct record *before, struct record *after, int wanted)
{
	struct gate_kernel a = {before, "6.1", before ? NULL : "panicked"};
	struct gate_kernel b = {after, "6.1", after ? NULL : "panicked"};
	struct error why;
	struct gate g;

	assert_int_equal(
		gate_sides(&(struct gate_side){&a, 1}, &(struct gate_side){&b, 1}, none, &g, &why),
		wanted);
	return g;
}

static void test_losses(void **state)
{
	struct record *a = gate_record("6.1.0-55"), *b = gate_record("6.1.0-56");
	struct record *other = gate_record("6.2.0");
	struct gate g;

	(void)state;
	gate_program(a, "guest", 5, 5, 0);
	gate_refused(a, "unreached", "no trigger that was tried runs it", false);
	gate_refused(a, "never", "refused before as well", true);
	gate_refused(b, "unreached", "unknown func", true);
	gate_refused(b, "never", "refused", true);
	gate_result(b, "guest", "getppid")->overhead.p50 = (struct effect){5, 5, 5};
	gate_program(other, "guest", 5, 5, 0);
	/* another build of the kernel; another operation; a program that no call ran, now refused
	 */
	g = gate_of(a, b, 0);
	assert_true(g.other_build);
	assert_int_equal(g.neither, 1);
	assert_int_equal(outcome(&g, "guest", "6.1"), GATE_OTHER);
	assert_int_equal(outcome(&g, "unreached", "6.1"), GATE_LOST);
	assert_int_equal(g.failed, 2);
	gate_free(&g);
	/* a guest without a record loses all of its programs */
	g = gate_of(a, NULL, 0);
	assert_int_equal(outcome(&g, "guest", "6.1"), GATE_LOST);
	assert_string_equal(g.rows[0].reason, "panicked");
	gate_free(&g);
	g = gate_of(NULL, b, 0);
	assert_int_equal(g.blind, 1);
	assert_int_equal(g.failed, 0);
	gate_free(&g);
	record_free(a);
	record_free(b);
	record_free(other);
}

static void test_refused(void **state)
{
	struct record *a = gate_record("6.1"), *b = gate_record("6.2");
	struct gate_kernel one = {a, "6.1", NULL}, two = {b, "6.2", NULL};
	const struct gate_side before = {&one, 1}, after = {&two, 1};
	struct error why;
	struct gate g;

	(void)state;
	gate_program(a, "one", 5, 5, 0);
	gate_program(b, "one", 5, 5, 0);
	assert_int_equal(gate_sides(&before, &after, none, &g, &why), -EINVAL);
	assert_non_null(strstr(why.text, "no kernel is in both"));
	a->results[0]->unit = UNIT_NS;
	assert_int_equal(gate_sides(&before, &before, none, &g, &why), -EINVAL);
	assert_non_null(strstr(why.text, "record of times"));
	record_free(a);
	record_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example),	      cmocka_unit_test(test_limits),
		cmocka_unit_test(test_other_figures), cmocka_unit_test(test_unproven),
		cmocka_unit_test(test_losses),	      cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
