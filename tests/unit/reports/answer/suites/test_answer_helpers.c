/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/reports/answer/answered.h"

/* A lookup that costs what is claimed, a clock that costs half, an argument that costs twice. */
static struct record *priced(void)
{
	struct record *rec = record_new();

	example_host(rec);
	example_price(rec, "raw_tp", "get_current_pid_tgid", "-", "-", 20, 6, 0);
	example_price(rec, "raw_tp", "lookup_hit", "1024 entries", "-", 50, 0.5, 0);
	example_price(rec, "raw_tp", "lookup_hit", "65536 entries", "-", 60, 0.5, 0);
	example_price(rec, "raw_tp", "array_lookup", "1024 entries", "-", 0.3, 0.9, 0);
	example_price(rec, "raw_tp", "ktime_get_ns", "-", "-", 10, 0.5, 0);
	example_price(rec, "raw_tp", "arg_probe_read", "-", "-", 20, 0.5, 0);
	example_price(rec, "raw_tp", "perf_event_output", "40 bytes", "idle", 170, 2, 0);
	example_price(rec, "raw_tp", "perf_event_output", "40 bytes", "caught_up", 4800, 90, 0);
	example_price(rec, "raw_tp", "ringbuf_submit", "40 bytes", "idle", 25, 1, 0);
	example_price(rec, "raw_tp", "ringbuf_submit", "40 bytes", "caught_up", 60, 4, 0);
	example_cost(rec, "raw_tp", "perf", "idle", 500, 5);
	return rec;
}

static void test_claims(void **state)
{
	struct record *rec = priced();
	char *text = answered(rec);

	(void)state;
	golden_is("helpers", text);
	says_words(text, "probe on raw_tp 500 500 ±5 ns CONFIRMED");
	says_words(text, "lookup_hit 50 50.0 ±0.5 ns CONFIRMED");
	says_words(text, "ktime_get_ns 20 10.0 ±0.5 ns 0.50x");
	says_words(text, "arg_probe_read 10 20.0 ±0.5 ns 2.0x");
	says_words(text, "get_current_pid_tgid 20 20 ±6 ns UNDECIDED");
	says_words(text, "perf_event_output: 170 ±2 ns with nobody woken, 4,800 ±90 ns waking");
	says_words(text, "bpftoll run --suite helpers --seconds 300");
	free(text);
	record_free(rec);
}

/* A slope that is none is no price; what its interval does not tell from zero is none either. */
static void test_no_price(void **state)
{
	struct record *rec = priced();
	char *text;

	(void)state;
	for (size_t i = 0; i < rec->n_slopes; i++)
		if (!strcmp(rec->slopes[i].helper, "ringbuf_submit") &&
		    !strcmp(rec->slopes[i].wakeup, "caught_up")) {
			rec->slopes[i].nonlinear = true;
			rec->slopes[i].first = example_about(9000, 400);
		}
	text = answered(rec);
	/* the first call, which is what the claim is judged by; not the slope of those after it */
	says_words(text, "25.0 ±1.0 ns 9,000 ±400 ns");
	says_not(text, "60 ±4");
	says_words(text, "in 1 row further ones cost another price (--full)");
	says_words(text, "array_lookup not resolved");
	free(text);
	record_free(rec);
}

static void test_nothing(void **state)
{
	struct record *rec = priced();
	char *text;

	(void)state;
	skip_all(rec, "no BPF \033[31m here");
	text = answered(rec);
	says_words(text, "no helper was measured");
	says_words(text, "get_current_pid_tgid");
	says_words(text, "no BPF \\x1b[31m here");
	says_words(text, "Next bpftoll doctor");
	free(text);
	record_free(rec);
}

/* Counts of the exact lab have no claims and no unit of time. */
static void test_instructions(void **state)
{
	struct record *rec = record_new();
	char *text;

	(void)state;
	example_host(rec);
	example_price(rec, "kprobe", "ktime_get_ns", "-", "-", 31, 0, 0)->unit = UNIT_INSTRUCTIONS;
	rec->slopes[0].slope = example_about(31, 0);
	text = answered(rec);
	says_words(text, "Instructions of a helper call on kprobe");
	says_not(text, " ns\n");
	says_not(text, "claims");
	free(text);
	record_free(rec);
}

static void test_json(void **state)
{
	struct record *rec = priced();
	json_t *json = answered_json(rec), *rows, *row;

	(void)state;
	assert_string_equal(json_string_value(json_object_get(json, "kind")), "helpers");
	rows = json_object_get(json_array_get(json_object_get(json, "tables"), 0), "rows");
	/* a row a helper and size, and the probe; nothing is left out */
	assert_int_equal(json_array_size(rows), 9);
	row = json_array_get(rows, 1);
	assert_string_equal(json_string_value(json_object_get(row, "helper")), "perf_event_output");
	assert_float_equal(
		json_number_value(json_object_get(json_object_get(row, "per_event"), "value")),
		4800, 1e-9);
	json_decref(json);
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims),	cmocka_unit_test(test_no_price),
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_instructions),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
