/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reports/predict/change.h"

#define TRIALS 2000

/* cmocka 1.1.5 has it for float only. */
static void near(double got, double wanted, double within)
{
	assert_true(fabs(got - wanted) <= within);
}

/* Straight code at 0.25 ns, returns at 6 ns; exceptions and serialising ones were not measured. */
static struct model make_model(void)
{
	struct model m = {.n_prices = 2};

	m.prices[0].members[CLASS_PLAIN] = m.prices[0].members[CLASS_LOAD] = true;
	m.prices[0].ns = 0.25;
	m.prices[1].members[CLASS_RETURN] = true;
	m.prices[1].ns = 6;
	return m;
}

static void test_price(void **state)
{
	const struct model m = make_model();
	double from[CLASS_COUNT] = {[CLASS_PLAIN] = 100, [CLASS_LOAD] = 40, [CLASS_RETURN] = 8};
	double to[CLASS_COUNT] = {[CLASS_PLAIN] = 80, [CLASS_LOAD] = 60, [CLASS_RETURN] = 9};
	double added, removed;
	enum instruction_class missing = CLASS_COUNT;

	(void)state;
	/* class by class, though both have one price: other classes are other code */
	assert_true(change_price(&m, from, to, &added, &removed, &missing));
	near(added, 20 * 0.25 + 6, 1e-9);
	near(removed, 20 * 0.25, 1e-9);
	/* what both have needs no price, what one has more does */
	from[CLASS_TRAP] = to[CLASS_TRAP] = 2;
	assert_true(change_price(&m, from, to, &added, &removed, &missing));
	to[CLASS_TRAP] = 1;
	assert_false(change_price(&m, from, to, &added, &removed, &missing));
	assert_int_equal(missing, CLASS_TRAP);
	assert_true(change_price(&m, from, from, &added, &removed, &missing));
	near(added + removed, 0, 0);
}

static void test_range(void **state)
{
	struct effect none = change_range(0, 0, 0.3), more = change_range(20, 0, log(1.25));
	struct effect swapped = change_range(20, 20, log(1.25));

	(void)state;
	near(none.hi - none.lo, 0, 0);
	near(more.value, 20, 0);
	near(more.lo, 16, 1e-9);
	near(more.hi, 25, 1e-9);
	/* replaced code costs something else, even if it is as much by its counts */
	near(swapped.lo, -9, 1e-9);
	near(swapped.hi, 9, 1e-9);
}

/*
 * Both kernels execute a common part, off by one factor; what is added and what is removed is off
 * by factors of its own. The range of the difference holds it, and is narrower than that of two
 * costs that have nothing to do with each other.
 */
static void test_coverage(void **state)
{
	const double off = 0.12, spread = 1.96 * off;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	unsigned int inside = 0;
	double width = 0, apart = 0;

	(void)state;
	for (int t = 0; t < TRIALS; t++) {
		double common = 60 + 300 * gsl_rng_uniform(rng);
		double added = 40 * gsl_rng_uniform(rng), removed = 40 * gsl_rng_uniform(rng);
		double shared = common * gsl_ran_lognormal(rng, 0, off);
		double before = shared + removed * gsl_ran_lognormal(rng, 0, off);
		double after = shared + added * gsl_ran_lognormal(rng, 0, off);
		struct effect range = change_range(added, removed, spread);
		struct effect whole = change_range(common + added, common + removed, spread);

		inside += range.lo <= after - before && after - before <= range.hi;
		width += (range.hi - range.lo) / TRIALS;
		apart += (whole.hi - whole.lo) / TRIALS;
	}
	print_message("a difference in its range: %u of %u; %.0f ns wide, of costs apart %.0f ns\n",
		      inside, TRIALS, width, apart);
	/* 95 % less three standard errors; the ends of both parts together are seldom reached */
	assert_true(inside >= TRIALS * 0.935);
	assert_true(width < apart / 4);
	gsl_rng_free(rng);
}

/* The interpreter's instructions say nothing of machine code's price, nor the other way round. */
static void test_interpreted(void **state)
{
	struct result_features features = {.present = true};
	struct record_result result = {.features = features}, *results[] = {&result};
	struct record run = {.host.jit = true}, lab = {.results = results, .n_results = 1};
	struct error why;

	(void)state;
	lab.host.jit = true;
	assert_int_equal(prediction_check_lab(&run, &lab, &why), 0);
	lab.host.jit = false;
	assert_int_equal(prediction_check_lab(&run, &lab, &why), -EINVAL);
	assert_non_null(strstr(why.text, "machine code where the run was taken, and interpreted"));
	run.host.jit = false;
	assert_int_equal(prediction_check_lab(&run, &lab, &why), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_price),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_interpreted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
