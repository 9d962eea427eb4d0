/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/judge/costs/addup.h"
#include "reports/judge/costs/waterfall.h"
#include "tests/unit/reports/example_rows.h"
#include "tests/unit/reports/rendered.h"

static struct record *incremental(void)
{
	struct record *rec = record_new();

	example_host(rec);
	example_increments(rec, "raw_tp", 31, 1);
	example_increments(rec, "tracepoint", 106, 3);
	return rec;
}

static const struct record_result *const *results_of(const struct record *rec)
{
	return (const struct record_result *const *)rec->results;
}

static void test_steps(void **state)
{
	struct record *rec = incremental();
	const struct record_result *whole =
		record_find_result(rec, "raw_tp_perf/munmap_einval/idle/hot");
	struct waterfall w;
	double sum = 0;

	(void)state;
	waterfall_of(results_of(rec), rec->n_results, "raw_tp", &w);
	assert_int_equal(w.programs, 5);
	assert_float_equal(w.step[STEP_DISPATCH].value, 31, 1e-9);
	assert_float_equal(w.step[STEP_DISPATCH].hi, 32, 1e-9);
	assert_float_equal(w.step[STEP_LOOKUP].value, 17, 1e-9);
	assert_float_equal(w.step[STEP_LOOKUP].hi, 17 + sqrt(2), 1e-9);
	assert_float_equal(waterfall_output(&w, whole).value, 180, 1e-9);
	assert_float_equal(waterfall_output(&w, whole).lo, 180 - sqrt(10), 1e-9);
	for (size_t s = 0; s < STEP_OUTPUT; s++)
		sum += w.step[s].value;
	assert_float_equal(sum + waterfall_output(&w, whole).value, whole->overhead.typical.value,
			   1e-9);
	record_free(rec);
}

static void test_missing_rung(void **state)
{
	struct record *rec = record_new();
	struct waterfall w;

	(void)state;
	example_cost(rec, "raw_tp", "empty", "-", 31, 1);
	example_cost(rec, "raw_tp", "lookup_hit", "-", 50, 1);
	waterfall_of(results_of(rec), rec->n_results, "raw_tp", &w);
	assert_int_equal(w.programs, 2);
	assert_true(isnan(w.step[STEP_PID].value));
	assert_float_equal(w.step[STEP_LOOKUP].value, 19, 1e-9);
	assert_true(isnan(w.step[STEP_CLOCK].value));
	record_free(rec);
}

static void test_picture(void **state)
{
	struct record *rec = incremental();
	char *text = rendered(rec, RENDER_TEXT);

	(void)state;
	says(text, "Where the cost comes from, typical ns");
	says(text, "lookup                           +17.0 ±1.4      +17 ±4");
	says(text, "output: perf, per-event           +4800 ±20   +4800 ±60");
	says(text, "complete probe: perf, none          +256 ±3     +331 ±9");
	says(text, "D dispatch, p pid, l lookup, a argument, c clock, O output");
	/* 331 ns are 60 letters: the dispatch's 31 ns are 6 of them, the lookup's 9 end at 50 */
	says(text, "raw_tp_perf, none                   DDDDDDlllaacccOOO");
	says(text, "OOOOO +331 ±9\n");
	says_not(text, "Do the parts add up to the complete probe?"); /* no prices in this record */
	fits(text);
	free(text);
	text = rendered(rec, RENDER_MARKDOWN);
	says(text, "| step | raw_tp | tracepoint |");
	free(text);
	record_free(rec);
}

static void check(const struct record *rec, const char *id, enum addup_verdict verdict,
		  double unexplained)
{
	struct addup a;

	addup_check(rec, results_of(rec), rec->n_results, record_find_result(rec, id), &a);
	if (a.verdict != verdict)
		fail_msg("%s: %s, not %s", id, addup_verdict_name(a.verdict),
			 addup_verdict_name(verdict));
	if (verdict != ADDUP_NO_PRICE)
		assert_float_equal(a.unexplained.value, unexplained, 1e-9);
}

static void cheaper_perf(struct record *rec, double by)
{
	struct slope *p = NULL;

	for (size_t i = 0; i < rec->n_slopes && !p; i++) {
		if (strcmp(rec->slopes[i].helper, "perf_event_output") == 0 &&
		    strcmp(rec->slopes[i].wakeup, "idle") == 0)
			p = &rec->slopes[i];
	}
	assert_non_null(p);
	p->slope.value -= by;
	p->slope.lo -= by;
	p->slope.hi -= by;
}

static void test_adds_up(void **state)
{
	struct record *rec = incremental();
	struct addup a;

	(void)state;
	example_increments_prices(rec);
	check(rec, "raw_tp_pid/munmap_einval/-/hot", ADDUP_YES, 0);
	check(rec, "raw_tp_lookup_miss/munmap_einval/-/hot", ADDUP_YES, 0);
	check(rec, "raw_tp_clock/munmap_einval/-/hot", ADDUP_YES, 0);
	check(rec, "raw_tp_ringbuf/munmap_einval/idle/hot", ADDUP_YES, 0);
	check(rec, "raw_tp_perf/munmap_einval/caught_up/hot", ADDUP_YES, 0);
	/* the price is certainly 30 less than the step, but 30 is within a fifth of the whole */
	check(rec, "raw_tp_perf/munmap_einval/idle/hot", ADDUP_YES, 30);
	/* 90 short is not */
	cheaper_perf(rec, 60);
	check(rec, "raw_tp_perf/munmap_einval/idle/hot", ADDUP_NO, 90);
	/* a tracepoint's argument is in its record, and so has no price here */
	check(rec, "tracepoint_args/munmap_einval/-/hot", ADDUP_NO_PRICE, 0);
	check(rec, "raw_tp_empty/munmap_einval/-/hot", ADDUP_NO_PRICE, 0);

	addup_check(rec, results_of(rec), rec->n_results,
		    record_find_result(rec, "raw_tp_pid/munmap_einval/-/hot"), &a);
	/* parts: 31 +- 1 and 2 +- 0.2; whole: 33 +- 1 */
	assert_float_equal(a.parts.hi, 33 + sqrt(1.04), 1e-9);
	assert_float_equal(a.unexplained.hi, sqrt(2.04), 1e-9);
	record_free(rec);
}

static void test_too_wide(void **state)
{
	struct record *rec = record_new();

	(void)state;
	example_host(rec);
	example_increments(rec, "raw_tp", 31, 30);
	example_increments_prices(rec);
	check(rec, "raw_tp_clock/munmap_einval/-/hot", ADDUP_TOO_WIDE, 0);
	record_free(rec);
}

/* +20 ±30 of 160: includes zero, and allows a third of the whole. */
static void test_holds_zero_and_shows_nothing(void **state)
{
	struct record *rec = record_new();
	struct record_result *whole;

	(void)state;
	example_host(rec);
	example_increments(rec, "raw_tp", 107, 1);
	example_increments_prices(rec);
	whole = rec->results[0];
	for (size_t i = 0; i < rec->n_results; i++) {
		if (strcmp(rec->results[i]->variant, "raw_tp_pid") == 0)
			whole = rec->results[i];
	}
	whole->overhead.typical = (struct effect){129, 99, 159};
	check(rec, "raw_tp_pid/munmap_einval/-/hot", ADDUP_TOO_WIDE, 20);
	record_free(rec);
}

/*
 * Alone, this sum is within a fifth; among twenty that are looked at, one may be as wide by chance.
 */
static void test_judged_together(void **state)
{
	struct record_result result = {.unit = UNIT_NS, .overhead.typical = {100, 99, 101}};
	struct addup sums[20];

	(void)state;
	for (size_t i = 0; i < 20; i++)
		sums[i] = (struct addup){
			.result = &result, .unexplained = {0, -19, 19}, .verdict = ADDUP_NO};
	assert_int_equal(addup_judge(sums, 1), 0);
	assert_int_equal(sums[0].verdict, ADDUP_YES);
	assert_int_equal(addup_judge(sums, 20), 0);
	assert_int_equal(sums[0].verdict, ADDUP_TOO_WIDE);
	for (size_t i = 0; i < 20; i++)
		sums[i].unexplained = (struct effect){0, -5, 5};
	sums[7].unexplained = (struct effect){40, 30, 50};
	sums[8].verdict = ADDUP_NO_PRICE;
	assert_int_equal(addup_judge(sums, 20), 0);
	assert_int_equal(sums[0].verdict, ADDUP_YES);
	assert_int_equal(sums[7].verdict, ADDUP_NO);
	assert_int_equal(sums[8].verdict, ADDUP_NO_PRICE);
}

static void test_exact(void **state)
{
	struct record *rec = record_new();
	struct effect none = {0, 0, 0};

	(void)state;
	example_host(rec);
	example_increments(rec, "raw_tp", 165, 0);
	example_increments_prices(rec);
	for (size_t i = 0; i < rec->n_results; i++)
		rec->results[i]->unit = UNIT_INSTRUCTIONS;
	for (size_t i = 0; i < rec->n_slopes; i++) {
		rec->slopes[i].unit = UNIT_INSTRUCTIONS;
		none.value = none.lo = none.hi = rec->slopes[i].slope.value;
		rec->slopes[i].slope = none;
	}
	check(rec, "raw_tp_clock/munmap_einval/-/hot", ADDUP_YES, 0);
	rec->slopes[4].slope = (struct effect){4, 4, 4}; /* 10 of 210: 4.8 % */
	check(rec, "raw_tp_clock/munmap_einval/-/hot", ADDUP_YES, 10);
	rec->slopes[4].slope = (struct effect){3, 3, 3};
	check(rec, "raw_tp_clock/munmap_einval/-/hot", ADDUP_NO, 11);
	record_free(rec);
}

/* The cost of a helper may depend on the hook: the price on the result's own hook is preferred. */
static void test_own_host_program(void **state)
{
	struct record *rec = incremental();

	(void)state;
	example_price(rec, "raw_tp", "get_current_pid_tgid", "-", "-", 12, 0.2, 0);
	example_price(rec, "tracepoint", "get_current_pid_tgid", "-", "-", 2, 0.2, 0);
	check(rec, "tracepoint_pid/munmap_einval/-/hot", ADDUP_YES, 0);
	check(rec, "raw_tp_pid/munmap_einval/-/hot", ADDUP_NO, -10);
	record_free(rec);
}

static void test_bent_price(void **state)
{
	struct record *rec = incremental();
	struct slope *bent;
	char *text;

	(void)state;
	example_increments_prices(rec);
	bent = &rec->slopes[4];
	bent->nonlinear = true;
	bent->slope = example_about(3, 0.3); /* cheaper than the first call, which a probe pays */
	check(rec, "raw_tp_clock/munmap_einval/-/hot", ADDUP_YES,
	      76 - 31 - 2 - 17 - 12 - bent->first.value);
	/* an older record has only the points */
	bent->first = (struct effect){NAN, NAN, NAN};
	check(rec, "raw_tp_clock/munmap_einval/-/hot", ADDUP_YES,
	      76 - 31 - 2 - 17 - 12 - bent->points[1].cost.value + bent->points[0].cost.value);
	text = rendered(rec, RENDER_TEXT);
	says(text, "adds up *");
	says(text, "and its first call was taken");
	free(text);
	record_free(rec);
}

static void test_addup_table(void **state)
{
	struct record *rec = incremental();
	char *text;

	(void)state;
	example_increments_prices(rec);
	cheaper_perf(rec, 60);
	text = rendered(rec, RENDER_TEXT);
	says(text, "Do the parts add up to the complete probe?");
	says(text, "not priced: arg_context");
	says(text, "of 11 variants add up (what is unexplained surely lies within ±20 %");
	says(text, "not; 5 more have a part that has no price.");
	says(text, "does NOT add up");
	fits(text);
	free(text);
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_missing_rung),
		cmocka_unit_test(test_picture),
		cmocka_unit_test(test_adds_up),
		cmocka_unit_test(test_too_wide),
		cmocka_unit_test(test_holds_zero_and_shows_nothing),
		cmocka_unit_test(test_judged_together),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_own_host_program),
		cmocka_unit_test(test_bent_price),
		cmocka_unit_test(test_addup_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
