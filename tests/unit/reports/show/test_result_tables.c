/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/record/record_rows.h"
#include "reports/effects/strata.h"
#include "tests/unit/reports/example.h"
#include "tests/unit/reports/rendered.h"

static struct record_result *result_at(struct record *rec, size_t i)
{
	return rec->results[i];
}

/* Two configurations of an experiment, of which `share` of the rounds were contended. */
static struct record *contended(double share, const char *stratum)
{
	struct record *rec = record_new();

	example_config(rec, "raw_tp", "empty", "munmap_einval", "-", 92);
	example_config(rec, "kprobe", "empty", "munmap_einval", "-", 150);
	for (size_t i = 0; i < rec->n_results; i++) {
		struct record_result *result = result_at(rec, i);

		result->contended_share = share;
		result->uncontended = (struct effect){92, 86, 98};
		result->contended = (struct effect){122, 110, 134};
		result->cycles = (struct effect){314, 294, 334};
		result->stratum = stratum ? strdup(stratum) : NULL;
	}
	return rec;
}

static struct record *again(const struct record *rec, const char *without)
{
	json_t *json = record_to_json(rec), *result;
	char *text;
	struct error why = {0};
	struct record *back;
	size_t i;

	json_array_foreach(json_object_get(json, "cells"), i, result)
		json_object_del(result, without);
	json_array_foreach(json_object_get(json, "conditions"), i, result)
		json_object_del(result, without);
	text = json_dumps(json, JSON_REAL_PRECISION(17));
	assert_int_equal(record_parse(text, strlen(text), "made up", &back, &why), 0);
	free(text);
	json_decref(json);
	return back;
}

static void the_members_are_kept(void **state)
{
	struct record *rec = contended(0.12, "uncontended"), *back;
	struct round_conditions *row = record_add_round_conditions(rec);

	(void)state;
	row->workload = strdup("munmap_einval");
	assert_true(isnan(row->contended) && isnan(row->frequency_hz));
	row->throughput_ticks = 440.5;
	row->chain_ticks = 725.25;
	row->contended = 0.25;
	row->frequency_hz = 3.66e9;
	result_at(rec, 1)->strata_note = strdup("beside a neighbour: 9 rounds, 10 are needed");
	back = again(rec, "nothing");
	assert_true(fabs(result_at(back, 0)->contended_share - 0.12) < 1e-12);
	assert_true(fabs(result_at(back, 0)->uncontended.lo - 86) < 1e-12);
	assert_true(fabs(result_at(back, 0)->contended.hi - 134) < 1e-12);
	assert_true(fabs(result_at(back, 0)->cycles.value - 314) < 1e-12);
	assert_string_equal(result_at(back, 0)->stratum, "uncontended");
	assert_null(result_at(back, 0)->strata_note);
	assert_string_equal(result_at(back, 1)->strata_note, result_at(rec, 1)->strata_note);
	assert_true(fabs(back->conditions[0].throughput_ticks - 440.5) < 1e-12);
	assert_true(fabs(back->conditions[0].chain_ticks - 725.25) < 1e-12);
	assert_true(fabs(back->conditions[0].contended - 0.25) < 1e-12);
	assert_true(fabs(back->conditions[0].frequency_hz - 3.66e9) < 1);
	record_free(back);
	record_free(rec);
}

/* An older record has none of these: it is read, and no line is printed for them. */
static void older_records_lack_them(void **state)
{
	static const char *const members[] = {
		"contended_share", "uncontended", "contended",	  "cycles",	      "stratum",
		"strata_note",	   "chain_ticks", "frequency_hz", "throughput_ticks",
	};
	struct record *rec = contended(0.12, "uncontended");
	char *text;

	(void)state;
	record_add_round_conditions(rec)->workload = strdup("munmap_einval");
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		struct record *back = again(rec, members[i]);

		record_free(rec);
		rec = back;
	}
	assert_true(isnan(result_at(rec, 0)->contended_share));
	assert_true(isnan(result_at(rec, 0)->uncontended.value));
	assert_null(result_at(rec, 0)->stratum);
	assert_true(isnan(rec->conditions[0].contended));
	text = rendered(rec, RENDER_TEXT);
	says_not(text, "neighbour");
	says_not(text, "frequency");
	free(text);
	record_free(rec);
}

static void the_line_says_which_rounds_the_costs_are_of(void **state)
{
	static const struct {
		double share;
		const char *stratum, *says;
	} cases[] = {
		{0.12, "uncontended",
		 "a neighbour used the core's other hardware thread in 12 % of the rounds; costs "
		 "below are of the other 88 %"},
		{0.12, NULL, "in 12 % of the rounds; costs below are of all rounds"},
		{0.004, "uncontended",
		 "in under 1 % of the rounds; costs below are of the other "
		 "99 %"},
		{0.997, NULL, "in 99 % of the rounds; costs below are of all rounds"},
		{0, "uncontended", "none was seen on the core's other hardware thread\n"},
		{1, NULL, "in 100 % of the rounds; costs below are of all rounds"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct record *rec = contended(cases[i].share, cases[i].stratum);
		char *text = rendered(rec, RENDER_MARKDOWN), *plain;

		says(text, cases[i].says);
		free(text);
		plain = rendered(rec, RENDER_TEXT);
		fits(plain);
		free(plain);
		record_free(rec);
	}
}

/* Half of the rows of one kind, half of the other: this is said. */
static void mixed_rows_are_said(void **state)
{
	struct record *rec = contended(0.5, "uncontended");
	char *text;

	(void)state;
	free(result_at(rec, 1)->stratum);
	result_at(rec, 1)->stratum = NULL;
	text = rendered(rec, RENDER_MARKDOWN);
	says(text, "the costs of 1 of 2 rows below are of the other 50 %, the rest of all rounds");
	free(text);
	record_free(rec);
}

static void the_table_has_both_and_cycles(void **state)
{
	struct record *rec = contended(0.12, "uncontended");
	char *text;

	(void)state;
	text = rendered(rec, RENDER_MARKDOWN);
	says(text, "| core alone |");
	says(text, "| 12 % | +92 ±6 | +122 ±12 | +310 ±20 |");
	free(text);
	text = rendered(rec, RENDER_CSV);
	says(text, ",contended_share,uncontended,uncontended_lo,uncontended_hi,contended,");
	says(text, ",0.12,92,86,98,122,110,134,314,294,334,\"uncontended\",");
	free(text);
	record_free(rec);
}

/* What is unknown or withheld has a reason, printed once for all rows that share it. */
static void what_is_withheld_says_why(void **state)
{
	struct record *rec = contended(0.02, "uncontended");
	char *text, *second;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		result_at(rec, i)->contended = (struct effect){NAN, NAN, NAN};
		result_at(rec, i)->strata_note = strdup("beside a neighbour: 1 processes had 3 "
							"rounds or more, 4 are needed");
	}
	text = rendered(rec, RENDER_MARKDOWN);
	second = strstr(text, "and 1 more: beside a neighbour: 1 processes had 3 rounds");
	assert_non_null(second);
	assert_null(strstr(second + 20, "rounds or more, 4 are needed"
					" "
					"beside"));
	free(text);
	for (size_t i = 0; i < 2; i++)
		result_at(rec, i)->contended_share = NAN;
	text = rendered(rec, RENDER_TEXT);
	says(text, "whether one used the core's other hardware thread cannot be told");
	free(text);
	record_free(rec);
}

static void the_frequency_is_told_with_its_range(void **state)
{
	struct record *rec = contended(0, NULL);
	char *text;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct round_conditions *row = record_add_round_conditions(rec);

		row->workload = strdup("munmap_einval");
		row->frequency_hz = i ? 3.66e9 : 3.4e9;
	}
	text = rendered(rec, RENDER_TEXT);
	says(text, "3.53 GHz (3.40 to 3.66), by the time of a chain of additions");
	free(text);
	rec->conditions[0].frequency_hz = 3.66e9;
	text = rendered(rec, RENDER_TEXT);
	says(text, "3.66 GHz, by the time");
	free(text);
	record_free(rec);
}

static void strata_are_stored(void **state)
{
	struct strata strata = {0.5, {1, 0, 2}, {2, 1, 3}, {4, 3, 5}, {7, 6, 8}, "why"};
	struct record *rec = contended(0, NULL);
	struct record_result *result = result_at(rec, 0);

	(void)state;
	assert_int_equal(strata_store(&strata, result), 0);
	assert_true(fabs(result->contended_share - 0.5) < 1e-12 &&
		    fabs(result->uncontended.value - 2) < 1e-12 &&
		    fabs(result->contended.value - 4) < 1e-12 &&
		    fabs(result->cycles.value - 7) < 1e-12);
	assert_string_equal(result->strata_note, "why");
	strata.note[0] = '\0';
	assert_int_equal(strata_store(&strata, result), 0);
	assert_null(result->strata_note);
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_members_are_kept),
		cmocka_unit_test(older_records_lack_them),
		cmocka_unit_test(the_line_says_which_rounds_the_costs_are_of),
		cmocka_unit_test(mixed_rows_are_said),
		cmocka_unit_test(the_table_has_both_and_cycles),
		cmocka_unit_test(what_is_withheld_says_why),
		cmocka_unit_test(the_frequency_is_told_with_its_range),
		cmocka_unit_test(strata_are_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
