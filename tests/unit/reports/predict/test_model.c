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

#include "reports/predict/holdout.h"
#include "reports/predict/nnls.h"

#define BODIES 8
#define HOOKS  3
#define ROWS   (BODIES * HOOKS)
#define TRIALS 300

/* cmocka 1.1.5 has it for float only. */
static void near(double got, double wanted, double within)
{
	assert_true(fabs(got - wanted) <= within);
}

static const char *const hooks[] = {"raw_tp", "tp_btf", "tracepoint", "new"};
static const char *const mechanisms[] = {"raw", "raw", "perf", "other"};

/* Straight code, branches and clock reads as hooks and programs have them, about. */
static void counts_of(size_t hook, size_t body, double *counts)
{
	static const double code[] = {140, 150, 260, 300, 390, 420, 560, 1080};
	static const double branches[] = {9, 11, 14, 16, 15, 21, 25, 47};
	static const double more_code[] = {0, 12, 290, 160}, more_branches[] = {0, 1, 5, 9};

	memset(counts, 0, CLASS_COUNT * sizeof(*counts));
	counts[CLASS_PLAIN] = code[body] + more_code[hook];
	counts[CLASS_RETURN] = branches[body] + more_branches[hook];
	counts[CLASS_CLOCK] = body > 4;
}

#define PRICE_CODE   0.2
#define PRICE_BRANCH 8.0
#define PRICE_CLOCK  20.0

static double truth(const double *counts)
{
	return PRICE_CODE * counts[CLASS_PLAIN] + PRICE_BRANCH * counts[CLASS_RETURN] +
	       PRICE_CLOCK * counts[CLASS_CLOCK];
}

static double price_of(const struct model *model, enum instruction_class class)
{
	for (size_t p = 0; p < model->n_prices; p++)
		if (model->prices[p].members[class])
			return model->prices[p].ns;
	return NAN;
}

/* off: each hook's own error, as a logarithm; noise: of each row, in parts of its cost. */
static void make_rows(struct model_row *rows, const double *off, double noise, gsl_rng *rng)
{
	for (size_t h = 0; h < HOOKS; h++)
		for (size_t b = 0; b < BODIES; b++) {
			struct model_row *row = &rows[h * BODIES + b];

			*row = (struct model_row){.hook = hooks[h],
						  .variant = "",
						  .wakeup = "-",
						  .mechanism = mechanisms[h]};
			counts_of(h, b, row->counts);
			row->ns = truth(row->counts) * exp(off ? off[h] : 0) *
				  (1 + gsl_ran_gaussian(rng, noise));
			row->half = 1.96 * noise * row->ns;
		}
}

static void test_nnls(void **state)
{
	/* unconstrained the second coefficient is -1: then the first one is that of itself alone */
	static const double a[] = {1, 1, 1, 2, 1, 3}, b[] = {2, 1, 0};
	double x[2];

	(void)state;
	assert_int_equal(nnls(a, b, 3, 2, x), 0);
	near(x[0], 1, 1e-12);
	near(x[1], 0, 1e-12);
	assert_int_equal(nnls(a, b, 1, 2, x), -EINVAL);
}

static void test_exact(void **state)
{
	struct model_row rows[ROWS];
	struct model model;
	struct error why;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	(void)state;
	make_rows(rows, NULL, 0, rng);
	assert_int_equal(model_fit(rows, ROWS, NULL, &model, &why), 0);
	assert_int_equal(model.n_prices, 3);
	near(price_of(&model, CLASS_PLAIN), PRICE_CODE, 1e-6);
	near(price_of(&model, CLASS_RETURN), PRICE_BRANCH, 1e-6);
	near(price_of(&model, CLASS_CLOCK), PRICE_CLOCK, 1e-6);
	gsl_rng_free(rng);
}

static void test_noise(void **state)
{
	struct model_row rows[ROWS];
	struct model model;
	struct error why;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double code = 0, branch = 0, new_hook = 0, counts[CLASS_COUNT];

	(void)state;
	counts_of(3, 2, counts);
	for (int t = 0; t < TRIALS; t++) {
		make_rows(rows, NULL, 0.05, rng);
		assert_int_equal(model_fit(rows, ROWS, NULL, &model, &why), 0);
		code += price_of(&model, CLASS_PLAIN) / TRIALS;
		branch += price_of(&model, CLASS_RETURN) / TRIALS;
		new_hook += model_says(&model, counts, NULL) / truth(counts) / TRIALS;
	}
	near(code, PRICE_CODE, 0.03);
	near(branch, PRICE_BRANCH, 0.6);
	near(new_hook, 1, 0.02);
	gsl_rng_free(rng);
}

/* Classes that rise together have one price; those of different families too, if nothing tells. */
static void test_collinear(void **state)
{
	struct model_row rows[ROWS];
	struct model model;
	struct error why;
	char name[128];
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	(void)state;
	make_rows(rows, NULL, 0.01, rng);
	for (size_t i = 0; i < ROWS; i++)
		rows[i].counts[CLASS_LOAD] = rows[i].counts[CLASS_PLAIN] / 2;
	assert_int_equal(model_fit(rows, ROWS, NULL, &model, &why), 0);
	assert_int_equal(model.n_prices, 3);
	near(price_of(&model, CLASS_LOAD), price_of(&model, CLASS_PLAIN), 0);
	model_name(&model.prices[0], name, sizeof(name));
	assert_non_null(strstr(name, "plain, loads"));
	for (size_t i = 0; i < ROWS; i++)
		rows[i].counts[CLASS_RETURN] = rows[i].counts[CLASS_PLAIN] / 20;
	assert_int_equal(model_fit(rows, ROWS, NULL, &model, &why), 0);
	assert_int_equal(model.n_prices, 2);
	near(price_of(&model, CLASS_RETURN), price_of(&model, CLASS_PLAIN), 0);
	gsl_rng_free(rng);
}

static void test_unseen(void **state)
{
	struct model_row rows[ROWS];
	struct model model;
	struct error why;
	enum instruction_class missing = CLASS_COUNT;
	double counts[CLASS_COUNT];
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	(void)state;
	make_rows(rows, NULL, 0.05, rng);
	assert_int_equal(model_fit(rows, ROWS, NULL, &model, &why), 0);
	counts_of(3, 0, counts);
	counts[CLASS_TRAP] = 1;
	assert_true(isnan(model_says(&model, counts, &missing)));
	assert_int_equal(missing, CLASS_TRAP);
	assert_int_equal(model_fit(rows, 1, NULL, &model, &why), -ENODATA);
	gsl_rng_free(rng);
}

/* What a machine's instructions cost, and what its suite calibrate says of branches and clocks. */
struct machine {
	double code, branch, clock;
	bool known;
	struct model_row rows[ROWS + 2];
};

static double cost(const struct machine *m, const double *counts)
{
	return m->code * counts[CLASS_PLAIN] + m->branch * counts[CLASS_RETURN] +
	       m->clock * counts[CLASS_CLOCK];
}

#define HOOK_OFF  0.08 /* a mechanism's own error, as a logarithm */
#define NOISE	  0.05 /* of a measured cost, in parts of it */
#define PRICE_OFF 0.1  /* a branch in the kernel by one in user space */

static void measure(struct machine *m, bool known, gsl_rng *rng)
{
	double off[HOOKS];

	off[0] = gsl_ran_gaussian(rng, HOOK_OFF);
	off[1] = off[0] + gsl_ran_gaussian(rng, HOOK_OFF / 4);
	off[2] = gsl_ran_gaussian(rng, HOOK_OFF);
	m->known = known;
	m->code = PRICE_CODE * gsl_ran_lognormal(rng, 0, 0.2);
	m->branch = PRICE_BRANCH * gsl_ran_lognormal(rng, 0, 0.3);
	m->clock = PRICE_CLOCK * gsl_ran_lognormal(rng, 0, 0.2);
	make_rows(m->rows, off, 0, rng);
	for (size_t i = 0; i < ROWS; i++) {
		struct model_row *row = &m->rows[i];

		row->ns = cost(m, row->counts) * exp(off[i / BODIES]) *
			  (1 + gsl_ran_gaussian(rng, NOISE));
		row->half = 1.96 * NOISE * row->ns;
	}
	for (size_t k = 0; k < 2; k++) {
		struct model_row *row = &m->rows[ROWS + k];

		*row = (struct model_row){.hook = "user space", .variant = "", .wakeup = "-"};
		row->counts[k ? CLASS_CLOCK : CLASS_RETURN] = 1;
		row->ns = (k ? m->clock : m->branch) * gsl_ran_lognormal(rng, 0, PRICE_OFF);
		row->half = 1.96 * PRICE_OFF * row->ns;
	}
}

struct seen {
	unsigned int inside, narrow;
	double width; /* mean spread */
};

/* A hook never seen, with a mechanism of its own: is its true cost in its range? */
static void see(const struct machine *m, const struct holdout *other, size_t trial,
		struct seen *seen, gsl_rng *rng)
{
	size_t known = m->known ? 2 : 0;
	double counts[CLASS_COUNT], truly;
	struct holdout holdout;
	struct model model;
	struct error why;

	assert_int_equal(model_fit(m->rows, ROWS + known, NULL, &model, &why), 0);
	assert_int_equal(holdout_take(m->rows, ROWS, known, &holdout, &why), 0);
	assert_int_equal(holdout.mechanisms, 2);
	holdout_pool(&holdout, other, other != NULL, true);
	assert_int_equal(holdout.freedom, other ? 4 : 2);
	counts_of(3, trial % BODIES, counts);
	truly = cost(m, counts) * exp(gsl_ran_gaussian(rng, HOOK_OFF));
	seen->inside += fabs(log(truly / model_says(&model, counts, NULL))) <= holdout.spread;
	seen->narrow += !holdout_too_wide(holdout.spread);
	seen->width += holdout.spread / TRIALS;
	holdout_free(&holdout);
}

/* Mechanisms are off by 8 % of their own each; the range of a hook never seen holds its cost. */
static void coverage(bool known, bool pooled, struct seen *seen)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct machine machine;
	struct holdout other;
	struct error why;

	*seen = (struct seen){0};
	for (size_t t = 0; t < TRIALS; t++) {
		if (pooled) {
			measure(&machine, known, rng);
			assert_int_equal(
				holdout_take(machine.rows, ROWS, known ? 2 : 0, &other, &why), 0);
		}
		measure(&machine, known, rng);
		see(&machine, pooled ? &other : NULL, t, seen, rng);
		if (pooled)
			holdout_free(&other);
	}
	print_message("prices %s, %s: a new hook's cost in its range: %u of %u; narrow enough: %u; "
		      "spread %.2f\n",
		      known ? "of branches known" : "fitted alone",
		      pooled ? "two machines" : "one machine", seen->inside, TRIALS, seen->narrow,
		      seen->width);
	gsl_rng_free(rng);
	/* 95 % less three standard errors of 300 trials */
	assert_true(seen->inside >= TRIALS * 0.912);
}

static void test_coverage(void **state)
{
	struct seen alone, pooled, known, known_pooled;

	(void)state;
	coverage(false, false, &alone);
	coverage(false, true, &pooled);
	coverage(true, false, &known);
	coverage(true, true, &known_pooled);
	/* prices that need not be told from the others make ranges that say something */
	assert_true(known.width < alone.width);
	assert_true(known_pooled.width < known.width);
	assert_true(known_pooled.narrow > pooled.narrow);
}

static void test_too_few(void **state)
{
	struct model_row rows[ROWS];
	struct holdout holdout;
	struct error why;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	(void)state;
	make_rows(rows, NULL, 0.05, rng);
	assert_int_equal(holdout_take(rows, 2 * BODIES, 0, &holdout, &why), -ENODATA);
	assert_non_null(strstr(why.text, "2 hooks with 1 mechanisms"));
	assert_true(holdout_too_wide(0.36));
	assert_false(holdout_too_wide(0.34));
	gsl_rng_free(rng);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nnls),	cmocka_unit_test(test_exact),
		cmocka_unit_test(test_noise),	cmocka_unit_test(test_collinear),
		cmocka_unit_test(test_unseen),	cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_too_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
