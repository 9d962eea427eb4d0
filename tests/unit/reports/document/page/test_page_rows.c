/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the page's document that are worked out of a record's, by planted figures. */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/record/record_rows.h"
#include "tests/unit/reports/document/page/page_document.h"
#include "tests/unit/reports/example_rows.h"

static const char dir[] = "/nowhere"; /* no readings are kept there */

/* Two records whose probe says the same wrong thing: one finding; a quantile that is not there has
 * a reason. */
static void test_findings(void **state)
{
	struct record_set e = {.n_runs = 2};
	json_t *data, *findings, *row, *withheld = NULL;
	size_t i;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct record *rec = example_record();
		struct record_result *result =
			example_config(rec, "kprobe", "as_written", "munmap_einval", "idle", 300);

		result->data.length = strdup("wrong");
		result->data.note = strdup("bytes_freed = 11");
		result->censored = 100;
		result->overhead.p999 = (struct effect){NAN, NAN, NAN};
		e.runs[k].record = rec;
		e.runs[k].dir = strdup(dir);
	}
	data = document_of(&e);
	findings = json_object_get(data, "findings");
	assert_int_equal(json_array_size(findings), 1);
	assert_int_equal(json_array_size(json_object_get(json_array_get(findings, 0), "records")),
			 2);
	json_array_foreach(json_object_get(data, "results"), i,
			   row) if (json_object_get(row, "withheld")) withheld =
		json_object_get(row, "withheld");
	assert_string_equal(
		json_string_value(json_object_get(withheld, "p999")),
		"0.99 % of the calls were left out: they changed CPU, or their reader was "
		"still awake after 2 ms");
	json_decref(data);
	record_set_close(&e);
}

static const json_t *row_with(const json_t *list, const char *key, const char *value)
{
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)list, i,
			   row) if (strcmp(json_string_value(json_object_get(row, key)), value) ==
				    0) return row;
	fail_msg("no row has %s %s", key, value);
	return NULL;
}

static double value_of(const json_t *row, const char *key)
{
	return number(json_object_get(row, key), "value");
}

/* What costs are made of: planted steps, a price that is no line, cold against hot, rounds. */
static void test_rows(void **state)
{
	struct record *rec = example_record();
	struct record_set e = {.n_runs = 1};
	struct record_result *cold = record_add_result(rec, "raw_tp_empty", "raw_tp", "empty",
						       "munmap_einval", "-", "cold");
	json_t *data, *steps, *rounds;
	const json_t *price, *row;

	(void)state;
	cold->overhead.typical = (struct effect){400, 380, 420};
	example_increments(rec, "tracepoint", 40, 1);
	example_price(rec, "raw_tp", "lookup", "1024 entries", "-", 17, 1, 0);
	example_price(rec, "raw_tp", "clock", "-", "-", 5, 1, 80)->nonlinear = true;
	for (unsigned int i = 0; i < 3; i++) {
		struct round_conditions *c = record_add_round_conditions(rec);

		c->workload = strdup("munmap_einval");
		c->round = i;
		c->seconds = 2;
	}
	e.runs[0].record = rec;
	e.runs[0].dir = strdup(dir);
	data = document_of(&e);
	row = row_with(json_object_get(data, "waterfall"), "variant", "tracepoint_ringbuf");
	steps = json_object_get(row, "steps");
	assert_int_equal(json_array_size(steps), 6);
	assert_true(value_of(row, "whole") == 145);
	assert_true(number(json_array_get(steps, 0), "value") == 40);
	assert_true(number(json_array_get(steps, 2), "value") == 17);
	assert_true(number(json_array_get(steps, 5), "value") == 60);
	price = row_with(json_object_get(data, "prices"), "helper", "lookup");
	assert_string_equal(json_string_value(json_object_get(price, "basis")), "slope");
	assert_true(value_of(price, "price") == 17);
	price = row_with(json_object_get(data, "prices"), "helper", "clock");
	assert_string_equal(json_string_value(json_object_get(price, "basis")), "first call");
	assert_true(value_of(price, "price") > 50);
	row = row_with(json_object_get(data, "cold"), "variant", "raw_tp_empty");
	assert_true(value_of(row, "cold") == 400 && value_of(row, "hot") == 31);
	rounds = json_object_get(json_array_get(json_object_get(data, "conditions"), 0), "rounds");
	assert_int_equal(json_array_size(rounds), 3);
	assert_true(number(json_array_get(rounds, 2), "t") == 4);
	json_decref(data);
	record_set_close(&e);
}

/* A record with more rows than a page takes says how many it leaves out. */
static void test_caps(void **state)
{
	struct record *rec = example_record();
	struct record_set e = {.n_runs = 1};
	json_t *data;

	(void)state;
	for (size_t i = 0; i < 4500; i++)
		record_add_round_conditions(rec)->workload = strdup("munmap_einval");
	e.runs[0].record = rec;
	e.runs[0].dir = strdup(dir);
	data = document_of(&e);
	assert_string_equal(json_string_value(json_array_get(json_object_get(data, "left_out"), 0)),
			    "500 rounds' conditions");
	json_decref(data);
	record_set_close(&e);
}

/* Counts stand in the order of the kernels; where there is none, why. */
static void test_lab(void **state)
{
	struct record_set e = {.n_labs = 2};
	json_t *data, *lab, *counts, *reasons;
	const json_t *row;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct record *rec = example_record();

		for (size_t i = 0; i < rec->n_results; i++)
			rec->results[i]->unit = UNIT_INSTRUCTIONS;
		e.labs[k].record = rec;
		e.labs[k].dir = strdup(dir);
	}
	example_config(e.labs[1].record, "fentry", "empty", "munmap_einval", "-", 123)->unit =
		UNIT_INSTRUCTIONS;
	data = document_of(&e);
	lab = json_object_get(data, "lab");
	assert_int_equal(json_array_size(json_object_get(lab, "kernels")), 2);
	row = row_with(json_object_get(lab, "rows"), "variant", "fentry_empty");
	counts = json_object_get(row, "counts");
	assert_true(json_is_null(json_array_get(counts, 0)));
	assert_true(json_real_value(json_array_get(counts, 1)) == 123);
	reasons = json_object_get(row_with(json_object_get(lab, "rows"), "variant", "fentry_pid"),
				  "reasons");
	assert_string_equal(json_string_value(json_array_get(reasons, 0)), "no trampoline");
	json_decref(data);
	record_set_close(&e);
}

/* Of the examples: a range, or why not, for what the run did not measure. */
static void test_predicted(void **state)
{
	struct record_set e = {.n_labs = 0};
	json_t *data, *rows;
	const json_t *row;
	struct error why;

	(void)state;
	assert_int_equal(record_set_add_run(&e, "reports/examples/run", &why), 0);
	data = document_of(&e);
	assert_true(json_is_null(json_object_get(data, "predicted")));
	json_decref(data);
	assert_int_equal(record_set_add_lab(&e, "reports/examples/features", &why), 0);
	assert_int_equal(record_set_add_other(&e, "reports/examples/calibrate", &why), 0);
	data = document_of(&e);
	rows = json_object_get(json_object_get(data, "predicted"), "rows");
	row = row_with(rows, "variant", "kprobe_empty");
	assert_true(json_number_value(json_object_get(row, "low")) > 0);
	assert_true(json_number_value(json_object_get(row, "high")) >
		    json_number_value(json_object_get(row, "low")));
	assert_true(json_is_null(json_object_get(row, "withheld")));
	row = row_with(rows, "variant", "kretprobe_empty");
	assert_true(json_is_null(json_object_get(row, "low")));
	assert_true(json_is_string(json_object_get(row, "withheld")));
	for (size_t i = 0; i < json_array_size(rows); i++)
		assert_string_not_equal(
			json_string_value(json_object_get(json_array_get(rows, i), "variant")),
			"raw_tp_perf");
	json_decref(data);
	record_set_close(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_findings),  cmocka_unit_test(test_rows),
		cmocka_unit_test(test_caps),	  cmocka_unit_test(test_lab),
		cmocka_unit_test(test_predicted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
