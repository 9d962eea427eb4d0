/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made-up records on each side of every threshold. */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "reports/judge/loss.h"
#include "reports/show/verdict/matrix.h"
#include "reports/record/record_rows.h"
#include "reports/judge/verdict.h"
#include "tests/unit/reports/example_verdict.h"

static void test_rule(void **state)
{
	static const struct {
		struct effect e;
		enum verdict verdict;
	} rows[] = {
		{{500, 400, 999}, VERDICT_GREEN},
		{{500, 400, 1000}, VERDICT_YELLOW},
		{{1500, 1000, 2000}, VERDICT_YELLOW},
		{{1500, 900, 1900}, VERDICT_YELLOW},
		{{1500, 900, 2001}, VERDICT_INCONCLUSIVE},
		{{2100, 2000, 2200}, VERDICT_INCONCLUSIVE},
		{{2100, 2001, 2200}, VERDICT_RED},
		{{-5, -10, 0}, VERDICT_GREEN},
		{{NAN, NAN, NAN}, VERDICT_INCONCLUSIVE},
		{{5, NAN, NAN}, VERDICT_INCONCLUSIVE},
		{{900, -4000, 9000}, VERDICT_INCONCLUSIVE},
	};
	struct bounds both = {1000, 2000}, one = {0.01, NAN};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (verdict_of(rows[i].e, both) != rows[i].verdict)
			fail_msg("row %zu: %s", i, verdict_name(verdict_of(rows[i].e, both)));
	assert_int_equal(verdict_of((struct effect){0, 0, 0.009}, one), VERDICT_GREEN);
	assert_int_equal(verdict_of((struct effect){0, 0, 0.03}, one), VERDICT_INCONCLUSIVE);
	assert_int_equal(verdict_of((struct effect){5, 4, 6}, one), VERDICT_YELLOW);
}

static void test_loss(void **state)
{
	struct effect none = loss_share(0, 30000), few = loss_share(299, 30000);

	(void)state;
	/* none lost among 30,000 proves a loss below 0.01 % */
	assert_true(none.value == 0 && none.lo == 0 && none.hi < 0.01 && none.hi > 0.0099);
	assert_true(loss_share(0, 29000).hi > 0.01);
	assert_true(few.lo > 0.9 && few.lo < few.value && few.value < few.hi && few.hi < 1.1);
	assert_true(loss_share(10, 10).hi == 100 && isnan(loss_share(0, 0).value));
	assert_true(isnan(loss_share(2, 1).value));
	/* where GSL's inverse does not converge */
	for (unsigned long long n = 100; n < 1000000000000ULL; n *= 7)
		for (unsigned long long lost = 0; lost <= n; lost += n / 11 + 1) {
			struct effect e = loss_share(lost, n);

			if (!(e.lo <= e.value && e.value <= e.hi && e.hi <= 100))
				fail_msg("%llu of %llu: %g [%g, %g]", lost, n, e.value, e.lo, e.hi);
		}
}

static struct event_point *add_point(struct record *rec, double producer, double reader,
				     uint64_t sent, uint64_t lost)
{
	return point_of(rec, rec->results[1], 10000, producer, reader, sent, lost);
}

static void judge_in(struct record *rec, const struct verdict_scope *scope, struct record_set *e,
		     struct verdicts *v)
{
	struct budget budget;

	budget_default(&budget);
	*e = (struct record_set){.n_runs = 1};
	e->runs[0].record = rec;
	assert_int_equal(verdict_judge(e, &budget, scope, v), 0);
}

static void judge(struct record *rec, struct record_set *e, struct verdicts *v)
{
	static const struct verdict_scope all = {NULL, NULL, NULL};

	judge_in(rec, &all, e, v);
}

#define P99(v)	((v).rows[0].by[CRITERION_P99])
#define CPU(v)	((v).rows[0].by[CRITERION_CPU])
#define LOSS(v) ((v).rows[0].by[CRITERION_LOSS])

static void test_all_green(void **state)
{
	struct record *rec = record_of(500);
	struct record_set e;
	struct verdicts v;

	(void)state;
	add_point(rec, 0.3, 0.2, 120000, 0);
	point_of(rec, rec->results[1], 100000, 3, 2, 400000, 4000);
	judge(rec, &e, &v);
	/*
	 * programs that send nothing, and the policy under which everything is lost, are not
	 * configurations
	 */
	assert_int_equal(v.n, 1);
	assert_int_equal(v.run, VERDICT_GREEN);
	assert_ptr_equal(v.under_test, &v.rows[0]);
	assert_true(fabs(CPU(v).measured.value - 0.5) < 1e-9 && !CPU(v).part);
	assert_true(fabs(v.rows[0].overload_loss.value - 1) < 1e-9);
	verdict_free(&v);
	record_set_close(&e);
}

/* p99, producer, reader, sent, lost -> the verdict and what decided it. */
static void test_each_threshold(void **state)
{
	static const struct {
		double p99, producer, reader;
		uint64_t sent, lost;
		enum verdict verdict;
		enum criterion decided;
	} rows[] = {
		{500, 0.3, 0.2, 120000, 0, VERDICT_GREEN, CRITERION_P99},
		{1050, 0.3, 0.2, 120000, 0, VERDICT_YELLOW, CRITERION_P99},
		{1950, 0.3, 0.2, 120000, 0, VERDICT_INCONCLUSIVE, CRITERION_P99},
		{2250, 0.3, 0.2, 120000, 0, VERDICT_RED, CRITERION_P99},
		{500, 0.9, 0.2, 120000, 0, VERDICT_YELLOW, CRITERION_CPU},
		{500, 2, 0.9, 120000, 0, VERDICT_INCONCLUSIVE, CRITERION_CPU},
		{500, 2.2, 1.3, 120000, 0, VERDICT_RED, CRITERION_CPU},
		{500, 0.3, 0.2, 20000, 0, VERDICT_INCONCLUSIVE, CRITERION_LOSS},
		{500, 0.3, 0.2, 120000, 12, VERDICT_INCONCLUSIVE, CRITERION_LOSS},
		{500, 0.3, 0.2, 120000, 1200, VERDICT_YELLOW, CRITERION_LOSS},
		{2250, 0.9, 0.2, 120000, 1200, VERDICT_RED, CRITERION_P99},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct record *rec = record_of(rows[i].p99);
		struct record_set e;
		struct verdicts v;

		add_point(rec, rows[i].producer, rows[i].reader, rows[i].sent, rows[i].lost);
		judge(rec, &e, &v);
		if (v.run != rows[i].verdict || v.rows[0].decided != rows[i].decided)
			fail_msg("row %zu: %s by %s", i, verdict_name(v.run),
				 criterion_name(v.rows[0].decided));
		for (size_t k = 0; k < CRITERIA; k++)
			assert_int_equal(v.rows[0].by[k].verdict == VERDICT_INCONCLUSIVE &&
						 !v.rows[0].by[k].settle[0],
					 0);
		verdict_free(&v);
		record_set_close(&e);
	}
}

/*
 * Without an event run only the producer's part of the CPU is known, which may prove RED and
 * nothing else.
 */
static void test_price_alone(void **state)
{
	struct record *rec = record_of(500);
	struct record_set e;
	struct verdicts v;

	(void)state;
	judge(rec, &e, &v);
	assert_int_equal(v.run, VERDICT_INCONCLUSIVE);
	assert_true(CPU(v).part && fabs(CPU(v).measured.value - 0.2) < 1e-12);
	assert_non_null(strstr(CPU(v).settle, "--suite events --variant kprobe_as_written "
					      "--wakeup-policy per-event --rate 10000"));
	assert_non_null(strstr(LOSS(v).settle, "--suite events"));
	verdict_free(&v);
	rec->results[1]->overhead.mean = (struct effect){4000, 3500, 4500};
	judge(rec, &e, &v);
	assert_int_equal(CPU(v).verdict, VERDICT_RED);
	verdict_free(&v);
	record_set_close(&e);
}

static void test_saturated(void **state)
{
	struct record *rec = record_of(500);
	struct record_set e;
	struct verdicts v;

	(void)state;
	add_point(rec, 0.3, 0.2, 120000, 0)->saturated = true;
	judge(rec, &e, &v);
	assert_int_equal(v.run, VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(LOSS(v).settle, "reaches the rate"));
	verdict_free(&v);
	record_set_close(&e);
}

/* The difference of two configurations with nothing attached widens the other intervals. */
static void test_aa(void **state)
{
	struct record *rec = record_of(850);
	struct record_set e;
	struct verdicts v;

	(void)state;
	judge(rec, &e, &v);
	assert_int_equal(P99(v).verdict, VERDICT_GREEN);
	assert_true(v.aa_p99_off == 0);
	verdict_free(&v);
	rec->results[0]->overhead.p99 = (struct effect){70, 20, 120};
	judge(rec, &e, &v);
	assert_true(v.aa_p99_off == 70);
	assert_int_equal(P99(v).verdict, VERDICT_YELLOW);
	assert_non_null(strstr(P99(v).settle, "--rounds"));
	verdict_free(&v);
	record_set_close(&e);
}

static char *printed(const struct verdicts *v, enum render_format format)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(matrix_print(v, format, out), 0);
	fclose(out);
	return text;
}

static void says(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("nothing says \"%s\" in:\n%s", what, text);
}

/* What this machine cannot measure has an instruction count from the lab, and no nanoseconds. */
static void test_unmeasured(void **state)
{
	struct record *rec = record_of(500), *lab = record_new();
	struct record_result *result = record_add_result(rec, "kprobe_perf", "kprobe", "perf",
							 "munmap_einval", "idle", "hot");
	struct record_set e;
	struct verdicts v;
	char *text;

	(void)state;
	result->status = RESULT_SKIPPED;
	result->reason = strdup("no <b>kprobes</b> | here");
	example_host(lab);
	result = example_config(lab, "kprobe", "perf", "munmap_einval", "idle", 1335);
	result->unit = UNIT_INSTRUCTIONS;
	judge(rec, &e, &v);
	e.n_labs = 1;
	e.labs[0].record = lab;
	verdict_free(&v);
	e.labs[0].dir = NULL;
	e.runs[0].dir = NULL;
	{
		struct verdict_scope scope = {NULL, NULL, NULL};
		struct budget budget;

		budget_default(&budget);
		assert_int_equal(verdict_judge(&e, &budget, &scope, &v), 0);
	}
	assert_int_equal(v.n, 2);
	assert_int_equal(v.rows[1].verdict, VERDICT_INCONCLUSIVE);
	assert_true(v.rows[1].instructions == 1335);
	assert_true(isnan(v.rows[1].by[CRITERION_P99].measured.value));
	assert_true(isnan(v.rows[1].budget_ns.value));
	text = printed(&v, RENDER_TEXT);
	says(text, "+1335");
	says(text, "no statement about time");
	says(text, "WARNING");
	says(text, "none");
	free(text);
	text = printed(&v, RENDER_MARKDOWN);
	says(text, "no &lt;b&gt;kprobes&lt;/b&gt; \\| here");
	assert_null(strstr(text, "<b>"));
	free(text);
	verdict_free(&v);
	/* instructions of another architecture say nothing about this machine */
	free(lab->host.arch);
	lab->host.arch = strdup("aarch64");
	{
		struct verdict_scope scope = {NULL, NULL, NULL};
		struct budget budget;

		budget_default(&budget);
		assert_int_equal(verdict_judge(&e, &budget, &scope, &v), 0);
	}
	assert_true(isnan(v.rows[1].instructions));
	verdict_free(&v);
	record_set_close(&e);
}

static void test_nothing(void **state)
{
	struct record *rec = record_new();
	struct record_set e;
	struct verdicts v;
	char *text;

	(void)state;
	judge(rec, &e, &v);
	assert_int_equal(v.n, 0);
	assert_int_equal(v.run, VERDICT_INCONCLUSIVE);
	text = printed(&v, RENDER_TEXT);
	says(text, "INCONCLUSIVE: the probe under test (kprobe, perf buffer");
	says(text, "bpftoll run --variant kprobe_as_written --wakeup-policy");
	free(text);
	verdict_free(&v);
	record_set_close(&e);
}

static void write_run(struct record *rec, const char *dir, const char *name, char *path, size_t len)
{
	struct error why;

	snprintf(path, len, "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(record_write(rec, path, &why), 0);
	record_free(rec);
}

static void test_two_machines(void **state)
{
	char dir[] = "/tmp/bpftoll-verdict-XXXXXX", a[128], b[128], c[128], command[160];
	struct error why;
	struct record *other = record_of(1), *lab = record_new();
	struct record_set e = {.n_runs = 0};

	(void)state;
	assert_non_null(mkdtemp(dir));
	write_run(record_of(1), dir, "a", a, sizeof(a));
	free(other->host.cpu);
	other->host.cpu = strdup("Another CPU");
	write_run(other, dir, "b", b, sizeof(b));
	example_config(lab, "raw_tp", "perf", "munmap_einval", "idle", 900)->unit =
		UNIT_INSTRUCTIONS;
	write_run(lab, dir, "c", c, sizeof(c));
	assert_int_equal(record_set_add_run(&e, a, &why), 0);
	assert_int_equal(record_set_add_run(&e, a, &why), 0);
	assert_int_equal(record_set_add_run(&e, b, &why), -EXDEV);
	says(why.text, "another machine");
	says(why.text, "CPU Example CPU / Another CPU");
	assert_int_equal(record_set_add_run(&e, c, &why), -EINVAL);
	says(why.text, "--lab");
	assert_int_equal(record_set_add_lab(&e, a, &why), -EINVAL);
	assert_int_equal(record_set_add_lab(&e, c, &why), 0);
	assert_int_equal(e.n_runs, 2);
	record_set_close(&e);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a path made by this test */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rule),	    cmocka_unit_test(test_loss),
		cmocka_unit_test(test_all_green),   cmocka_unit_test(test_each_threshold),
		cmocka_unit_test(test_price_alone), cmocka_unit_test(test_saturated),
		cmocka_unit_test(test_aa),	    cmocka_unit_test(test_unmeasured),
		cmocka_unit_test(test_nothing),	    cmocka_unit_test(test_two_machines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
