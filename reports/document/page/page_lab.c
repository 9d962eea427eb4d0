/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exact lab: counts of each configuration by kernel, and X-rays as trees. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/document/page/page_json.h"
#include "reports/document/page/page_parts.h"
#include "reports/document/read/stacks.h"
#include "reports/record/open_regular.h"
#include "reports/record/wakeup_name.h"

#define SUBJECT_MOST 4096 /* bytes of an xray.json */
#define DEEPEST	     200  /* a kernel's stack has not so many functions */

/* "6.1.0-28-amd64" is 6.1.0: what tables of several kernels say. */
static json_t *kernels(const struct record_set *e)
{
	json_t *list = json_array();

	for (size_t k = 0; k < e->n_labs; k++) {
		const struct record_host *host = &e->labs[k].record->host;

		json_array_append_new(list, json_pack("{s:I, s:o, s:o}", "record",
						      (json_int_t)e->n_runs + (json_int_t)k, "name",
						      page_json_text(host->kernel), "arch",
						      page_json_text(host->arch)));
	}
	return list;
}

static json_t *lab_row(const struct record_set *e, const struct record_result *like)
{
	json_t *counts = json_array(), *reasons = json_array();

	for (size_t k = 0; k < e->n_labs; k++) {
		const struct record_result *r = record_find_result(e->labs[k].record, like->id);
		bool counted = r && r->status == RESULT_MEASURED;

		json_array_append_new(counts, counted ? page_json_number(r->overhead.p50.value)
						      : json_null());
		json_array_append_new(reasons,
				      r && !counted ? page_json_text(r->reason) : json_null());
	}
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "variant",
			 page_json_text(like->variant), "hook", page_json_text(like->hook),
			 "program", page_json_text(like->body), "syscall",
			 page_json_text(like->workload), "wakeup",
			 page_json_text(wakeup_name(like->wakeup).text), "cache",
			 page_json_text(like->cache), "counts", counts, "reasons", reasons);
}

static bool in_earlier(const struct record_set *e, size_t k, const char *id)
{
	for (size_t before = 0; before < k; before++)
		if (record_find_result(e->labs[before].record, id))
			return true;
	return false;
}

json_t *page_lab(const struct record_set *e)
{
	json_t *rows = json_array();

	if (!e->n_labs)
		return json_decref(rows), json_null();
	for (size_t k = 0; k < e->n_labs; k++) {
		const struct record *rec = e->labs[k].record;

		for (size_t i = 0; i < rec->n_results; i++) {
			const struct record_result *r = rec->results[i];

			/* those without a program have nothing that is added */
			if (strcmp(r->hook, "none") != 0 && !in_earlier(e, k, r->id))
				json_array_append_new(rows, lab_row(e, r));
		}
	}
	return json_pack("{s:o, s:o}", "kernels", kernels(e), "rows", rows);
}

/* Frames follow their parents: from the last to the first each is whole when it is appended. */
static json_t *tree(const struct stacks *f)
{
	json_t **node = (json_t **)calloc(f->n, sizeof(json_t *)), *root;

	for (size_t i = 0; node && i < f->n; i++) {
		const struct frame *frame = &f->frames[i];

		node[i] = json_pack("{s:o, s:f}", "name", page_json_text(i ? frame->name : "all"),
				    "value", frame->total);
		if (i && frame->depth < DEEPEST) {
			json_t *parent = node[frame->parent];
			json_t *children = json_object_get(parent, "children");

			if (!children) {
				children = json_array();
				json_object_set_new(parent, "children", children);
			}
			json_array_append(children, node[i]);
		}
	}
	root = node ? json_incref(node[0]) : NULL;
	for (size_t i = 0; node && i < f->n; i++)
		json_decref(node[i]);
	free((void *)node);
	return root;
}

/* What xray.json says was looked at; older X-rays have none. */
static json_t *subject(const char *dir)
{
	static const char *const kept[][2] = {{"variant", "variant"},
					      {"trigger", "syscall"},
					      {"kernel", "kernel"},
					      {"arch", "arch"},
					      {"mechanism", "mechanism"}};
	json_t *row = json_object(), *all = NULL;
	char *path, text[SUBJECT_MOST];
	struct error why;
	FILE *file = NULL;
	int err;

	if (asprintf(&path, "%s/xray.json", dir) >= 0) {
		file = open_regular_stream(path, 0, sizeof(text), &err, &why);
		free(path);
	}
	if (file) {
		all = json_loadb(text, fread(text, 1, sizeof(text), file), 0, NULL);
		fclose(file);
	}
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		const char *value = json_string_value(json_object_get(all, kept[i][0]));

		json_object_set_new(row, kept[i][1], page_json_text(value));
	}
	json_decref(all);
	return row;
}

/* "kprobe_empty, 6.1.0-28-amd64"; of an older one the folder's name. */
static json_t *title(const json_t *about, const char *dir)
{
	const char *variant = json_string_value(json_object_get(about, "variant"));
	const char *kernel = json_string_value(json_object_get(about, "kernel"));
	const char *slash = strrchr(dir, '/');

	if (variant && kernel)
		return json_sprintf("%s, %s", variant, kernel);
	return page_json_text(slash && slash[1] ? slash + 1 : dir);
}

static json_t *xray(const char *dir, const struct stacks *f)
{
	json_t *about = subject(dir), *row;

	row = json_pack("{s:o, s:f, s:o}", "title", title(about, dir), "total", f->frames[0].total,
			"tree", tree(f));
	json_object_update(row, about);
	json_decref(about);
	return row;
}

json_t *page_xrays(const struct page_source *s)
{
	json_t *list = json_array();

	for (size_t k = 0; k < s->e->n_xrays; k++) {
		struct stacks f;
		struct error why = {"it is empty"};

		if (stacks_load(s->e->xrays[k], &f, &why) == 0)
			json_array_append_new(list, xray(s->e->xrays[k], &f));
		else
			page_leaves_out(s, 1, "X-ray, whose stacks cannot be read");
		stacks_free(&f);
	}
	return list;
}
