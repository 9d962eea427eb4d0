/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/stats/combine.h"
#include "reports/judge/costs/price_step.h"
#include "reports/judge/costs/prices.h"
#include "reports/show/costs/price_tables.h"
#include "tests/unit/reports/example.h"
#include "tests/unit/reports/example_rows.h"
#include "tests/unit/reports/rendered.h"

static void test_combine(void **state)
{
	struct effect sum = combine_sum((struct effect){10, 7, 11}, (struct effect){20, 16, 20});
	struct effect difference =
		combine_difference((struct effect){10, 7, 11}, (struct effect){20, 16, 20});

	(void)state;
	/* by hand: 30 - sqrt(9 + 16), 30 + 1; -10 - sqrt(9 + 0), -10 + sqrt(1 + 16) */
	assert_float_equal(sum.value, 30, 0);
	assert_float_equal(sum.lo, 25, 1e-12);
	assert_float_equal(sum.hi, 31, 1e-12);
	assert_float_equal(difference.value, -10, 0);
	assert_float_equal(difference.lo, -13, 1e-12);
	assert_float_equal(difference.hi, -10 + sqrt(17), 1e-12);
	sum = combine_sum((struct effect){7, 7, 7}, (struct effect){5, 5, 5});
	assert_float_equal(sum.hi - sum.lo, 0, 0);
	assert_true(isnan(combine_sum(sum, (struct effect){1, NAN, NAN}).lo));
}

static struct record *helpers(void)
{
	struct record *rec = record_new();
	struct slope *s;

	example_host(rec);
	example_price(rec, "raw_tp", "get_current_pid_tgid", "-", "-", 1.7, 0.2, 0);
	example_price(rec, "test_run", "get_current_pid_tgid", "-", "-", 1.6, 0.1, 0);
	example_price(rec, "raw_tp", "lookup_hit", "65536 entries", "-", 17.3, 0.4, 30)->note =
		strdup("the first touch");
	example_price(rec, "raw_tp", "perf_event_output", "40 bytes", "caught_up", 3210, 40, 0);
	s = example_price(rec, "raw_tp", "ktime_get_coarse_ns", "-", "-", 1, 1, 0);
	s->status = RESULT_SKIPPED;
	s->reason = strdup("the kernel has no such helper");
	return rec;
}

static void test_text(void **state)
{
	struct record *rec = helpers();
	char *text = rendered(rec, RENDER_TEXT);

	(void)state;
	says(text, "Prices of helpers, munmap_einval, in ns a call");
	says(text, "calls the helper 0, 1, 4, 16 times; the price is the slope over the");
	says(text, "on raw_tp");
	says(text, "on test_run");
	says(text, "+1.7 ±0.2");
	says(text, "+1.60 ±0.10");
	says(text, "not linear");
	says_not(text, "+17.3 ±0.4"); /* the slope of what is no line */
	says(text, "+3210 ±40");
	says(text, "Not linear: one more call costs more or less");
	says(text, "the first touch");
	says(text, "skipped, 1 price: ktime_get_coarse_ns: the kernel has no such helper");
	says_not(text, "interquartile"); /* no results in this record */
	says(text, "The slope is a throughput price");
	says(text, "No incremental programs were measured");
	says_not(text, "step on");
	says_not(text, "loads of each program"); /* an older record */
	says_not(text, "A neighbour used");
	fits(text);
	free(text);
	record_free(rec);
}

/*
 * The step is printed beside the slope: on the same hook where it has incremental programs, and
 * only for what is a step of them.
 */
static void test_steps(void **state)
{
	struct record *rec = record_new();
	const struct slope *row;
	char *text;

	(void)state;
	example_host(rec);
	example_increments(rec, "raw_tp", 31, 1);
	example_increments(rec, "tp_btf", 40, 1);
	example_increments_prices(rec);
	example_price(rec, "raw_tp", "lookup_hit", "16 entries", "-", 16, 0.4, 0);
	example_price(rec, "raw_tp", "arg_direct", "-", "-", 1, 0.4, 0);
	rec->slopes[0].copies = 4;
	rec->slopes[0].placement = 0.7;
	rec->slopes[0].contended_share = 0.25;
	rec->slopes[0].alone = true;
	assert_string_equal(price_step_hook(rec, UNIT_NS, "munmap_einval", "tp_btf"), "tp_btf");
	assert_string_equal(price_step_hook(rec, UNIT_NS, "munmap_einval", "test_run"), "raw_tp");
	assert_null(price_step_hook(rec, UNIT_INSTRUCTIONS, "munmap_einval", "raw_tp"));
	row = prices_find(rec, "lookup_hit", "1024 entries", NULL);
	assert_float_equal(price_step(rec, row, "raw_tp").value, 17, 1e-9);
	assert_float_equal(price_step(rec, row, "raw_tp").hi, 17 + sqrt(2), 1e-9);
	row = prices_find(rec, "lookup_miss", "1024 entries", NULL);
	assert_float_equal(price_step(rec, row, "raw_tp").value, 12, 1e-9);
	row = prices_find(rec, "perf_event_output", "40 bytes", "caught_up");
	assert_float_equal(price_step(rec, row, "raw_tp").value, 4800, 1e-9);
	row = prices_find(rec, "arg_probe_read", NULL, NULL);
	assert_float_equal(price_step(rec, row, "raw_tp").value, 12, 1e-9);
	assert_true(isnan(price_step(rec, row, "tp_btf").value));
	row = prices_find(rec, "arg_direct", NULL, NULL);
	assert_true(isnan(price_step(rec, row, "raw_tp").value));
	assert_float_equal(price_step(rec, row, "tp_btf").value, 12, 1e-9);
	row = prices_find(rec, "lookup_hit", "16 entries", NULL);
	assert_true(isnan(price_step(rec, row, "raw_tp").value));
	text = rendered(rec, RENDER_TEXT);
	says(text, "step on raw_tp");
	says(text, "The step is what one call in a probe");
	says(text, "other hardware thread in 25 % of the loads; the prices are of the other");
	says(text, "4 loads of each program a round");
	says(text, "price is off by 0.7 ns");
	fits(text);
	free(text);
	record_free(rec);
}

/* Which of the two a claim was judged by. */
static void test_claim_says_which(void **state)
{
	struct record *rec = record_new();
	char *text;

	(void)state;
	example_host(rec);
	example_price(rec, "raw_tp", "get_current_pid_tgid", "-", "-", 1.7, 0.2, 0);
	example_price(rec, "raw_tp", "ktime_get_ns", "-", "-", 30, 0.2, 25);
	text = rendered(rec, RENDER_TEXT);
	says(text, "20 ns    slope, raw_tp");
	says(text, "20 ns    first call, raw_tp");
	free(text);
	record_free(rec);
}

static void test_markdown(void **state)
{
	struct record *rec = helpers();
	char *text = rendered(rec, RENDER_MARKDOWN);

	(void)state;
	says(text, "## Prices of helpers, munmap_einval, in ns a call");
	says(text, "| get_current_pid_tgid | - | - | +1.7 ±0.2 | +1.60 ±0.10 |");
	free(text);
	record_free(rec);
}

static void test_csv(void **state)
{
	struct record *rec = helpers();
	char *text = rendered(rec, RENDER_CSV);

	(void)state;
	assert_int_equal(strncmp(text, "table,id,carrier,", 17), 0);
	says(text, ",slope,slope_lo,slope_hi,first,first_lo,first_hi,intercept,");
	says(text, "\nslopes,\"test_run/get_current_pid_tgid/-/-/hot\",");
	says(text, ",1.6,1.5,1.7,");
	says(text, "\n\ntable,id,repeats,cost,cost_lo,cost_hi,residual,");
	says(text, "\nslopes.points,\"test_run/get_current_pid_tgid/-/-/hot\",16,");
	says(text, ",skipped,\"the kernel has no such helper\",");
	free(text);
	record_free(rec);
}

static void test_beside(void **state)
{
	struct record *rec = helpers(), *lab = helpers();
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	for (size_t i = 0; i < lab->n_slopes; i++)
		lab->slopes[i].unit = UNIT_INSTRUCTIONS;
	lab->slopes[0].slope = example_about(17, 0);
	free(lab->slopes[3].helper);
	lab->slopes[3].helper = strdup("ringbuf_output");
	assert_int_equal(prices_render_beside(rec, lab, RENDER_TEXT, out), 0);
	fclose(out);
	says(text, "time here, instructions in the exact lab");
	says(text, "+1.7 ±0.2           +17         0.09..0.11");
	says(text, "lookup_hit");
	says_not(text, "perf_event_output");
	fits(text);
	free(text);
	record_free(rec);
	record_free(lab);
}

static void test_find(void **state)
{
	struct record *rec = helpers();
	const struct slope *row = prices_find(rec, "lookup_hit", "65536 entries", NULL);
	struct effect first;

	(void)state;
	assert_null(prices_find(rec, "lookup_hit", "16 entries", NULL));
	assert_null(prices_find(rec, "ktime_get_coarse_ns", NULL, NULL)); /* skipped */
	assert_null(prices_find(rec, "perf_event_output", NULL, "idle"));
	assert_non_null(prices_find(rec, "perf_event_output", NULL, "caught_up"));
	/* not a line: the first call is what a probe pays */
	first = prices_first_call(row);
	assert_float_equal(first.value, 47.3, 0.5);
	assert_true(first.lo < first.value && first.value < first.hi);
	row = prices_find(rec, "get_current_pid_tgid", NULL, NULL);
	assert_float_equal(prices_first_call(row).value, 1.7, 0);
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_combine),	 cmocka_unit_test(test_text),
		cmocka_unit_test(test_markdown), cmocka_unit_test(test_csv),
		cmocka_unit_test(test_beside),	 cmocka_unit_test(test_find),
		cmocka_unit_test(test_steps),	 cmocka_unit_test(test_claim_says_which),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
