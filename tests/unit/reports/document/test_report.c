/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The report from made-up records: the same bytes twice, every section, and no text of a record
 * that acts as markup.
 */
#define _GNU_SOURCE
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "reports/document/draw/plot.h"
#include "reports/record/record_rows.h"
#include "reports/document/report.h"
#include "reports/record/samples.h"
#include "reports/document/draw/svg.h"
#include "reports/document/tools/tool.h"
#include "tests/unit/reports/example.h"

static char dir[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/bpftoll-report-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(dir, drop, 8, FTW_DEPTH | FTW_PHYS);
}

static char *content(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	assert_non_null(file);
	if (getdelim(&text, &room, '\0', file) < 0)
		fail_msg("%s is empty", path);
	fclose(file);
	return text;
}

static void says(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("nothing says \"%s\" in:\n%s", what, text);
}

/* The Markdown of the record and, when lab is not NULL, of lab's beside it; frees the records. */
static char *markdown(struct record *rec, struct record *lab, const char *name)
{
	struct record_set e = {.n_runs = 1};
	struct report_done done;
	volatile sig_atomic_t stop = 0;
	struct budget budget;
	char out[128], work[128];
	struct error why;

	e.runs[0].record = rec;
	e.runs[0].dir = strdup(dir);
	e.n_labs = lab != NULL;
	e.labs[0].record = lab;
	budget_default(&budget);
	snprintf(out, sizeof(out), "%s/%s", dir, name);
	snprintf(work, sizeof(work), "%s/work-XXXXXX", dir);
	assert_non_null(mkdtemp(work));
	assert_int_equal(report_write(&e, &budget, &(struct report_place){out, work, &stop, NULL},
				      &done, &why),
			 0);
	record_set_close(&e);
	return content(done.md);
}

static void give_point(struct record *rec)
{
	struct event_point *p = record_add_event_point(rec);

	p->id = strdup("sweep/raw_tp_perf/munmap_einval/idle/-/10000");
	p->scenario = strdup("sweep");
	p->variant = strdup("raw_tp_perf");
	p->hook = strdup("raw_tp");
	p->body = strdup("perf");
	p->workload = strdup("munmap_einval");
	p->wakeup = strdup("idle");
	p->policy = strdup("-");
	p->rate_target = p->rate_achieved = 10000;
	p->produced = 40000;
	p->received = 39000;
	p->producer_cpu = (struct effect){0.3, 0.2, 0.4};
	p->consumer_cpu = (struct effect){0.2, 0.1, 0.3};
}

static void test_sections(void **state)
{
	struct record *rec = example_record(), *lab = record_new();
	struct breakpoint *breakpoint = record_add_breakpoint(rec);
	struct app_result *app = record_add_app_result(rec);
	char *text;

	(void)state;
	give_point(rec);
	breakpoint->curve = strdup("sweep/raw_tp_perf");
	breakpoint->quantity = strdup("loss");
	breakpoint->found = true;
	breakpoint->p = 1e-6;
	breakpoint->highest = 1e6;
	breakpoint->rate = (struct effect){50000, 40000, 60000};
	app->id = strdup("redis/raw_tp_perf/hit/throughput");
	app->app = strdup("redis");
	app->scale = strdup("quick");
	app->variant = strdup("raw_tp_perf");
	app->monitored = strdup("hit");
	app->quantity = strdup("throughput");
	app->measure = strdup("1/s");
	app->change = (struct effect){-1.5, -2, -1};
	example_host(lab);
	example_config(lab, "kprobe", "empty", "munmap_einval", "-", 342)->unit = UNIT_INSTRUCTIONS;
	text = markdown(rec, lab, "a");
	says(text, "# What a probe on munmap() costs\n");
	says(text, "**Question.** Can a probe watch munmap() at 10,000 events a second");
	says(text, "**Decision: INCONCLUSIVE: measure more before deciding.**");
	says(text, "The probe as designed is in none of these records.");
	says(text, "| **Best alternative:** raw");
	says(text, "# 1. Methodology");
	says(text, "# 2. Microbenchmark results");
	says(text, "## Decision matrix");
	assert_null(strstr(text, "| nan |"));
	says(text, "no trampoline");
	says(text, "+342");
	says(text, "No statement about time");
	says(text, "# 3. Application results");
	says(text, "redis");
	says(text, "# 4. Recommendations");
	says(text, "1. **Measure the probe as designed.**");
	says(text, "**Do not wake the reader for each event.**");
	says(text, "raw_tp_ringbuf/munmap_einval/caught_up/hot` (record A)");
	says(text, "**Stay below the first breakpoint.** Of 1 curves tested, 1 bends");
	says(text, "# 5. Appendix");
	says(text, "results.csv");
	says(text, "steal time: 1.4 %");
	says(text, "bpftoll run --suite=quick");
	free(text);
}

static void test_same_bytes(void **state)
{
	struct record *first = example_record(), *second = example_record();
	char *a, *b;

	(void)state;
	/* "created" is the present in a new record */
	free(second->created);
	second->created = strdup(first->created);
	a = markdown(first, NULL, "a");
	b = markdown(second, NULL, "b");
	assert_string_equal(a, b);
	free(a);
	free(b);
}

/* The probe under test as planted: what is decided, and that no advice speaks against it. */
static void test_decision(void **state)
{
	struct record *rec = example_record();
	char *text;

	(void)state;
	/* p99 of 5,200 ns and more: RED */
	example_events(
		example_config(rec, "kprobe", "as_written", "munmap_einval", "caught_up", 5200),
		10000, 0, 9990);
	text = markdown(rec, NULL, "a");
	says(text, "**Decision: RED: redesign.** The probe as designed is RED for its p99.");
	says(text, "1. **Redesign: nothing that was measured passes.**");
	says(text, "- As designed, the probe adds ");
	assert_null(strstr(text, "Change the design to"));
	assert_null(strstr(text, "Proceed with"));
	assert_null(strstr(text, "Measure the probe as designed"));
	free(text);
}

/* Code that reports the wrong length is told on the first page, and mended first. */
static void test_wrong_data(void **state)
{
	struct record *lab = record_new();
	struct record_result *result;
	char *text;

	(void)state;
	example_host(lab);
	result = example_config(lab, "kprobe", "as_written", "munmap_einval", "idle", 342);
	result->unit = UNIT_INSTRUCTIONS;
	result->data.length = strdup("wrong");
	result->data.note = strdup("the length is 11");
	text = markdown(example_record(), lab, "a");
	says(text, "**Wrong data.** The code as written does not report the length");
	says(text, "(lab record L1). It found: *the length is 11*.");
	says(text, "1. **Mend what the probe reports.**");
	free(text);
}

/* Where nothing was measured nothing is claimed: each section says what to run. */
static void test_empty(void **state)
{
	char *text = markdown(record_new(), NULL, "a");

	(void)state;
	says(text, "is in none of these records");
	says(text, "**Not in these records:** costs of calls (`bpftoll run`), ");
	says(text, "`bpftoll run --suite events`");
	says(text, "1. **Measure the probe as designed.**");
	assert_null(strstr(text, "Application results"));
	assert_null(strstr(text, "[^2]"));
	free(text);
}

static void test_hostile(void **state)
{
	char *gnuplot[] = {"gnuplot", "--version", NULL};
	struct error why;
	static const char evil[] =
		"<script>alert(1)</script>|[x](http://evil)`'\"; !`id`\n# Title\n";
	struct record *rec = example_record();
	char *text, *html, path[128];
	struct record_result *result;

	(void)state;
	give_point(rec);
	free(rec->event_points[0].variant);
	rec->event_points[0].variant = strdup(evil);
	free(rec->host.kernel);
	rec->host.kernel = strdup(evil);
	free(rec->argv[1]);
	rec->argv[1] = strdup(evil);
	free(rec->warnings[0]);
	rec->warnings[0] = strdup(evil);
	result = record_add_result(rec, "x'; system('id'); #", "x'`touch /tmp/evil`", "perf",
				   "munmap_einval", "idle", "hot");
	result->n = 10;
	result->overhead.typical = result->overhead.p99 = (struct effect){5, 4, 6};
	text = markdown(rec, NULL, "a");
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "[x]("));
	assert_null(strstr(text, "\n# Title"));
	says(text, "&lt;script&gt;");
	free(text);
	snprintf(path, sizeof(path), "%s/a/report.html", dir);
	if (access(path, R_OK) == 0) {
		html = content(path);
		assert_null(strstr(html, "<script>alert"));
		assert_null(strstr(html, "href=\"http://evil"));
		free(html);
	}
	if (!tool_run(gnuplot, NULL, 0, NULL, &why)) {
		snprintf(path, sizeof(path), "%s/a/pictures/overheads.svg", dir);
		assert_int_equal(access(path, R_OK), 0);
	}
	assert_int_not_equal(access("/tmp/evil", F_OK), 0);
}

static void test_label(void **state)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	plot_label(out, "a'b \\ \" ` $ \n { x");
	fclose(out);
	assert_string_equal(text, "'a?b ? ? ? ? ? ? x'");
	free(text);
}

/*
 * A tool that is missing, one that fails, and one that works, with arguments that a shell would
 * split.
 */
static void test_tool(void **state)
{
	char *nothing[] = {"bpftoll-no-such-tool", NULL}, *failing[] = {"false", NULL};
	char *echo[] = {"printf", "%s", "a b; $(id)", NULL}, *cat[] = {"cat", NULL};
	char path[128], *text;
	struct error why;

	(void)state;
	assert_int_equal(tool_run(nothing, NULL, 0, NULL, &why), -2);
	says(why.text, "not installed");
	assert_int_equal(tool_run(failing, NULL, 0, NULL, &why), -5);
	says(why.text, "false ended with 1");
	snprintf(path, sizeof(path), "%s/out", dir);
	assert_int_equal(tool_run(echo, NULL, 0, path, &why), 0);
	text = content(path);
	assert_string_equal(text, "a b; $(id)");
	free(text);
	assert_int_equal(tool_run(cat, "words", 5, path, &why), 0);
	text = content(path);
	assert_string_equal(text, "words");
	free(text);
}

static void test_svg(void **state)
{
	static const char before[] = "<svg>\n\t<circle id='gpPt5' stroke='currentColor'/>\n"
				     "<g fill=\"none\" color=\"black\" stroke=\"currentColor\">\n"
				     " '/>\t<use xlink:href='#gpPt6' transform='scale(2)' "
				     "color='red'/>\n</svg>\n";
	static const char after[] =
		"<svg>\n<g fill=\"none\" color=\"black\" stroke=\"black\">\n"
		" '/>\t<g transform='scale(2)' fill='red' stroke='red' stroke-width='0.3'>"
		"<circle cx='0' cy='0' r='1'/></g>\n</svg>\n";
	char path[128], *text;
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/a.svg", dir);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(before, file);
	fclose(file);
	assert_int_equal(svg_plain(path), 0);
	text = content(path);
	assert_string_equal(text, after);
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sections),   TEST(test_same_bytes), TEST(test_decision),
		TEST(test_wrong_data), TEST(test_empty),      TEST(test_hostile),
		TEST(test_tool),       TEST(test_svg),	      TEST(test_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
