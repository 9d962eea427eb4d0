/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run proves about loss: nothing where nothing could be lost; planted stalls are found
 * within the bounds.
 */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/effects/censor.h"
#include "reports/judge/loss.h"
#include "reports/show/figure.h"
#include "reports/judge/verdict.h"
#include "tests/unit/reports/example_rows.h"

#define BATCHES 10
#define TRIALS	2000

static void expose(struct event_point *p, double seconds, uint64_t produced, uint64_t lost,
		   uint64_t stalls)
{
	p->exposure_s = seconds;
	p->exposure_produced = produced;
	p->exposure_lost = lost;
	p->buffer_fills = (double)produced / 5461;
	p->stalls = stalls;
	p->stalls_per_s = loss_stalls_per_s(stalls, seconds);
}

static void print_is(const struct event_point *p, const char *expected)
{
	char text[160] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	figure_exposure(out, p, false);
	fclose(out);
	assert_string_equal(text, expected);
}

/*
 * Six windows of 5,000 events into a buffer of 5,461, read between them: a reader that does nothing
 * for a window loses nothing.
 */
static void test_a_window_that_fits_shows_nothing(void **state)
{
	struct record *rec = record_new();
	struct event_point *p =
		example_point(rec, "sweep", "raw_tp_perf", "caught_up", 1e4, 30001, 0);
	struct bounds budget = {0.01, NAN};
	struct loss_bound bound;

	(void)state;
	assert_false(loss_bound(p, &bound));
	assert_true(isnan(bound.percent.value) && isnan(bound.percent.hi));
	assert_int_equal(verdict_of(bound.percent, budget), VERDICT_INCONCLUSIVE);
	print_is(p, "not shown (the window fits into the buffer)");
	/* long, but few buffers' worth; many buffers' worth, but short */
	expose(p, 10.1, 30001, 0, 0);
	assert_false(loss_bound(p, &bound));
	expose(p, 2, 100000, 0, 0);
	assert_false(loss_bound(p, &bound));
	print_is(p, "not shown (the window is too short)");
	expose(p, 10.1, 100000, 0, 0);
	assert_true(loss_bound(p, &bound));
	assert_int_equal(verdict_of(bound.percent, budget), VERDICT_GREEN);
	assert_float_equal(bound.percent.hi, 0.003, 1e-4);
	assert_float_equal(bound.stalls_per_s.hi, 3 / 10.1, 1e-3);
	/* 5,461 events at 9,901 a second */
	assert_float_equal(bound.stall_ms, 551.6, 0.1);
	print_is(p, "0 of 100,000 in 10 s, 18 buffer fills (< 0.003 %)");
	record_free(rec);
}

/*
 * Stalls come at random, 0.3 a second, and each loses some hundred of its second's 10,000 events:
 * the interval for the share must include the truth. An interval that takes lost events for
 * independent does not.
 */
static void test_clustered_losses(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	static const double rates[] = {0.3, 1, 5};
	const double each = 200, sent_a_second = 10000;

	(void)state;
	gsl_rng_set(rng, 11);
	for (size_t r = 0; r < 3; r++) {
		double truth = 100 * rates[r] * each / sent_a_second;
		size_t held = 0, naive = 0, tried = 0;

		for (size_t t = 0; t < TRIALS; t++) {
			uint64_t lost[BATCHES] = {0}, sent[BATCHES], all = 0;
			struct effect e, alone;

			for (size_t i = 0; i < BATCHES; i++) {
				unsigned int stalls = gsl_ran_poisson(rng, rates[r]);

				sent[i] = (uint64_t)sent_a_second;
				for (unsigned int s = 0; s < stalls; s++)
					lost[i] += (uint64_t)(each * (0.5 + gsl_rng_uniform(rng)));
				all += lost[i];
			}
			/* if no loss was seen, the stalls a second are bounded instead */
			if (!all)
				continue;
			tried++;
			e = loss_of_batches(lost, sent, BATCHES);
			alone = loss_share(all, BATCHES * (uint64_t)sent_a_second);
			held += e.lo <= truth && truth <= e.hi;
			naive += alone.lo <= truth && truth <= alone.hi;
		}
		print_message("%g stalls a second: held %.1f %%, by independence %.1f %%\n",
			      rates[r], 100.0 * (double)held / (double)tried,
			      100.0 * (double)naive / (double)tried);
		/* 90 % two-sided, from two one-sided 95 % bounds */
		assert_true((double)held >= 0.88 * (double)tried);
		assert_true((double)naive < 0.5 * (double)tried);
	}
	gsl_rng_free(rng);
}

static void test_stalls(void **state)
{
	struct effect none = loss_stalls_per_s(0, 10), three = loss_stalls_per_s(3, 10);

	(void)state;
	assert_float_equal(none.lo, 0, 0);
	assert_float_equal(none.hi, 0.29957, 1e-4);
	assert_true(three.lo > 0.08 && three.lo < 0.09 && three.hi > 0.77 && three.hi < 0.78);
	assert_true(isnan(loss_stalls_per_s(1, 0).value));
}

/* 0.6 % of the calls are left out: p99 may be any of those. */
static void test_censored(void **state)
{
	struct record *rec = record_new();
	struct record_result *result =
		example_config(rec, "raw_tp", "perf", "munmap_einval", "caught_up", 200);

	(void)state;
	result->n = 10000;
	result->overhead.p99 = result->overhead.p999 = example_about(900, 10);
	result->censored = 4;
	censor_withhold(result);
	assert_false(isnan(result->overhead.p999.value));
	result->censored = 10;
	censor_withhold(result);
	assert_true(isnan(result->overhead.p999.value));
	assert_false(isnan(result->overhead.p99.value));
	result->censored = 60;
	censor_withhold(result);
	assert_true(isnan(result->overhead.p99.value) && isnan(result->config.p99));
	assert_true(censor_withheld(result, CENSOR_P99_MOST));
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_window_that_fits_shows_nothing),
		cmocka_unit_test(test_clustered_losses),
		cmocka_unit_test(test_stalls),
		cmocka_unit_test(test_censored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
