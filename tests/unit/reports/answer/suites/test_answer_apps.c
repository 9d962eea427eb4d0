/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/reports/answer/answered.h"

static struct app_result *add(struct record *rec, const char *app, const char *variant,
			      const char *monitored, const char *quantity, double value)
{
	struct app_result *row = record_add_app_result(rec);
	char id[128];

	if (!row)
		abort();
	snprintf(id, sizeof(id), "%s/%s/%s/%s", app, variant, monitored, quantity);
	row->id = strdup(id);
	row->app = strdup(app);
	row->scale = strdup("quick");
	row->variant = strdup(variant);
	row->monitored = strdup(monitored);
	row->quantity = strdup(quantity);
	row->measure = strdup("1/s");
	row->windows = 20;
	row->value = example_about(value, value / 100);
	return row;
}

static void counted(struct record *rec, const char *app, const char *variant, double munmap)
{
	add(rec, app, variant, strcmp(variant, "counting") ? "hit" : "-", "munmap_per_s", munmap);
	add(rec, app, variant, strcmp(variant, "counting") ? "hit" : "-", "madvise_per_s", 0);
}

/* The program alone, its null test, and a probe that changes it by so many %. */
static void program(struct record *rec, const char *app, double calls, struct effect change,
		    struct effect predicted)
{
	struct app_result *row;

	add(rec, app, "none", "-", "throughput", 1000);
	add(rec, app, "none_again", "-", "throughput", 1000)->change = example_about(0.1, 0.5);
	counted(rec, app, "counting", calls);
	counted(rec, app, "kprobe_perf", calls);
	row = add(rec, app, "kprobe_perf", "hit", "throughput", 1000);
	row->change = change;
	row->predicted = predicted;
	row = add(rec, app, "all_probes", "hit", "throughput", 1000);
	row->change = change;
}

static struct record *programs(void)
{
	const struct effect unknown = {NAN, NAN, NAN};
	struct record *rec = record_new();

	example_host(rec);
	program(rec, "redis", 0, example_about(-4, 1), example_about(0, 0));
	program(rec, "postgres", 900, example_about(-4, 1), example_about(-3.5, 0.5));
	program(rec, "python", 900, example_about(-9, 1), example_about(-3.5, 0.5));
	program(rec, "node", 900, example_about(0.5, 3), example_about(-0.1, 0.3));
	program(rec, "sysbench", 900, example_about(-1, 0.2), unknown);
	return rec;
}

/* A probe on a call that is never made never fires: whatever changed, it was not the probe. */
static void test_findings(void **state)
{
	struct record *rec = programs();
	char *text = answered(rec);

	(void)state;
	golden_is("apps", text);
	says_words(text, "redis kprobe_perf -4.0 ±1.0 % 0 % 1.43 % never fires");
	says_words(text, "postgres kprobe_perf -4.0 ±1.0 % -3.5 ±0.5 % 1.43 % agrees");
	says_words(text, "python kprobe_perf -9.0 ±1.0 % -3.5 ±0.5 % 1.43 % more");
	says_words(text, "node kprobe_perf not resolved < 0.40 % 4.29 % not visible");
	says_words(text, "sysbench kprobe_perf -1.0 ±0.2 % - 0.29 % seen");
	says_words(text, "change postgres -4.0 ±1.0 %, python -9.0 ±1.0 %");
	says_words(text, "in 1 the probes never fire");
	says_words(text, "munmap and madvise: redis 0, postgres 900, python 900");
	free(text);
	record_free(rec);
}

/* A program on sys_enter runs for other calls too; so do all probes with one of its kind. */
static void test_every_syscall(void **state)
{
	struct record *rec = record_new();
	struct app_result *row;
	char *text;

	(void)state;
	example_host(rec);
	program(rec, "redis", 0, example_about(-4, 1), example_about(-3.5, 0.5));
	counted(rec, "redis", "raw_tp_perf", 0);
	row = add(rec, "redis", "raw_tp_perf", "hit", "throughput", 1000);
	row->change = example_about(-4, 1);
	row->predicted = example_about(-3.5, 0.5);
	text = answered(rec);
	says_words(text, "redis kprobe_perf -4.0 ±1.0 % -3.5 ±0.5 % 1.43 % never fires");
	says_words(text, "redis raw_tp_perf -4.0 ±1.0 % -3.5 ±0.5 % 1.43 % agrees");
	says_words(text, "redis all_probes -4.0 ±1.0 % - 1.43 % seen");
	free(text);
	record_free(rec);
}

static void test_null_test(void **state)
{
	struct record *rec = record_new();
	char *text;

	(void)state;
	example_host(rec);
	program(rec, "redis", 9, example_about(-4, 1), example_about(-3.5, 0.5));
	for (size_t i = 0; i < rec->n_app_results; i++)
		if (!strcmp(rec->app_results[i].variant, "none_again"))
			rec->app_results[i].change = example_about(9, 1);
	text = answered(rec);
	says_words(text,
		   "Null test FAILS for redis: two kinds of windows without a probe differ by "
		   "+9.0 % [+8.0, +10.0]");
	free(text);
	record_free(rec);
}

static void test_nothing(void **state)
{
	struct record *rec = programs();
	char *text;

	(void)state;
	skip_all(rec, "redis-server is not installed");
	text = answered(rec);
	says(text, "No program was measured with a probe and without");
	says_words(text, "redis-server is not installed");
	says(text, "Next      bpftoll doctor");
	free(text);
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_every_syscall),
		cmocka_unit_test(test_null_test),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
