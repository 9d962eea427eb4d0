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

#include "tests/unit/reports/example.h"
#include "reports/record/record_rows.h"

static char *text_of(const struct record *rec)
{
	json_t *json = record_to_json(rec);
	char *text = json_dumps(json, 0);

	json_decref(json);
	return text;
}

static struct slope *add_slope(struct record *rec, const char *id)
{
	struct slope *s = record_add_slope(rec);

	s->id = strdup(id);
	s->host_program = strdup("raw_tp");
	s->helper = strdup("lookup_hit");
	s->size = strdup("1024 entries");
	s->workload = strdup("munmap_einval");
	s->wakeup = strdup("-");
	s->cache = strdup("hot");
	s->slope = (struct effect){14.5, 14, 15};
	for (unsigned int k = 0; k < 3; k++) {
		struct slope_point *p = slope_add_point(s);

		p->repeats = k;
		p->cost.value = 30 + 14.5 * k;
	}
	return s;
}

static void test_kept(void **state)
{
	struct record *rec = record_new(), *back;
	char *text, *again;
	struct error why = {0};

	(void)state;
	rec->suite = strdup("helpers");
	for (int i = 0; i < 5; i++)
		add_slope(rec, "raw_tp/lookup_hit");
	rec->slopes[4].status = RESULT_SKIPPED;
	text = text_of(rec);
	assert_int_equal(record_parse(text, strlen(text), "made up", &back, &why), 0);
	assert_int_equal(back->n_slopes, 5);
	assert_int_equal(back->slopes[3].n_points, 3);
	assert_int_equal(back->slopes[3].points[2].repeats, 2);
	assert_true(back->slopes[0].slope.hi > 14.9);
	assert_true(isnan(back->slopes[0].intercept.value));
	assert_int_equal(record_rows_measured(back), 4);
	assert_int_equal(back->n_breakpoints, 0);
	again = text_of(back);
	assert_string_equal(text, again);
	free(text);
	free(again);
	record_free(rec);
	record_free(back);
}

static void test_fault_names_place(void **state)
{
	struct record *rec = record_new(), *back = NULL;
	char *text, *at;
	struct error why = {0};

	(void)state;
	rec->suite = strdup("helpers");
	add_slope(rec, "a");
	text = text_of(rec);
	/* the same length, so that nothing moves */
	at = strstr(text, "\"repeats\": 1");
	assert_non_null(at);
	memcpy(at, "\"repeats\":-1", 12);
	assert_int_not_equal(record_parse(text, strlen(text), "made up", &back, &why), 0);
	assert_null(back);
	assert_non_null(strstr(why.text, "slopes[0].points[1].repeats: negative"));
	free(text);
	record_free(rec);
}

static void test_older_record(void **state)
{
	struct record *rec = record_new(), *back;
	char *text;
	struct error why = {0};
	json_t *json;

	(void)state;
	rec->suite = strdup("quick");
	json = record_to_json(rec);
	json_object_del(json, "slopes");
	json_object_del(json, "event_points");
	text = json_dumps(json, 0);
	json_decref(json);
	assert_int_equal(record_parse(text, strlen(text), "made up", &back, &why), 0);
	assert_int_equal(back->n_slopes, 0);
	free(text);
	record_free(rec);
	record_free(back);
}

/* Baselines and skipped rows are no figures of what was asked for. */
static void test_figures(void **state)
{
	struct record *rec = record_new();

	(void)state;
	example_host(rec);
	example_config(rec, "none", "baseline", "munmap_einval", "-", 0);
	assert_false(record_has_figures(rec));
	example_config(rec, "raw_tp", "empty", "munmap_einval", "-", 31)->status = RESULT_SKIPPED;
	assert_false(record_has_figures(rec));
	example_config(rec, "raw_tp", "perf", "munmap_einval", "idle", 200);
	assert_true(record_has_figures(rec));
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_fault_names_place),
		cmocka_unit_test(test_older_record),
		cmocka_unit_test(test_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
