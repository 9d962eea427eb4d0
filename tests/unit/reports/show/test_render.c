/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/stats/combine.h"
#include "reports/show/costs/counter_table.h"
#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/record/record_rows.h"
#include "reports/show/render.h"
#include "tests/unit/reports/example.h"
#include "tests/unit/reports/rendered.h"

static void effect_is(double value, double lo, double hi, enum unit unit, enum figure_style style,
		      const char *expected)
{
	char text[128] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	figure_effect(out, (struct effect){value, lo, hi}, unit, style);
	fclose(out);
	assert_string_equal(text, expected);
}

static void test_figures(void **state)
{
	(void)state;
	assert_int_equal(figure_decimals(3), 0);
	assert_int_equal(figure_decimals(0.04), 2);
	assert_int_equal(figure_decimals(40), -1);
	assert_int_equal(figure_decimals(0.4), 1);
	assert_int_equal(figure_decimals(2), 0);
	assert_int_equal(figure_decimals(19), 0);
	effect_is(94.213, 91.1, 97.3, UNIT_NS, FIGURE_BRACKETS, "+94 [+91, +97]");
	effect_is(2.6049, 2.57, 2.64, UNIT_NS, FIGURE_BRACKETS, "+2.60 [+2.57, +2.64]");
	effect_is(0.1, -0.4, 0.6, UNIT_NS, FIGURE_BRACKETS, "~+0.1 [-0.4, +0.6]");
	effect_is(0.1, -0.4, 0.6, UNIT_NS, FIGURE_UNMARKED, "+0.1 [-0.4, +0.6]");
	effect_is(-12.3, -15, -9, UNIT_NS, FIGURE_PLUS_MINUS, "-12 ±3");
	effect_is(1234, 1134, 1355, UNIT_NS, FIGURE_PLUS_MINUS, "+1230 ±120");
	effect_is(-0.01, -0.5, 0.5, UNIT_NS, FIGURE_BRACKETS, "~0.0 [-0.5, +0.5]");
	effect_is(342, 342, 342, UNIT_INSTRUCTIONS, FIGURE_BRACKETS, "+342");
	effect_is(0, 0, 0, UNIT_INSTRUCTIONS, FIGURE_BRACKETS, "0");
	effect_is(NAN, NAN, NAN, UNIT_NS, FIGURE_BRACKETS, "-");
	effect_is(5, NAN, NAN, UNIT_NS, FIGURE_BRACKETS, "+5.0 ?");
	effect_is(80, 3.4, 160, UNIT_NS, FIGURE_BRACKETS, "+80 [+3, +160]");
	effect_is(75000, 50000, 4e6, UNIT_NS, FIGURE_PLUS_MINUS, "+100000..+4000000");
	effect_is(75000, -1000, 4e6, UNIT_NS, FIGURE_PLUS_MINUS, "~0..+4000000");
	effect_is(1e300, -1e300, 1e301, UNIT_NS, FIGURE_BRACKETS, "~+1e+300 [-1e+300, +1e+301]");
}

static void test_text(void **state)
{
	struct record *rec = example_record();
	char *text = rendered(rec, RENDER_TEXT);

	(void)state;
	says(text, "6.1.0-28-amd64");
	says(text, "steps by 26 ticks");
	says(text, "measured on CPU 1, read on CPU 0: the quieter of two");
	says(text, "WARNING         steal time: 1.4 %");
	says_not(text, "PARTIAL");
	says(text, "munmap_einval, hot cache, in ns");
	says(text, "getppid, hot cache");
	says(text, "typical 260, p50 260, p99 451, p99.9 1408, max 48221 ns, n = 10,000");
	says(text, "null test       nothing attached, twice: passes: typical +0.1 [-0.4, +0.6] ns. "
		   "Differences");
	says_not(text, "holds zero");
	says(text, "95 % over worker processes where a row has several");
	says(text, "calls over 20 rounds of 8 worker processes");
	says(text, "From load to load");
	says(text, "+22..+61");
	says(text, "+25 in 60 %, +60 in 40 %");
	says(text, "read jitter ±");
	says(text, "raw_tp_empty");
	says(text, "+31.0 [+30.6, +31.5]");
	says(text, "~+0.1 [-0.3, +0.6]"); /* getppid */
	says(text, "p99 shift");
	says(text, "is not the p99 of the");
	says(text, "1,000 (10 %)");
	says(text, "16x");
	says(text, "wakes the reader costs 16x (perf), 15x (ringbuf)");
	says(text, "+120 ±2");
	says(text, "uncounted       cycles:k: no PMU here");
	says(text, "skipped, 2 configurations: kprobe_*: kernel built without CONFIG_KPROBES "
		   "(/proc/config.gz)");
	says(text, "skipped, 1 configuration: fentry_pid: no trampoline");
	says_not(text, "floor over");
	free(text);

	rec->partial = true;
	/* not zero, but by less than the rows claim to show, and by less than 1 ns */
	rec->results[1]->overhead.typical = (struct effect){0.5, 0.1, 0.9};
	text = rendered(rec, RENDER_TEXT);
	says(text, "PARTIAL");
	says(text, "null test       nothing attached, twice: passes: typical +0.5 [+0.1, +0.9] ns. "
		   "Differences under 0.9 ns");
	says_not(text, "distrust");
	free(text);
	rec->results[1]->overhead.typical = (struct effect){9, 7, 11};
	text = rendered(rec, RENDER_TEXT);
	says(text, "null test       nothing attached, twice: FAILS: typical +9 [+7, +11] ns. "
		   "Differences under 11 ns");
	says(text, "distrust this table");
	free(text);
	record_free(rec);
}

static struct counter_value *give_counters(struct record_result *result, size_t n)
{
	result->counters = calloc(n, sizeof(*result->counters));
	if (!result->counters)
		abort();
	result->n_counters = n;
	return result->counters;
}

/*
 * IPC of the work that a configuration adds and of the baseline; what each event is; a long list of
 * events continues on further lines.
 */
static void test_counters(void **state)
{
	static const char *const more[] = {"branch-misses:k", "l1i-misses:k", "llc-misses:k",
					   "dtlb-walks:k",    "itlb-walks:k", "l2-misses:k"};
	struct record *rec = example_record();
	struct counter_value *c = give_counters(rec->results[3], 8);
	char *text;

	(void)state;
	rec->results[2]->counters[0].baseline.value = NAN; /* an older record's */
	c[0] = (struct counter_value){
		strdup("cycles:k"), strdup("CPU_CYCLES:k"), {200, 190, 210}, {400, 390, 410}, NULL};
	c[1] = (struct counter_value){
		strdup("instructions:k"), NULL, {300, 299, 301}, {200, 199, 201}, NULL};
	for (size_t i = 0; i < 6; i++)
		c[2 + i] = (struct counter_value){
			strdup(more[i]), NULL, {1, 0.9, 1.1}, {2, 1.9, 2.1}, NULL};
	text = rendered(rec, RENDER_TEXT);
	says(text, "1.50 ±0.08"); /* 300 / 200, the ends 299 / 210 and 301 / 190 */
	says(text, "0.500 ±0.015");
	says(text, "cycles:k is CPU_CYCLES:k");
	says(text, "l2-misses:k");
	says_not(text, "uncounted       cycles:k");
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strstr(line, "-misses:k"))
			assert_true(strlen(line) <= 120);
	free(text);
	text = rendered(rec, RENDER_MARKDOWN);
	says(text, "| IPC |");
	free(text);
	record_free(rec);
	/* the quotient of cycles that may be zero or negative is not given */
	assert_true(isnan(counter_ipc((struct effect){5, 4, 6}, (struct effect){1, -1, 3}).value));
	assert_true(counter_ipc((struct effect){-5, -6, -4}, (struct effect){2, 1, 4}).lo == -6);
}

static struct record_result *as_cold(struct record_result *result)
{
	free(result->cache);
	free(result->id);
	result->cache = strdup("cold");
	result->id = strdup("an id that rendering does not read");
	return result;
}

static void test_cold(void **state)
{
	struct record *rec = example_record();
	struct eviction *row = record_add_eviction(rec);
	char *text;

	(void)state;
	row->what = strdup("data");
	row->how = strdup("4 MiB read");
	row->measure = strdup("a load");
	row->hot = 2.4;
	row->evicted = 51;
	row->near = 7.2;
	row->far = 140;
	row->eviction = 560000;
	row->holds = true;
	row->note = strdup("out of L1 and L2");
	text = rendered(rec, RENDER_TEXT);
	says(text, "between cold calls: 4 MiB read; it takes 560 us");
	says(text, "proved          data: out of L1 and L2");
	says_not(text, "Cold against hot"); /* nothing cold was measured */
	free(text);
	as_cold(example_config(rec, "raw_tp", "empty", "munmap_einval", "-", 1000));
	rec->evictions[0].holds = false;
	text = rendered(rec, RENDER_TEXT);
	says(text, "NOT PROVED");
	says(text, "munmap_einval, cold cache");
	says(text, "Cold against hot");
	says(text, "+969.0 ±0.6"); /* 1000 - 31, 0.4 and 0.5 in quadrature */
	free(text);
	record_free(rec);
	assert_float_equal(
		combine_difference((struct effect){10, 7, 14}, (struct effect){1, -3, 5}).lo, 4,
		1e-9);
}

/* No line of the tables is longer than 120 columns. */
static void test_width(void **state)
{
	static const char *const bodies[] = {"perf", "ringbuf", "ringbuf_output"};
	static const char *const wakeups[] = {"busy", "idle", "caught_up"};
	struct record *rec = example_record();
	char *text;

	(void)state;
	for (size_t i = 0; i < 9; i++) {
		struct record_result *result =
			example_config(rec, "kprobe_multi", bodies[i / 3], "munmap_einval",
				       wakeups[i % 3], 3152.3);

		example_events(result, 10000, 0, 10);
		result->n += i;
	}
	text = rendered(rec, RENDER_TEXT);
	fits(text);
	free(text);
	record_free(rec);
}

static void test_order(void **state)
{
	struct record *rec = record_new();
	char *text, *a, *b, *c;

	(void)state;
	example_config(rec, "kprobe", "empty", "t", "-", 1);
	example_config(rec, "raw_tp", "empty", "t", "-", 1);
	example_config(rec, "kprobe", "pid", "t", "-", 1);
	text = rendered(rec, RENDER_TEXT);
	a = strstr(text, "kprobe_empty");
	b = strstr(text, "kprobe_pid");
	c = strstr(text, "raw_tp_empty");
	assert_true(a && b && c && a < b && b < c);
	says(text, "none in this record");
	says(text, "the smallest difference that can be seen is not known");
	free(text);
	record_free(rec);
}

/* Two readings of one counter agree even if its frequency is wrong; only another clock shows it. */
static void test_clock(void **state)
{
	struct record *rec = example_record();
	char *text;

	(void)state;
	rec->host.clocksource = NULL; /* an older record */
	text = rendered(rec, RENDER_MARKDOWN);
	says(text, "; read jitter ±3 ppm against a clock made from the same TSC, not its accuracy");
	free(text);
	rec->host.clocksource = strdup("kvm-clock");
	text = rendered(rec, RENDER_MARKDOWN);
	says(text, "made from the same TSC");
	free(text);
	free(rec->host.clocksource);
	rec->host.clocksource = strdup("hpet");
	text = rendered(rec, RENDER_MARKDOWN);
	says(text, "; read jitter ±3 ppm against hpet");
	free(text);
	record_free(rec);
}

/* A reader whose CPU polls is woken sooner: which it was is printed beside the figures. */
static void test_idle(void **state)
{
	struct record *rec = example_record();
	char *text;

	(void)state;
	text = rendered(rec, RENDER_MARKDOWN); /* an older record */
	says_not(text, "reader CPU");
	free(text);
	rec->placement.measure_idle = strdup("polls: no C-state is allowed");
	rec->placement.probe_reader_idle =
		strdup("sleeps down to C6 (133 us to leave), intel_idle");
	text = rendered(rec, RENDER_MARKDOWN);
	says(text, "the reader CPU 0 sleeps down to C6 (133 us to leave), intel_idle; the "
		   "measuring CPU 1 polls: no C-state is allowed");
	free(text);
	record_free(rec);
}

static void test_instructions(void **state)
{
	struct record *rec = record_new();
	struct record_result *result =
		example_config(rec, "kprobe", "empty", "munmap_einval", "-", 0);
	char *text;

	(void)state;
	result->unit = UNIT_INSTRUCTIONS;
	result->overhead.typical = result->overhead.mean = (struct effect){342, 342, 342};
	result->overhead.p50 = result->overhead.p99 = result->overhead.typical;
	text = rendered(rec, RENDER_TEXT);
	says(text, "in instructions over the baseline");
	says(text, "+342");
	says_not(text, "[+342");
	says_not(text, "+342.0");
	says_not(text, " ns");
	free(text);
	text = rendered(rec, RENDER_CSV);
	says(text, ",load_p10,load_p90,loads,modes,workers,interval_over");
	says(text, ",instructions,342,342,342,");
	free(text);
	record_free(rec);
}

static void test_unmeasured_names(void **state)
{
	struct record *rec = example_record();
	struct record_result *result;
	char *text;

	(void)state;
	/* Some of kprobe_pid differ now: printed by workload; not all of kprobe either. */
	result = example_config(rec, "kprobe", "pid", "getppid", "-", 3);
	assert_non_null(result);
	result = example_config(rec, "raw_tp", "perf", "munmap_einval", "busy", 3);
	result->status = RESULT_INVALID;
	result->reason = strdup("produced 10, received 9");
	text = rendered(rec, RENDER_TEXT);
	says(text,
	     "skipped, 2 configurations: kprobe_empty, kprobe_pid on munmap_einval: kernel built");
	says(text, "invalid, 1 configuration: raw_tp_perf/munmap_einval/busy/hot: produced 10, "
		   "received 9");
	free(text);
	record_free(rec);
}

/* Every text that a record can hold, made to attack the program that shows it. */
static struct record *hostile(const char *attack)
{
	struct record *rec = example_record();
	struct record_result *result;

	free(rec->host.cpu);
	rec->host.cpu = strdup(attack);
	free(rec->placement.reason);
	rec->placement.reason = strdup(attack);
	free(rec->argv[1]);
	rec->argv[1] = strdup(attack);
	record_add_warning(rec, "%s", attack);
	result = example_config(rec, attack, attack, attack, attack, 3);
	example_events(result, 10, 0, 0);
	free(result->mechanism);
	result->mechanism = strdup(attack);
	result = example_config(rec, attack, attack, attack, "idle", 3);
	result->status = RESULT_SKIPPED;
	result->reason = strdup(attack);
	return rec;
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void test_hostile_text(void **state)
{
	struct record *rec = hostile("\x1b[31m\r\n\x7f\xc2\x9b"
				     "2J\xe2\x80\xae\xff|<b>");
	char *text = rendered(rec, RENDER_TEXT);

	(void)state;
	for (const char *c = text; *c; c++)
		assert_true(*c == '\n' || (unsigned char)*c >= 0x20);
	assert_null(strchr(text, 0x7f));
	says_not(text, "\xc2\x9b");
	says_not(text, "\xe2\x80\xae");
	says_not(text, "\xff");
	says(text, "\\x1b[31m\\x0d\\x0a\\x7f\\xc2\\x9b2J\\xe2\\x80\\xae\\xff|<b>");
	free(text);
	record_free(rec);
}

static void test_hostile_markdown(void **state)
{
	struct record *plain = hostile("quiet"),
		      *rec = hostile("a|b\n# x <script> ![i](u) `c` \\|");
	char *was = rendered(plain, RENDER_MARKDOWN), *text = rendered(rec, RENDER_MARKDOWN);

	(void)state;
	assert_int_equal(lines_of(was), lines_of(text));
	says_not(text, "<script>");
	says_not(text, "![i]");
	says_not(text, "a|b");
	says(text, "a\\|b\\\\x0a# x &lt;script&gt; \\!\\[i\\](u) \\`c\\` \\\\\\|");
	says(was, "| variant | wakeup |");
	says(was, "| raw_tp_empty | - |");
	free(was);
	free(text);
	record_free(plain);
	record_free(rec);
}

static size_t fields_of(const char *line, const char **end)
{
	bool shown = false;
	size_t n = 1;

	for (; *line && (shown || *line != '\n'); line++) {
		if (*line == '"')
			shown = !shown;
		n += *line == ',' && !shown;
	}
	*end = *line ? line + 1 : line;
	return n;
}

static void test_hostile_csv(void **state)
{
	struct record *rec = hostile("=1+1,\"x\"\n");
	char *text;
	const char *line;
	size_t fields, rows = 1;

	(void)state;
	rec->results[2]->counters[0].name[3] = '"';
	text = rendered(rec, RENDER_CSV);
	says(text, "22,61,20,25=0.6 60=0.4,8,\"worker processes\"");
	fields = fields_of(text, &line);
	while (*line) {
		assert_int_equal(fields_of(line, &line), fields);
		rows++;
	}
	assert_int_equal(rows, 1 + rec->n_results);
	assert_int_equal(lines_of(text), rows);
	says(text, "\"'=1+1,\"\"x\"\"\\x0a\"");
	says(text, "\"raw_tp_empty\",\"-\",measured");
	free(text);
	record_free(rec);
}

static void test_empty_record(void **state)
{
	struct record *rec = record_new();

	(void)state;
	for (int format = RENDER_TEXT; format <= RENDER_CSV; format++)
		free(rendered(rec, (enum render_format)format));
	record_free(rec);
}

static void test_broken_output(void **state)
{
	struct record *rec = example_record();
	FILE *full = fopen("/dev/full", "we");

	(void)state;
	assert_non_null(full);
	assert_int_equal(render_record(rec, RENDER_TEXT, full), -EIO);
	fclose(full);
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures),	      cmocka_unit_test(test_text),
		cmocka_unit_test(test_counters),      cmocka_unit_test(test_cold),
		cmocka_unit_test(test_width),	      cmocka_unit_test(test_order),
		cmocka_unit_test(test_clock),	      cmocka_unit_test(test_idle),
		cmocka_unit_test(test_instructions),  cmocka_unit_test(test_unmeasured_names),
		cmocka_unit_test(test_hostile_text),  cmocka_unit_test(test_hostile_markdown),
		cmocka_unit_test(test_hostile_csv),   cmocka_unit_test(test_empty_record),
		cmocka_unit_test(test_broken_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
