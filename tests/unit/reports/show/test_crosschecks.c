/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/reports/example_rows.h"
#include "tests/unit/reports/rendered.h"

static struct crosscheck *add(struct record *rec, const char *variant, const char *tool,
			      double says, const char *why)
{
	struct crosscheck *c = record_add_crosscheck(rec);
	char id[128];

	if (!c)
		abort();
	snprintf(id, sizeof(id), "%s/munmap_einval/%s", variant, tool);
	c->id = strdup(id);
	c->variant = strdup(variant);
	c->workload = strdup("munmap_einval");
	c->tool = strdup(tool);
	c->quantity = strdup("run_time_ns / run_cnt");
	c->command = strdup("sysctl kernel.bpf_stats_enabled=1");
	c->says = example_about(says, 1);
	c->bpftoll = example_about(100, 3);
	c->why = strdup(why);
	return c;
}

static struct record *two_tools(void)
{
	struct record *rec = record_new();

	example_host(rec);
	add(rec, "tracepoint_empty", "bpf_stats", 28, "it does not see the dispatch, 26.5 ns");
	add(rec, "tracepoint_perf", "bpf_stats", 240, "it does not see the dispatch, 9 ns");
	add(rec, "tracepoint_perf", "bpftrace", 900, "its own two probes cost as well");
	return rec;
}

static void test_text(void **state)
{
	struct record *rec = two_tools();
	struct crosscheck *skipped = add(rec, "tracepoint_perf", "perf_stat", 1, "");
	char *text;

	(void)state;
	skipped->status = RESULT_SKIPPED;
	skipped->reason = strdup("perf is not installed");
	text = rendered(rec, RENDER_TEXT);
	says(text, "On munmap_einval, ns a hit; more by: the tool's figure minus bpftoll's.");
	/* 28 - 100, half-widths of 1 and 3 in quadrature */
	says(text, "+28.0 ±1.0      +100 ±3   -72 ±3");
	/* once for all that differ in their figures alone */
	says(text, "why             bpf_stats of tracepoint_empty (1 more is alike, with other "
		   "figures): run_time_ns");
	says(text,
	     "why             bpftrace of tracepoint_perf: run_time_ns / run_cnt; its own two "
	     "probes cost as well\n");
	says(text, "as run          sysctl kernel.bpf_stats_enabled=1");
	says(text, "skipped, 1 cross-check: perf_stat: perf is not installed");
	says_not(text, " 9 ns");
	fits(text);
	free(text);
	text = rendered(rec, RENDER_MARKDOWN);
	says(text, "| tracepoint_empty | bpf_stats | +28.0 ±1.0 |");
	free(text);
	record_free(rec);
}

static void test_two_workloads(void **state)
{
	struct record *rec = two_tools();
	char *text;

	(void)state;
	free(rec->crosschecks[1].workload);
	rec->crosschecks[1].workload = strdup("getppid");
	text = rendered(rec, RENDER_TEXT);
	says(text, "syscall");
	says(text, "getppid");
	says_not(text, "On munmap_einval");
	fits(text);
	free(text);
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_two_workloads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
