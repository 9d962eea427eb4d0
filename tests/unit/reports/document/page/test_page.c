/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page's document: what it has of the records in reports/examples, member by member (a golden
 * file of their paths), its figures against the records' own, and nothing of a hostile record that
 * acts as markup. Run in the top folder; with WRITE=1 the golden file is written anew.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <ftw.h>
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

#include "reports/document/page/page_data.h"
#include "reports/document/page/page_file.h"
#include "reports/document/page/page_json.h"
#include "reports/record/record_rows.h"
#include "reports/record/samples.h"
#include "tests/unit/reports/document/page/page_document.h"
#include "tests/unit/reports/example.h"

#define GOLDEN "tests/unit/reports/document/page/members.txt"

/* "</script>", a comment, an attribute, a line end of JavaScript, a reversal of the text, a
 * terminal's colour. */
#define EVIL                                                                               \
	"</script><script>alert(1)</script><!-- \"'`{{script}} \xe2\x80\xa8 \xe2\x80\xae " \
	"\x1b[31m"

static char dir[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/bpftoll-page-XXXXXX");
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

static void open_examples(struct record_set *e)
{
	struct error why;

	*e = (struct record_set){.n_runs = 0};
	assert_int_equal(record_set_add_run(e, "reports/examples/run", &why), 0);
	assert_int_equal(record_set_add_run(e, "reports/examples/events", &why), 0);
	assert_int_equal(record_set_add_lab(e, "reports/examples/lab", &why), 0);
}

static char *written(const json_t *data)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(page_json_write(data, out), 0);
	fclose(out);
	return text;
}

/* Paths of all members, once each, without what they hold. */
static void add_paths(json_t *paths, const json_t *value, const char *at)
{
	char path[512];
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_object(value)) {
		json_object_foreach((json_t *)value, key, member)
		{
			snprintf(path, sizeof(path), "%s.%s", at, key);
			add_paths(paths, member, path);
		}
	} else if (json_is_array(value)) {
		snprintf(path, sizeof(path), "%s[]", at);
		json_array_foreach((json_t *)value, i, member) add_paths(paths, member, path);
		if (!i)
			json_object_set_new(paths, path, json_true());
	} else {
		snprintf(path, sizeof(path), "%s %s", at,
			 json_is_string(value)	 ? "text"
			 : json_is_number(value) ? "number"
			 : json_is_null(value)	 ? "null"
						 : "bool");
		json_object_set_new(paths, path, json_true());
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *sorted(json_t *paths)
{
	const char **names = calloc(json_object_size(paths), sizeof(*names)), *key;
	json_t *value;
	size_t n = 0, len;
	char *text;
	FILE *out = open_memstream(&text, &len);

	json_object_foreach(paths, key, value) names[n++] = key;
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s\n", names[i] + 1);
	fclose(out);
	free(names);
	return text;
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

static void test_members(void **state)
{
	struct record_set e;
	json_t *data, *paths = json_object();
	char *is, *was;

	(void)state;
	open_examples(&e);
	data = document_of(&e);
	add_paths(paths, data, "");
	is = sorted(paths);
	if (getenv("WRITE")) {
		FILE *out = fopen(GOLDEN, "we");

		assert_non_null(out);
		fputs(is, out);
		fclose(out);
	}
	was = content(GOLDEN);
	assert_string_equal(is, was);
	free(was);
	free(is);
	json_decref(paths);
	json_decref(data);
	record_set_close(&e);
}

/* Each result's quantiles are those of its readings: the record has p50, p99 and the longest. */
static void test_quantiles(void **state)
{
	struct record_set e;
	json_t *data, *levels, *row;
	size_t at, i, p50 = 0, checked = 0;

	(void)state;
	open_examples(&e);
	data = document_of(&e);
	levels = json_object_get(data, "quantile_levels");
	json_array_foreach(levels, i, row) p50 = json_real_value(row) == 0.5 ? i : p50;
	assert_true(p50 > 0);
	json_array_foreach(json_object_get(data, "results"), at, row)
	{
		json_t *samples = json_object_get(row, "samples"), *config, *sample, *values;

		if (!json_is_object(samples))
			continue;
		config = json_object_get(row, "config");
		sample = json_array_get(
			json_object_get(data, "samples"),
			(size_t)json_integer_value(json_object_get(samples, "probe")));
		values = json_object_get(sample, "values");
		assert_int_equal(json_array_size(values), json_array_size(levels));
		assert_true(number(sample, "n") == number(row, "n"));
		assert_true(fabs(json_real_value(json_array_get(values, p50)) -
				 number(config, "p50")) <= 2e-4 * number(config, "p50"));
		assert_true(
			fabs(json_real_value(json_array_get(json_object_get(sample, "tail"), 0)) -
			     number(config, "max")) < 2);
		for (i = 1; i < json_array_size(values); i++)
			assert_true(json_real_value(json_array_get(values, i)) >=
				    json_real_value(json_array_get(values, i - 1)));
		checked++;
	}
	assert_true(checked > 3);
	json_decref(data);
	record_set_close(&e);
}

static void test_same_bytes(void **state)
{
	struct record_set e;
	json_t *a, *b;
	char *x, *y;

	(void)state;
	open_examples(&e);
	a = document_of(&e);
	b = document_of(&e);
	x = written(a);
	y = written(b);
	assert_string_equal(x, y);
	free(x);
	free(y);
	json_decref(a);
	json_decref(b);
	record_set_close(&e);
}

static void set(char **text, const char *to)
{
	free(*text);
	*text = strdup(to);
}

/* One record with every kind of text that a file can bring, and a row of each kind. */
static void open_hostile(struct record_set *e)
{
	struct record *rec = example_record();
	struct record_result *result = record_add_result(rec, EVIL, EVIL, "perf", EVIL, EVIL, EVIL);
	struct event_point *p = record_add_event_point(rec);
	struct round_conditions *c = record_add_round_conditions(rec);
	struct app_result *app = record_add_app_result(rec);

	set(&rec->host.kernel, EVIL);
	set(&rec->warnings[0], EVIL);
	set(&result->reason, EVIL);
	set(&p->id, EVIL);
	set(&p->scenario, EVIL);
	set(&p->variant, EVIL);
	set(&p->hook, EVIL);
	set(&p->body, EVIL);
	set(&p->workload, EVIL);
	set(&p->wakeup, EVIL);
	set(&p->policy, EVIL);
	set(&c->workload, EVIL);
	set(&app->id, EVIL);
	set(&app->app, EVIL);
	set(&app->scale, EVIL);
	set(&app->variant, EVIL);
	set(&app->monitored, EVIL);
	set(&app->quantity, EVIL);
	set(&app->measure, EVIL);
	*e = (struct record_set){.n_runs = 1};
	e->runs[0].record = rec;
	e->runs[0].dir = strdup(dir);
	e->xrays[e->n_xrays++] = strdup(dir);
}

static void write_stacks(void)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/hit.folded", dir);
	out = fopen(path, "we");
	assert_non_null(out);
	fputs("call;</script><script>alert(1)</script>;__proto__ 5\ncall 2\n", out);
	fclose(out);
}

static void check_ascii(const char *text)
{
	for (const char *c = text; *c; c++)
		assert_true(*c >= 0x20 && *c < 0x7f && *c != '<');
}

static void test_hostile(void **state)
{
	struct record_set e;
	json_t *data, *back, *tree;
	const char *kernel;
	char *text;

	(void)state;
	write_stacks();
	open_hostile(&e);
	data = document_of(&e);
	text = written(data);
	check_ascii(text);
	back = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(back);
	kernel = json_string_value(json_object_get(
		json_object_get(json_array_get(json_object_get(back, "records"), 0), "host"),
		"kernel"));
	assert_string_equal(kernel, "</script><script>alert(1)</script><!-- \"'`{{script}} "
				    "\\xe2\\x80\\xa8 \\xe2\\x80\\xae \\x1b[31m");
	tree = json_object_get(json_array_get(json_object_get(back, "xray"), 0), "tree");
	assert_true(number(tree, "value") == 7);
	for (int depth = 0; depth < 3; depth++)
		tree = json_array_get(json_object_get(tree, "children"), 0);
	assert_string_equal(json_string_value(json_object_get(tree, "name")), "__proto__");
	assert_true(number(tree, "value") == 5);
	assert_int_equal(json_array_size(json_object_get(back, "apps")), 1);
	assert_int_equal(json_array_size(json_object_get(back, "conditions")), 1);
	free(text);
	json_decref(back);
	json_decref(data);
	record_set_close(&e);
}

/* Names as they are shown; what is not known is not there. */
static void test_names(void **state)
{
	struct record *rec = example_record();
	const struct record_result *result =
		record_find_result(rec, "raw_tp_perf/munmap_einval/caught_up/hot");
	json_t *row = page_json_row(result, "cells"),
	       *none = page_json_effect((struct effect){NAN, NAN, NAN});

	(void)state;
	assert_string_equal(json_string_value(json_object_get(row, "wakeup")), "per-event");
	assert_string_equal(json_string_value(json_object_get(row, "program")), "perf");
	assert_string_equal(json_string_value(json_object_get(row, "syscall")), "munmap_einval");
	assert_null(json_object_get(row, "drain"));
	assert_null(json_object_get(row, "cycles"));
	assert_null(json_object_get(row, "reason"));
	assert_true(number(json_object_get(json_object_get(row, "overhead"), "typical"), "low") ==
		    3200 - 0.4);
	assert_true(json_is_null(none));
	json_decref(none);
	json_decref(row);
	record_free(rec);
}

static char *page_of(const char *template, const char *title, const json_t *data, int *err)
{
	struct bundle bundle = {
		.template = {template, strlen(template)},
		.script = {"run();", 6},
		.style = {"body{}", 6},
		.script_hash = "sha256-S",
		.style_hash = "sha256-C",
	};
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	*err = page_file_put(&bundle, title, data, out);
	fclose(out);
	return text;
}

static void test_template(void **state)
{
	json_t *data = json_pack("{s:s}", "a", "{{script}}<{{title}}");
	char *text;
	int err;

	(void)state;
	text = page_of("<title>{{title}}</title>{{script_hash}} {{style_hash}} {{style}} "
		       "{{script}} {{data}}.",
		       "a<b> & {{data}}", data, &err);
	assert_int_equal(err, 0);
	assert_string_equal(text, "<title>a&lt;b> &amp; {{data}}</title>sha256-S sha256-C body{} "
				  "run(); {\"a\":\"{{script}}\\u003c{{title}}\"}.");
	free(text);
	text = page_of("{{other}}", "", data, &err);
	assert_int_equal(err, -EINVAL);
	free(text);
	text = page_of("{{data", "", data, &err);
	assert_int_equal(err, -EINVAL);
	free(text);
	json_decref(data);
}

/* The tests are linked without the bundle, as a build without `make web` is. */
static void test_without_bundle(void **state)
{
	struct record_set e = {.n_runs = 0};
	struct verdicts v = {.n = 0};
	struct error why;

	(void)state;
	assert_int_equal(page_file_write(&e, &v, dir, &why), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),	       cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_same_bytes),     cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_names),	       cmocka_unit_test(test_template),
		cmocka_unit_test(test_without_bundle),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
