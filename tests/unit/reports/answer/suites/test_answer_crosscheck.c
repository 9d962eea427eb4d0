/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/reports/answer/answered.h"

static struct crosscheck *add(struct record *rec, const char *variant, const char *tool,
			      double says, double half)
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
	c->says = example_about(says, half);
	c->bpftoll = example_about(100, 3);
	c->why = strdup("a paragraph");
	return c;
}

static struct record *four_tools(void)
{
	struct record *rec = record_new();

	example_host(rec);
	add(rec, "kprobe_empty", "bpf_stats", 28, 1);
	add(rec, "kprobe_empty", "perf_stat", 101, 5);
	add(rec, "kprobe_ringbuf", "bpf_stats", 60, 1);
	add(rec, "kprobe_ringbuf", "bpftrace", 130, 5);
	add(rec, "kprobe_ringbuf", "perf_stat", 98, 5);
	add(rec, "kprobe_ringbuf", "perf_trace", 800, 4000);
	return rec;
}

static void test_tools(void **state)
{
	struct record *rec = four_tools();
	char *text = answered(rec);

	(void)state;
	golden_is("crosscheck", text);
	says(text, "What kprobe_ringbuf adds to one munmap_einval");
	says_words(text, "bpf_stats 60.0 ±1.0 ns 100 ±3 ns program alone: no dispatch");
	says_words(text, "bpftrace 130 ±5 ns 100 ±3 ns its own probes change the call");
	says_words(text, "perf_stat 98 ±5 ns 100 ±3 ns no difference seen");
	says_words(text, "perf_trace not resolved 100 ±3 ns too wide to compare");
	says_words(text, "kprobe_empty 100 ±3 ns 28.0 ±1.0 ns not measured 101 ±5 ns");
	says_words(text, "bpf_stats reads less than bpftoll for 2 of 2 probes");
	says_words(text, "more: bpftrace for 1");
	free(text);
	record_free(rec);
}

/* What a record names and this version does not know is shown as it is. */
static void test_unknown_tool(void **state)
{
	struct record *rec = record_new();
	char *text;

	(void)state;
	example_host(rec);
	add(rec, "kprobe_empty", "strace\033[31m", 2000, 5);
	add(rec, "kprobe_empty", "ltrace", NAN, NAN)->says.value = 12;
	text = answered(rec);
	says_words(text, "strace\\x1b[31m 2,000 ±5 ns 100 ±3 ns its reason: --full");
	says_words(text, "ltrace 12 ns 100 ±3 ns no interval: cannot be compared");
	free(text);
	record_free(rec);
}

static void test_nothing(void **state)
{
	struct record *rec = four_tools();
	char *text;

	(void)state;
	skip_all(rec, "not installed");
	text = answered(rec);
	says(text, "no tool could be compared");
	says_words(text, "bpf_stats, perf_stat, bpftrace, perf_trace: not installed");
	says(text, "Next      bpftoll doctor");
	free(text);
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tools),
		cmocka_unit_test(test_unknown_tool),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
