/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/predict/calibration.h"
#include "reports/predict/holdout.h"
#include "reports/record/record_rows.h"

/* The planted truth, ns: what a run whose classes go together cannot tell apart. */
#define PLAIN_NS    0.25
#define RETURN_NS   6.0
#define INDIRECT_NS 11.0

static void add(struct record *rec, const char *name, double ns)
{
	struct instruction_price *price = record_add_instruction_price(rec);

	assert_non_null(price);
	price->name = strdup(name);
	price->summary = strdup("");
	price->way = strdup("-");
	price->id = strdup(name);
	price->status = RESULT_MEASURED;
	price->ns = (struct effect){ns, ns * 0.99, ns * 1.01};
	price->between = price->ns;
}

static struct record *calibration(void)
{
	struct record *rec = record_new();

	assert_non_null(rec);
	rec->host.cpu = strdup("A CPU");
	rec->host.mitigations = strdup("spectre_v2: Mitigation: Retpolines");
	add(rec, "call_return", PLAIN_NS + RETURN_NS);
	add(rec, "indirect_call_return", INDIRECT_NS + RETURN_NS);
	return rec;
}

static void fill(struct model_row *row, const char *hook, double plain, double branches)
{
	*row = (struct model_row){.hook = hook, .variant = hook, .wakeup = "-", .mechanism = hook};
	row->counts[CLASS_PLAIN] = plain;
	row->counts[CLASS_RETURN] = 2 * branches;
	row->counts[CLASS_INDIRECT] = branches;
	row->counts[CLASS_CALL] = plain / 50;
	row->ns =
		PLAIN_NS * (plain + plain / 50) + RETURN_NS * 2 * branches + INDIRECT_NS * branches;
	row->half = 0.02 * row->ns;
}

static size_t price_of(const struct model *model, enum instruction_class class)
{
	size_t p = 0;

	while (p < model->n_prices && !model->prices[p].members[class])
		p++;
	assert_true(p < model->n_prices);
	return p;
}

/* Returns and indirect branches come in one proportion: prices from user space tell them apart. */
static void prices_tell_apart_what_a_run_cannot(void **state)
{
	static const char *const hooks[] = {"a", "a", "b", "b", "c", "c"};
	struct record *rec = calibration();
	struct model_row rows[6 + CALIBRATION_ROWS_MOST];
	struct model model;
	struct holdout holdout;
	struct error why;
	size_t known;
	double counts[CLASS_COUNT] = {0};

	(void)state;
	for (size_t i = 0; i < 6; i++)
		fill(&rows[i], hooks[i], 100 + 150 * (double)i, 2 + (double)(i * i % 5));
	assert_int_equal(model_fit(rows, 6, NULL, &model, &why), 0);
	assert_int_equal(price_of(&model, CLASS_RETURN), price_of(&model, CLASS_INDIRECT));

	known = calibration_rows(rec, rows + 6);
	assert_int_equal(known, 2);
	assert_int_equal(model_fit(rows, 6 + known, NULL, &model, &why), 0);
	assert_true(fabs(model.prices[price_of(&model, CLASS_RETURN)].ns - RETURN_NS) < 0.1);
	assert_true(fabs(model.prices[price_of(&model, CLASS_INDIRECT)].ns - INDIRECT_NS) < 0.2);
	assert_true(fabs(model.prices[price_of(&model, CLASS_PLAIN)].ns - PLAIN_NS) < 0.01);
	/* another proportion of the two is predicted right */
	counts[CLASS_INDIRECT] = 5;
	counts[CLASS_PLAIN] = 100;
	assert_true(fabs(model_says(&model, counts, NULL) - 80) < 2);

	/* they are in each fit, and are no hook that is left out */
	assert_int_equal(holdout_take(rows, 6, known, &holdout, &why), 0);
	assert_int_equal(holdout.n, 6);
	assert_int_equal(holdout.hooks, 3);
	assert_int_equal(holdout.scored, 6);
	holdout_free(&holdout);
	record_free(rec);
}

static void only_the_same_machine_counts(void **state)
{
	struct record *rec = calibration(), *run = record_new();
	struct record *all[] = {run, rec};
	struct error why;

	(void)state;
	assert_true(calibration_is(rec));
	assert_false(calibration_is(run));
	run->host.cpu = strdup("A CPU");
	run->host.mitigations = strdup("spectre_v2: Mitigation: Retpolines");
	assert_int_equal(calibration_check(run, rec, &why), 0);
	assert_ptr_equal(calibration_find(all, 2, run), rec);
	free(run->host.mitigations);
	run->host.mitigations = strdup("spectre_v2: Mitigation: Enhanced / Automatic IBRS");
	assert_int_not_equal(calibration_check(run, rec, &why), 0);
	assert_non_null(strstr(why.text, "mitigations"));
	assert_null(calibration_find(all, 2, run));
	free(run->host.cpu);
	run->host.cpu = strdup("Another CPU");
	assert_int_not_equal(calibration_check(run, rec, &why), 0);
	assert_non_null(strstr(why.text, "Another CPU"));
	record_free(run);
	record_free(rec);
}

/* What is skipped, damaged, or of no one price is no row. */
static void rows_without_a_price_are_left_out(void **state)
{
	struct record *rec = calibration();
	struct model_row rows[CALIBRATION_ROWS_MOST];

	(void)state;
	add(rec, "plain_independent", 0.1);
	add(rec, "of a later version", 1);
	add(rec, "rdtsc", NAN);
	add(rec, "xchg", -1);
	add(rec, "lock_add", 2);
	rec->instruction_prices[rec->n_instruction_prices - 1].status = RESULT_SKIPPED;
	assert_int_equal(calibration_rows(rec, rows), 2);
	for (int i = 0; i < 2 * CALIBRATION_ROWS_MOST; i++)
		add(rec, "xchg", 2);
	assert_int_equal(calibration_rows(rec, rows), CALIBRATION_ROWS_MOST);
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prices_tell_apart_what_a_run_cannot),
		cmocka_unit_test(only_the_same_machine_counts),
		cmocka_unit_test(rows_without_a_price_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
