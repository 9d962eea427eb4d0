/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/judge/budget.h"
#include "reports/show/figure.h"
#include "reports/show/page.h"
#include "reports/show/events/budget_tables.h"
#include "tests/unit/reports/example_rows.h"
#include "tests/unit/reports/rendered.h"

static void time_is(double value, double lo, double hi, const char *expected)
{
	char text[128] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	figure_time(out, (struct effect){value, lo, hi});
	fclose(out);
	assert_string_equal(text, expected);
}

static void plain_is(double value, int digits, const char *expected)
{
	char text[128] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	figure_plain(out, value, digits);
	fclose(out);
	assert_string_equal(text, expected);
}

static void whole_is(double value, const char *expected)
{
	char text[128] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	figure_whole(out, value);
	fclose(out);
	assert_string_equal(text, expected);
}

static void rate_is(double rate, const char *expected)
{
	char text[128] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	figure_rate(out, rate);
	fclose(out);
	assert_string_equal(text, expected);
}

static void test_figures(void **state)
{
	(void)state;
	time_is(626, 614, 638, "626 ±12 ns");
	time_is(626, NAN, NAN, "626 ns");
	time_is(9434, 5942, 12926, "9000 ±3000 ns");
	time_is(2513106, NAN, NAN, "2.51 ms");
	time_is(23456, 23356, 23556, "23.46 ±0.10 µs");
	time_is(2000, 1200, 9000, "1200 ns..9000 ns");
	time_is(3000, 290, 23.5e6, "290 ns..23.5 ms");
	time_is(NAN, NAN, NAN, "-");
	plain_is(10100.4, 3, "10,100");
	plain_is(5050, 3, "5050");
	plain_is(1130, 2, "1100");
	plain_is(0.00003, 2, "0.00003");
	plain_is(-0.0296, 2, "-0.03");
	plain_is(9.996, 3, "10");
	plain_is(64.04, 3, "64");
	plain_is(3.297, 3, "3.3");
	plain_is(0, 3, "0");
	plain_is(NAN, 3, "-");
	whole_is(9999.5, "10,000");
	whole_is(-1234.4, "-1,234");
	whole_is(-0.4, "0");
	whole_is(1.7e308, "1.7e+308");
	whole_is(NAN, "nan");
	rate_is(999, "999");
	rate_is(1000, "1 K");
	rate_is(12500, "12.5 K");
	rate_is(999981, "1 M");
	rate_is(NAN, "-");
}

static struct record *sweep(void)
{
	struct record *rec = record_new();

	example_host(rec);
	example_point(rec, "sweep", "raw_tp_perf", "idle", 1e4, 40000, 0);
	example_point(rec, "sweep", "raw_tp_perf", "idle", 1e5, 400000, 4000);
	example_point(rec, "sweep", "raw_tp_perf", "idle", 1e6, 900000, 90000)->saturated = true;
	rec->event_points[2].rate_achieved = 353e3;
	example_point(rec, "sweep", "raw_tp_perf", "caught_up", 1e4, 20000, 0);
	rec->event_points[3].consumer_cpu = example_about(6, 2);
	/* equal to the kernel's tick in all windows */
	rec->event_points[3].machine_cpu = (struct effect){0, 0, 0};
	rec->event_points[3].exposure_s = 10.1;
	rec->event_points[3].buffer_fills = 18.3;
	rec->event_points[3].exposure_produced = 100000;
	rec->event_points[3].stalls_per_s = (struct effect){0, 0, 0.297};
	return rec;
}

static void test_tables(void **state)
{
	struct record *rec = sweep();
	char *text = rendered(rec, RENDER_TEXT);

	(void)state;
	says(text, "Events: cost, loss and latency against the rate");
	/* one unit a column, which its header says */
	says(text, "delay p50, ns  delay p99, ns  delay max, ms");
	says(text,
	     "raw_tp_perf  none        10 K   +0.01 %             24            880            "
	     "2.5              0\n");
	says(text, "353 K !");
	says(text, "4,000 (1 %)");
	says(text, "call p50, ns  call p99, ns");
	says(text, "1000 ±20    1200..9000");
	says(text, "2000..4,000,000");
	says(text, "+400 ±20");
	fits(text);
	free(text);
	text = rendered(rec, RENDER_MARKDOWN);
	says(text, "| raw_tp_perf | none | 10 K |");
	free(text);
	record_free(rec);
}

static void test_accounting(void **state)
{
	struct record *rec = sweep();
	char *text = rendered(rec, RENDER_TEXT);

	(void)state;
	says(text, "CPU and loss at 10,000 events/s");
	/* 0.4 + 0.3, half-widths of 0.05 in quadrature */
	says(text, "+0.70 ±0.07  GREEN");
	/* 40,000 in windows whose events fit into the buffer */
	says(text, "0 of 40,000");
	says(text, "short windows");
	says(text, " 0.0 ?");
	says(text, "INCONCLUSIVE");
	says(text, "not shown\n");
	says(text, "0 of 100,000    10 s, 18 buffers  < 0.003 %  GREEN");
	says(text, "+6 ±2        +6 ±2    RED");
	free(text);
	record_free(rec);
}

static void test_overload(void **state)
{
	struct record *rec = record_new();
	struct event_point *p;
	char *text;

	(void)state;
	example_host(rec);
	p = example_point(rec, "burst", "raw_tp_perf", "caught_up", NAN, 3000, 998);
	p->burst = 1000;
	p->recovered_ms = 2.775;
	p = example_point(rec, "stopped", "raw_tp_perf", "caught_up", 1e5, 18300, 7953);
	p->stopped_ms = 10;
	p->recovered_ms = NAN;
	p->buffer_bytes = 4 << 20;
	text = rendered(rec, RENDER_TEXT);
	says(text, "Events: overload");
	says(text, "1,000 calls back to back");
	says(text, "998 (33.3 %)");
	says(text, "100 K/s, reader stopped 10 ms");
	says(text, "4 MiB");
	says_not(text, "CPU and loss at");
	fits(text);
	free(text);
	record_free(rec);
}

static void test_breakpoints(void **state)
{
	struct record *rec = record_new();
	char *text;

	(void)state;
	example_host(rec);
	example_breakpoint(rec, "cpu", true);
	example_breakpoint(rec, "loss", false);
	text = rendered(rec, RENDER_TEXT);
	says(text, "  raw_tp_perf, none  cpu ");
	says(text, "81.2 K (22.5 K to 144 K)");
	says(text, "no breakpoint below 1 M");
	says(text, "1 of 2 curves tested");
	says(text, "+1.00 ±0.10");
	fits(text);
	free(text);
	record_free(rec);
}

/* Another budget changes the rates, the thresholds and the words. */
static void test_accounting_of_a_budget(void **state)
{
	struct record *rec = sweep();
	struct budget budget;
	struct page page;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	budget_default(&budget);
	budget.rate = 1e5;
	budget.cpu_percent = (struct bounds){0.1, 0.2};
	assert_int_equal(page_open(&page, rec, RENDER_TEXT, out), 0);
	page.budget = &budget;
	assert_int_equal(sweeps_print_accounting(&page), 0);
	page_close(&page);
	fclose(out);
	says(text, "CPU and loss at 100,000 events/s");
	says(text, "below 0.1 % GREEN, above 0.2 % RED");
	says(text, "lost at 100 K/s");
	says(text, "+7.00 ±0.07  RED");
	says_not(text, "per-event");
	free(text);
	record_free(rec);
}

/* An older record is shown, with a line about what must not be relied on. */
static void test_withdrawn(void **state)
{
	struct record *rec = sweep();
	char *text;

	(void)state;
	example_breakpoint(rec, "cpu", true)->highest = NAN;
	text = rendered(rec, RENDER_TEXT);
	says(text, "withdrawn");
	says(text, "bounds on loss");
	says(text, "its breakpoints");
	says_not(text, "Breakpoints: the rate");
	free(text);
	for (size_t i = 0; i < rec->n_event_points; i++) {
		rec->event_points[i].reader.wake = strdup("never");
		rec->event_points[i].reader.wait = strdup("edge");
	}
	rec->breakpoints[0].highest = 1e6;
	text = rendered(rec, RENDER_TEXT);
	says_not(text, "withdrawn");
	says(text, "Breakpoints: the rate");
	free(text);
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures),	    cmocka_unit_test(test_tables),
		cmocka_unit_test(test_accounting),  cmocka_unit_test(test_overload),
		cmocka_unit_test(test_breakpoints), cmocka_unit_test(test_accounting_of_a_budget),
		cmocka_unit_test(test_withdrawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
