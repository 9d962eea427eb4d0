/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of the page: where and when, their answers, and what one must know of them together.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/document/page/page_json.h"
#include "reports/document/page/page_parts.h"
#include "reports/judge/agree.h"
#include "reports/show/costs/data_table.h"
#include "reports/show/verdict/diff_print.h"
#include "reports/record/text_stream.h"

static json_t *texts(char *const *text, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, page_json_text(text[i]));
	return array;
}

/* The folder's own name: where it lies is nobody's business. */
static json_t *name_of(const char *dir)
{
	size_t len = dir ? strlen(dir) : 0;
	char name[256];

	while (len > 1 && dir[len - 1] == '/')
		len--;
	snprintf(name, sizeof(name), "%.*s", (int)len, dir ? dir : "");
	return page_json_text(strrchr(name, '/') ? strrchr(name, '/') + 1 : name);
}

/* A copy in which each string is escaped, names of members too: they are an answer's own. */
static json_t *escaped(const json_t *kept)
{
	json_t *copy, *member;
	const char *key;
	size_t i;

	if (json_is_string(kept))
		return page_json_text(json_string_value(kept));
	if (json_is_array(kept)) {
		copy = json_array();
		json_array_foreach((json_t *)kept, i, member)
			json_array_append_new(copy, escaped(member));
		return copy;
	}
	if (!json_is_object(kept))
		return json_deep_copy(kept);
	copy = json_object();
	json_object_foreach((json_t *)kept, key, member)
		json_object_set_new(copy, key, escaped(member));
	return copy;
}

/* Title and lines of what report prints of it; its tables are the page's own. */
static json_t *answer(const struct record *rec)
{
	struct answer *a = NULL;
	json_t *all = NULL, *row;
	char *text = NULL;
	size_t len = 0;
	FILE *out = text_stream(&text, &len);
	int err = out ? answer_of_record(rec, NULL, &a) : -1;

	if (!err)
		err = answer_json(a, out);
	answer_close(a);
	if (out && fclose(out) == 0 && !err)
		all = json_loads(text, 0, NULL);
	free(text);
	row = all ? json_pack("{s:o, s:o}", "title", escaped(json_object_get(all, "title")),
			      "lines", escaped(json_object_get(all, "lines")))
		  : json_null();
	json_decref(all);
	return row;
}

json_t *page_record_list(const struct record_set *e)
{
	json_t *list = json_array();

	for (size_t k = 0; k < page_records(e); k++) {
		const char *dir;
		const struct record *rec = page_record(e, k, &dir);
		json_t *row = json_pack(
			"{s:o, s:b, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
			name_of(dir), "lab", k >= e->n_runs, "created",
			page_json_text(rec->created), "suite", page_json_text(rec->suite),
			"version", page_json_text(rec->version), "seed",
			json_sprintf("%" PRIu64, rec->seed), "partial", rec->partial, "argv",
			texts(rec->argv, rec->n_argv), "host", page_json_part(rec, "host"),
			"placement", page_json_part(rec, "placement"), "floor",
			page_json_part(rec, "floor"), "warnings",
			texts(rec->warnings, rec->n_warnings), "answer", answer(rec));

		if (json_array_append_new(list, row))
			return json_decref(list), NULL;
	}
	return list;
}

static void say_agreement(FILE *out, const void *ctx)
{
	agree_say(out, ctx, RENDER_TEXT);
}

static void say_data(FILE *out, const void *ctx)
{
	data_findings(ctx, RENDER_TEXT, out);
}

/* The same words of several records are said once. */
static void add_finding(json_t *list, json_t *said, const json_t *record)
{
	json_t *finding;
	size_t i;

	if (json_string_length(said)) {
		json_array_foreach(
			list, i,
			finding) if (json_equal(json_object_get(finding, "text"), said)) break;
		if (i == json_array_size(list))
			json_array_append_new(list,
					      json_pack("{s:O, s:[]}", "text", said, "records"));
		if (record)
			json_array_append(json_object_get(json_array_get(list, i), "records"),
					  (json_t *)record);
	}
	json_decref(said);
}

json_t *page_findings(const struct record_set *e)
{
	json_t *list = json_array();
	struct agreement agreement;

	if (agree_record_set(e, &agreement) == 0) {
		add_finding(list, page_json_said(say_agreement, &agreement), NULL);
		agree_free(&agreement);
	}
	for (size_t k = 0; k < page_records(e); k++) {
		json_t *record = json_integer((json_int_t)k);

		add_finding(list, page_json_said(say_data, page_record(e, k, NULL)), record);
		json_decref(record);
	}
	return list;
}
