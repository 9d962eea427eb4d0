/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdicts on made-up figures: what was planted is found, what is wrong is refused. */
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/selfcheck/selfcheck.h"
#include "reports/judge/trust.h"

#define TRIALS	200
#define BATCHES 20
#define POINTS	7
#define QUANTUM 2.0

/* The first `held` of 200 intervals include zero. */
static struct trust_coverage cover(size_t held)
{
	struct effect intervals[TRIALS];
	struct trust_coverage c;

	for (size_t i = 0; i < TRIALS; i++)
		intervals[i] = i < held ? (struct effect){1, -3, 5} : (struct effect){-6, -10, -2};
	trust_coverage(intervals, TRIALS, &c);
	assert_int_equal(c.held, held);
	assert_int_equal(c.trials, TRIALS);
	return c;
}

static void coverage_has_two_limits(void **state)
{
	(void)state;
	assert_int_equal(cover(183).verdict, COVERAGE_LOW);
	assert_int_equal(cover(184).verdict, COVERAGE_NOMINAL);
	assert_int_equal(cover(190).verdict, COVERAGE_NOMINAL);
	assert_int_equal(cover(196).verdict, COVERAGE_NOMINAL);
	assert_int_equal(cover(197).verdict, COVERAGE_HIGH);
	assert_int_equal(cover(200).verdict, COVERAGE_HIGH);
	assert_int_equal(cover(0).verdict, COVERAGE_LOW);
}

/* Intervals that miss zero by less than matters are no fault, however many do. */
static void coverage_within_what_matters(void **state)
{
	struct effect intervals[TRIALS];
	struct trust_coverage c;

	(void)state;
	for (size_t i = 0; i < TRIALS; i++)
		intervals[i] = (struct effect){0.3, 0.1, 0.6};
	trust_coverage(intervals, TRIALS, &c);
	assert_int_equal(c.held, 0);
	assert_int_equal(c.verdict, COVERAGE_NOMINAL);
	assert_float_equal(c.limit, 0.6, 1e-12);
	for (size_t i = 0; i < TRIALS; i++)
		intervals[i] = (struct effect){3, 1.1, 6};
	trust_coverage(intervals, TRIALS, &c);
	assert_int_equal(c.verdict, COVERAGE_LOW);
}

static void coverage_knows_its_own_error(void **state)
{
	struct trust_coverage c = cover(190);

	(void)state;
	/* Clopper and Pearson's interval for 190 of 200, as in tables: 0.9100 to 0.9758 */
	assert_float_equal(c.rate.value, 0.95, 1e-12);
	assert_float_equal(c.rate.lo, 0.9100, 5e-4);
	assert_float_equal(c.rate.hi, 0.9758, 5e-4);
	assert_float_equal(cover(200).rate.hi, 1, 0);
	assert_float_equal(cover(0).rate.lo, 0, 0);
}

static void an_end_on_zero_holds_it_and_no_end_does_not(void **state)
{
	const struct effect intervals[] = {
		{0.5, 0, 1}, {-0.5, -1, 0}, {0, 0, 0}, {0, NAN, NAN}, {1, 0.001, 2}};
	struct trust_coverage c;

	(void)state;
	trust_coverage(intervals, 5, &c);
	assert_int_equal(c.held, 3);
	trust_coverage(intervals, 0, &c);
	assert_true(isnan(c.rate.value));
	assert_int_equal(c.verdict, COVERAGE_LOW);
}

/*
 * Delays of 0 to 1,500 ticks, whose clock drifts by 3 % between batches, found with a given line
 * and noise.
 */
static struct trust_line plant(double slope, double intercept, double scatter)
{
	static const double delays[POINTS] = {0, 47, 94, 188, 376, 751, 1502};
	double planted[BATCHES * POINTS], found[BATCHES * POINTS];
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct trust_line line;

	gsl_rng_set(rng, 4);
	for (size_t i = 0; i < (size_t)BATCHES * POINTS; i++) {
		planted[i] = delays[i % POINTS] * (1 + 0.03 * sin((double)(i / POINTS)));
		found[i] = intercept + slope * planted[i] + gsl_ran_gaussian(rng, scatter);
	}
	gsl_rng_free(rng);
	assert_int_equal(trust_line(planted, found, BATCHES, POINTS, QUANTUM, &line), 0);
	return line;
}

static void a_true_line_is_found(void **state)
{
	struct trust_line line = plant(1, 0, 0.5);

	(void)state;
	assert_true(line.slope_ok && line.intercept_ok);
	assert_true(line.slope.lo < 1 && line.slope.hi > 1);
	assert_true(line.intercept.lo < 0 && line.intercept.hi > 0);
	assert_float_equal(line.intercept_most, QUANTUM / sqrt(12), 1e-12);
	assert_true(fabs(line.worst.value) < 0.5);
}

static void a_planted_line_comes_back(void **state)
{
	struct trust_line line = plant(1.25, -7, 0);

	(void)state;
	assert_float_equal(line.slope.value, 1.25, 1e-9);
	assert_float_equal(line.intercept.value, -7, 1e-6);
	/* the farthest point has the largest error: 1502 * 0.25 - 7, with the mean of the drift */
	assert_float_equal(line.worst_at, 1502, 10);
	assert_float_equal(line.worst.value, line.worst_at * 0.25 - 7, 1e-6);
}

static void a_wrong_slope_is_refused(void **state)
{
	(void)state;
	assert_true(plant(1.008, 0, 0.2).slope_ok);
	assert_false(plant(1.012, 0, 0.2).slope_ok);
	assert_false(plant(0.988, 0, 0.2).slope_ok);
	/* a wrong slope does not make the intercept wrong */
	assert_true(plant(1.012, 0, 0.2).intercept_ok);
}

static void a_wrong_intercept_is_refused(void **state)
{
	(void)state;
	assert_true(plant(1, 0.3, 0.2).intercept_ok);
	assert_false(plant(1, 0.9, 0.2).intercept_ok);
	assert_false(plant(1, -0.9, 0.2).intercept_ok);
	assert_true(plant(1, 0.9, 0.2).slope_ok);
}

static void scatter_proves_nothing(void **state)
{
	struct trust_line line = plant(1, 0, 60);

	(void)state;
	assert_false(line.slope_ok);
	assert_false(line.intercept_ok);
}

static void one_wild_batch_owns_nothing(void **state)
{
	double planted[10 * 3], found[10 * 3];
	struct trust_line line;

	(void)state;
	for (size_t i = 0; i < 30; i++) {
		planted[i] = (double)(i % 3) * 500;
		found[i] = planted[i] + 0.1 * sin((double)i);
	}
	found[17] += 30000;
	assert_int_equal(trust_line(planted, found, 10, 3, QUANTUM, &line), 0);
	assert_true(line.slope_ok && line.intercept_ok);
}

static void too_little_is_no_line(void **state)
{
	const double x[] = {0, 1, 2, 3, 4, 5};
	struct trust_line line;

	(void)state;
	assert_int_equal(trust_line(x, x, 1, 6, 1, &line), -EINVAL);
	assert_int_equal(trust_line(x, x, 3, 2, 1, &line), -EINVAL);
	assert_false(line.slope_ok || line.intercept_ok);
}

/* Prints to text. */
static enum selfcheck_verdict concluded(struct selfcheck *check, char *text, size_t len)
{
	enum selfcheck_verdict all = selfcheck_conclude(check);

	rewind(check->out);
	text[fread(text, 1, len - 1, check->out)] = '\0';
	fclose(check->out);
	return all;
}

/* What is printed and concluded from made-up figures, each with its topic and verdict. */
static enum selfcheck_verdict conclude(const enum selfcheck_verdict *v, size_t n, char *text,
				       size_t len)
{
	struct selfcheck check = {.out = tmpfile(), .width = 200};

	assert_non_null(check.out);
	for (size_t i = 0; i < n; i++)
		selfcheck_say(&check, (enum selfcheck_topic)(i % TOPIC_COUNT), v[i], "a figure",
			      "%d", (int)i);
	return concluded(&check, text, len);
}

static void one_fault_decides(void **state)
{
	enum selfcheck_verdict v[TOPIC_COUNT] = {SELFCHECK_OK};
	char text[4096];

	(void)state;
	assert_int_equal(conclude(v, TOPIC_COUNT, text, sizeof(text)), SELFCHECK_OK);
	assert_non_null(strstr(text, "May be trusted"));
	assert_null(strstr(text, "NOT"));
	v[TOPIC_HITS] = SELFCHECK_NOT_OK;
	v[TOPIC_ACCOUNTING] = SELFCHECK_SKIPPED;
	assert_int_equal(conclude(v, TOPIC_COUNT, text, sizeof(text)), SELFCHECK_NOT_OK);
	assert_non_null(strstr(text, "May NOT be trusted here, now:\n  hits: "));
	assert_non_null(strstr(text, "Not examined:\n  losses\n"));
}

static void a_fault_beats_a_pass_of_its_topic(void **state)
{
	enum selfcheck_verdict v[2 * TOPIC_COUNT] = {SELFCHECK_OK};
	char text[4096];

	(void)state;
	v[TOPIC_DELAYS] = SELFCHECK_NOT_OK; /* the slope; the intercept is ok */
	assert_int_equal(conclude(v, 2 * TOPIC_COUNT, text, sizeof(text)), SELFCHECK_NOT_OK);
	assert_non_null(strstr(text, "May NOT be trusted here, now:\n  nanoseconds: "));
}

/*
 * The figure for 200 intervals of the null test of which `held` include zero, and the conclusion.
 */
static enum selfcheck_verdict conclude_coverage(size_t held, char *text, size_t len)
{
	struct selfcheck check = {.out = tmpfile(), .width = 200};
	struct effect intervals[TRIALS];

	assert_non_null(check.out);
	for (size_t i = 0; i < TRIALS; i++)
		intervals[i] = i < held ? (struct effect){1, -3, 5} : (struct effect){-6, -10, -2};
	selfcheck_say_coverage(&check, TOPIC_TYPICAL, "null test", intervals, TRIALS);
	return concluded(&check, text, len);
}

static void wide_intervals_are_waste_and_narrow_ones_a_fault(void **state)
{
	char text[4096];

	(void)state;
	assert_int_equal(conclude_coverage(200, text, sizeof(text)), SELFCHECK_OK);
	assert_int_equal(strncmp(text, "waste ", 6), 0);
	assert_non_null(strstr(text, "wider than needed"));
	assert_null(strstr(text, "NOT"));
	assert_int_equal(conclude_coverage(197, text, sizeof(text)), SELFCHECK_OK);
	assert_non_null(strstr(text, "could be sharper:\n  intervals of 'typical'"));
	assert_int_equal(conclude_coverage(190, text, sizeof(text)), SELFCHECK_OK);
	assert_int_equal(strncmp(text, "ok ", 3), 0);
	assert_null(strstr(text, "wider"));
	assert_int_equal(conclude_coverage(183, text, sizeof(text)), SELFCHECK_NOT_OK);
	assert_int_equal(strncmp(text, "NOT ok ", 7), 0);
	assert_non_null(strstr(text, "narrower than their error"));
}

static void nothing_examined_is_no_pass(void **state)
{
	char text[4096];

	(void)state;
	assert_int_equal(conclude(NULL, 0, text, sizeof(text)), SELFCHECK_SKIPPED);
	assert_null(strstr(text, "trusted"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(coverage_has_two_limits),
		cmocka_unit_test(coverage_within_what_matters),
		cmocka_unit_test(coverage_knows_its_own_error),
		cmocka_unit_test(an_end_on_zero_holds_it_and_no_end_does_not),
		cmocka_unit_test(a_true_line_is_found),
		cmocka_unit_test(a_planted_line_comes_back),
		cmocka_unit_test(a_wrong_slope_is_refused),
		cmocka_unit_test(a_wrong_intercept_is_refused),
		cmocka_unit_test(scatter_proves_nothing),
		cmocka_unit_test(one_wild_batch_owns_nothing),
		cmocka_unit_test(too_little_is_no_line),
		cmocka_unit_test(one_fault_decides),
		cmocka_unit_test(a_fault_beats_a_pass_of_its_topic),
		cmocka_unit_test(wide_intervals_are_waste_and_narrow_ones_a_fault),
		cmocka_unit_test(nothing_examined_is_no_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
