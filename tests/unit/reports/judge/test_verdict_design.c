/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the verdict answers: the probe under test first, other configurations as changes; what other
 * syscalls pay; with something missing it is never GREEN.
 */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/load/variant.h"
#include "reports/judge/loss.h"
#include "reports/show/verdict/matrix.h"
#include "reports/show/verdict/verdict_words.h"
#include "tests/unit/reports/example_verdict.h"

struct court {
	struct record_set e;
	struct verdicts v;
};

static void judge(struct court *c, struct record *rec, const struct verdict_scope *scope,
		  double others)
{
	static const struct verdict_scope all = {NULL, NULL, NULL};
	struct budget budget;

	budget_default(&budget);
	budget.other_syscalls = others;
	c->e = (struct record_set){.n_runs = 1};
	c->e.runs[0].record = rec;
	assert_int_equal(verdict_judge(&c->e, &budget, scope ? scope : &all, &c->v), 0);
}

static void done(struct court *c)
{
	verdict_free(&c->v);
	record_set_close(&c->e);
}

static const struct configuration *row(const struct court *c, const char *variant)
{
	for (size_t i = 0; i < c->v.n; i++)
		if (strcmp(c->v.rows[i].result->variant, variant) == 0)
			return &c->v.rows[i];
	fail_msg("no row of %s", variant);
	return NULL;
}

static void first_line(const struct court *c, const char *what)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	verdict_say(out, &c->v, RENDER_TEXT);
	fclose(out);
	if (!strstr(text, what))
		fail_msg("nothing says \"%s\" in: %s", what, text);
	free(text);
}

static void says(const struct court *c, const char *what)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(matrix_print(&c->v, RENDER_TEXT, out), 0);
	fclose(out);
	if (!strstr(text, what))
		fail_msg("nothing says \"%s\" in:\n%s", what, text);
	free(text);
}

/* A record of the probe under test with this p99, and all that its verdict needs. */
static struct record *under_test(double p99)
{
	struct record *rec = record_of(p99);

	point_of(rec, rec->results[1], 10000, 0.3, 0.2, 120000, 0);
	return rec;
}

/* Another configuration, which passes; its CPU in %. */
static struct record_result *add_passing(struct record *rec, const char *hook, const char *wakeup,
					 double cpu)
{
	struct record_result *result = add_result(rec, hook, "ringbuf", wakeup, 400);

	point_of(rec, result, 10000, cpu / 2, cpu / 2, 120000, 0);
	return result;
}

static struct record_result *add_control(struct record *rec, const char *hook, double mean)
{
	struct record_result *result =
		example_config(rec, hook, "lookup_miss", "getppid", "-", mean);

	result->overhead.mean = (struct effect){mean, mean - 5, mean + 5};
	return result;
}

static void test_probe_under_test_decides(void **state)
{
	static const int asked[] = {0, 1, 3, 3, 2}; /* as it stands: the exit status */
	static const struct {
		double p99; /* of the probe under test */
		bool change;
		enum verdict verdict;
		const char *says;
	} rows[] = {
		{500, true, VERDICT_GREEN, "GREEN: proceed with the probe as it is"},
		{1500, true, VERDICT_YELLOW,
		 "YELLOW: proceed with changes: fentry_ringbuf, none; "
		 "the probe under test (kprobe_as_written, "
		 "per-event) is YELLOW for its p99"},
		{3000, true, VERDICT_YELLOW,
		 "YELLOW: proceed with changes: fentry_ringbuf, none; "},
		{3000, false, VERDICT_RED, "RED: redesign: the probe under test"},
		{1950, true, VERDICT_INCONCLUSIVE, "is undecided by its p99"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct record *rec = under_test(rows[i].p99);
		struct court c;

		if (rows[i].change) {
			add_passing(rec, "fexit", "idle", 0.8);
			add_passing(rec, "fentry", "idle", 0.4);
		}
		judge(&c, rec, NULL, NAN);
		if (c.v.run != rows[i].verdict)
			fail_msg("row %zu: %s", i, verdict_name(c.v.run));
		assert_int_equal(verdict_asked(&c.v), asked[i]);
		first_line(&c, rows[i].says);
		if (rows[i].change)
			says(&c, "pass, the cheapest first: fentry_ringbuf, none 0.4 % of a CPU;");
		done(&c);
	}
}

/* Many others pass, and the probe under test was not measured, is missing, or could not be
 * measured: never GREEN. */
static void test_unmeasured(void **state)
{
	struct record *rec = record_new();
	struct record_result *result;
	struct court c;

	(void)state;
	example_host(rec);
	add_passing(rec, "fentry", "idle", 0.4);
	judge(&c, rec, NULL, NAN);
	assert_int_equal(c.v.rows[0].verdict, VERDICT_GREEN);
	assert_int_equal(c.v.run, VERDICT_INCONCLUSIVE);
	first_line(&c, "run --variant kprobe_as_written --wakeup-policy per-event --syscall "
		       "munmap_einval");
	verdict_free(&c.v);
	result = record_add_result(rec, "kprobe_as_written", "kprobe", "as_written",
				   "munmap_einval", "caught_up", "hot");
	result->status = RESULT_SKIPPED;
	result->reason = strdup("kernel built without CONFIG_KPROBES");
	judge(&c, rec, NULL, NAN);
	assert_int_equal(c.v.run, VERDICT_INCONCLUSIVE);
	first_line(&c, "was skipped here: kernel built without CONFIG_KPROBES");
	says(&c, "pass, the cheapest first: fentry_ringbuf, none");
	done(&c);
}

/*
 * Without a result of as_written, kprobe_perf takes its place; with one, kprobe_perf is
 * a change like others.
 */
static void test_closest(void **state)
{
	struct record *rec = record_new();
	struct record_result *result;
	struct court c;

	(void)state;
	example_host(rec);
	result = add_result(rec, "kprobe", "perf", "caught_up", 500);
	point_of(rec, result, 10000, 0.3, 0.2, 120000, 0);
	judge(&c, rec, NULL, NAN);
	assert_int_equal(c.v.run, VERDICT_GREEN);
	verdict_free(&c.v);
	add_result(rec, "kprobe", "as_written", "caught_up", 3000);
	judge(&c, rec, NULL, NAN);
	assert_int_equal(c.v.run, VERDICT_YELLOW);
	assert_string_equal(c.v.change->result->variant, "kprobe_perf");
	done(&c);
}

/* For configurations asked for by name, the verdict is that of the worst. */
static void test_narrowed(void **state)
{
	static const struct verdict_scope ring = {NULL, "*_ringbuf", NULL};
	static const struct verdict_scope one = {NULL, "fentry_*", NULL};
	static const struct verdict_scope none = {NULL, "nothing_*", NULL};
	struct record *rec = under_test(500);
	struct court c;

	(void)state;
	add_passing(rec, "fentry", "idle", 0.4);
	add_result(rec, "fexit", "ringbuf", "caught_up", 3000);
	judge(&c, rec, &ring, NAN);
	assert_int_equal(c.v.run, VERDICT_RED);
	first_line(&c, "the worst of the 2 configurations asked for: fexit_ringbuf, per-event is "
		       "RED for its p99");
	verdict_free(&c.v);
	judge(&c, rec, &one, NAN);
	assert_int_equal(c.v.run, VERDICT_GREEN);
	first_line(&c, "It is not the probe under test");
	verdict_free(&c.v);
	judge(&c, rec, &none, NAN);
	assert_int_equal(c.v.run, VERDICT_INCONCLUSIVE);
	done(&c);
}

/*
 * 0.4 % of its own, and 60 ns for each other syscall: 0.3 % at 50,000/s, 1.2 % at 200,000/s;
 * without that price nothing is known.
 */
static void test_other_syscalls(void **state)
{
	struct record *rec = under_test(3000);
	struct app_result *app;
	struct court c;

	(void)state;
	add_passing(rec, "tp_btf", "idle", 0.4);
	judge(&c, rec, NULL, NAN);
	assert_int_equal(row(&c, "tp_btf_ringbuf")->verdict, VERDICT_INCONCLUSIVE);
	assert_true(row(&c, "tp_btf_ringbuf")->by[CRITERION_CPU].part);
	assert_int_equal(c.v.run, VERDICT_RED);
	says(&c, "every other syscall of every task pays for it, and how much was not measured");
	verdict_free(&c.v);
	add_control(rec, "tp_btf", 60);
	judge(&c, rec, NULL, NAN);
	assert_int_equal(row(&c, "tp_btf_ringbuf")->verdict, VERDICT_GREEN);
	assert_true(fabs(row(&c, "tp_btf_ringbuf")->by[CRITERION_CPU].measured.value - 0.7) < 1e-9);
	assert_int_equal(c.v.run, VERDICT_YELLOW);
	says(&c, "getppid): at 50,000/s (assumed)");
	verdict_free(&c.v);
	judge(&c, rec, NULL, 200000);
	assert_int_equal(row(&c, "tp_btf_ringbuf")->by[CRITERION_CPU].verdict, VERDICT_YELLOW);
	verdict_free(&c.v);
	app = record_add_app_result(rec);
	app->app = strdup("redis");
	app->variant = strdup("counting");
	app->quantity = strdup("syscalls_per_s");
	app->value = (struct effect){600000, 590000, 610000};
	judge(&c, rec, NULL, NAN);
	assert_int_equal(row(&c, "tp_btf_ringbuf")->by[CRITERION_CPU].verdict, VERDICT_RED);
	says(&c, "600,000/s (measured: all of redis's");
	done(&c);
}

/* Every hook that runs its program for all syscalls is known here as one that others pay for. */
static void test_hooks_are_known(void **state)
{
	(void)state;
	for (int h = 0; h < HOOK_COUNT; h++)
		if (hook_sees_all_syscalls((enum hook)h))
			assert_true(other_syscalls_pay(hook_name((enum hook)h)));
	assert_true(other_syscalls_pay("tracepoint"));
	assert_false(other_syscalls_pay("kprobe"));
}

/* What is missing, one thing at a time, and the criterion that is then undecided. */
static void drop_bound(struct record_result *result, struct event_point *p)
{
	(void)p;
	result->p99_bound = (struct effect){NAN, NAN, NAN};
}

static void drop_mean(struct record_result *result, struct event_point *p)
{
	/* in a record from before readers were kept, caught_up is still one wakeup policy */
	free(result->reader.wake);
	free(p->reader.wake);
	result->reader.wake = p->reader.wake = NULL;
}

static void drop_reader(struct record_result *result, struct event_point *p)
{
	(void)result;
	p->consumer_cpu = (struct effect){NAN, NAN, NAN};
}

static void drop_exposure(struct record_result *result, struct event_point *p)
{
	(void)result;
	p->exposure_s = p->buffer_fills = NAN;
}

static void too_short(struct record_result *result, struct event_point *p)
{
	(void)result;
	p->exposure_s = 9.9;
}

static void too_few_fills(struct record_result *result, struct event_point *p)
{
	(void)result;
	p->buffer_fills = 0.9;
}

static void rename_to(char **name, const char *to)
{
	free(*name);
	*name = strdup(to);
}

static void other_workload(struct record_result *result, struct event_point *p)
{
	(void)result;
	rename_to(&p->workload, "madvise_dontneed_4k");
}

static void other_policy(struct record_result *result, struct event_point *p)
{
	(void)result;
	rename_to(&p->policy, "every 64th");
}

static void other_reader(struct record_result *result, struct event_point *p)
{
	(void)result;
	rename_to(&p->reader.wait, "spin");
}

static void cold(struct record_result *result, struct event_point *p)
{
	(void)p;
	rename_to(&result->cache, "cold");
}

static void test_missing(void **state)
{
	static const struct {
		void (*drop)(struct record_result *result, struct event_point *p);
		enum criterion open;
		const char *settle;
	} rows[] = {
		{drop_bound, CRITERION_P99, "bounds the p99 of the cost"},
		{drop_mean, CRITERION_CPU, "typical cost, not the mean"},
		{drop_reader, CRITERION_CPU, "reader's CPU"},
		{drop_exposure, CRITERION_LOSS, "10 s and 10 buffer fills"},
		{too_short, CRITERION_LOSS, "10 s and 10 buffer fills"},
		{too_few_fills, CRITERION_LOSS, "10 s and 10 buffer fills"},
		{other_workload, CRITERION_CPU, "run --suite events"},
		{other_policy, CRITERION_LOSS, "run --suite events"},
		{other_reader, CRITERION_LOSS, "run --suite events"},
		{cold, CRITERION_LOSS, "run --suite events"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct record *rec = under_test(500);
		struct court c;
		const struct judgement *j;

		rows[i].drop(rec->results[1], &rec->event_points[0]);
		judge(&c, rec, NULL, NAN);
		j = &c.v.rows[0].by[rows[i].open];
		if (c.v.run != VERDICT_INCONCLUSIVE || j->verdict != VERDICT_INCONCLUSIVE)
			fail_msg("row %zu: %s, %s", i, verdict_name(c.v.run),
				 verdict_name(j->verdict));
		if (!strstr(j->settle, rows[i].settle))
			fail_msg("row %zu: %s", i, j->settle);
		done(&c);
	}
}

/*
 * In a record without bounds, a median 4,000 ns higher is RED, one 200 ns higher decides nothing.
 */
static void test_older_record(void **state)
{
	struct record *rec = under_test(500);
	struct record_result *result = rec->results[1];
	struct court c;

	(void)state;
	result->p99_bound = result->p99_least = (struct effect){NAN, NAN, NAN};
	result->overhead.p50 = (struct effect){4000, 3900, 4100};
	judge(&c, rec, NULL, NAN);
	assert_int_equal(c.v.run, VERDICT_RED);
	verdict_free(&c.v);
	result->overhead.p50 = (struct effect){200, 190, 210};
	judge(&c, rec, NULL, NAN);
	assert_int_equal(c.v.run, VERDICT_INCONCLUSIVE);
	done(&c);
}

/*
 * With nobody woken there is no reader in a cost run: its CPU and loss need another wakeup policy.
 */
static void test_no_reader(void **state)
{
	struct record *rec = under_test(3000);
	const struct judgement *j;
	struct court c;

	(void)state;
	add_result(rec, "fentry", "ringbuf", "idle", 400);
	judge(&c, rec, NULL, NAN);
	j = row(&c, "fentry_ringbuf")->by;
	assert_non_null(strstr(j[CRITERION_CPU].settle, "--wakeup-policy polled-1ms"));
	assert_non_null(strstr(j[CRITERION_LOSS].settle, "--wakeup-policy polled-1ms"));
	done(&c);
}

/*
 * 30 events lost, one by one or in one stall of a second: the uncertainty is in the number of
 * stalls.
 */
static void test_stalls(void **state)
{
	struct record *rec = under_test(500);
	struct event_point *p = &rec->event_points[0];
	uint64_t lost[12], sent[12];
	struct effect apart;
	struct court c;

	(void)state;
	for (size_t i = 0; i < 12; i++) {
		lost[i] = 2 + i % 2;
		sent[i] = 10000;
	}
	p->exposure_lost = 30;
	p->stalls = 30;
	p->exposure_loss = loss_of_batches(lost, sent, 12);
	judge(&c, rec, NULL, NAN);
	apart = c.v.rows[0].by[CRITERION_LOSS].measured;
	assert_true(apart.lo > 0.01 && apart.hi < 2 * apart.value);
	assert_int_equal(c.v.run, VERDICT_YELLOW);
	verdict_free(&c.v);
	memset(lost, 0, sizeof(lost));
	lost[3] = 30;
	p->stalls = 1;
	p->exposure_loss = loss_of_batches(lost, sent, 12);
	judge(&c, rec, NULL, NAN);
	assert_true(c.v.rows[0].by[CRITERION_LOSS].measured.hi > 3 * apart.value);
	assert_int_equal(c.v.run, VERDICT_INCONCLUSIVE);
	done(&c);
}

/* Two runs of the probe under test that exclude each other decide nothing, and the first lines say
 * so. */
static void test_runs_disagree(void **state)
{
	static const struct verdict_scope all = {NULL, NULL, NULL};
	struct record *rec = under_test(500), *again = under_test(3000);
	struct budget budget;
	struct court c;

	(void)state;
	again->results[1]->overhead.typical = (struct effect){2800, 2780, 2820};
	budget_default(&budget);
	c.e = (struct record_set){.n_runs = 2};
	c.e.runs[0].record = rec;
	c.e.runs[1].record = again;
	assert_int_equal(verdict_judge(&c.e, &budget, &all, &c.v), 0);
	assert_int_equal(c.v.run, VERDICT_INCONCLUSIVE);
	says(&c, "run A and run B disagree on 1 of 3 results beyond their intervals; largest:");
	says(&c,
	     "kprobe_as_written/munmap_einval/caught_up/hot, +100.0 ±0.5 in run A and +2800 ±20 "
	     "in run B");
	done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_probe_under_test_decides),
		cmocka_unit_test(test_unmeasured),
		cmocka_unit_test(test_closest),
		cmocka_unit_test(test_narrowed),
		cmocka_unit_test(test_other_syscalls),
		cmocka_unit_test(test_hooks_are_known),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_no_reader),
		cmocka_unit_test(test_older_record),
		cmocka_unit_test(test_stalls),
		cmocka_unit_test(test_runs_disagree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
