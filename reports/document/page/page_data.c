/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <string.h>

#include "reports/document/page/page_data.h"
#include "reports/document/page/page_json.h"
#include "reports/document/page/page_parts.h"

/* Any number of records makes a page of some MB: a row is 200 bytes to 1 KB. */
#define RESULTS_MOST 4000
#define ROWS_MOST    2000 /* of each other kind */
#define ROUNDS_MOST  4000 /* conditions, 150 bytes each */

size_t page_records(const struct record_set *e)
{
	return e->n_runs + e->n_labs;
}

const struct record *page_record(const struct record_set *e, size_t k, const char **dir)
{
	bool lab = k >= e->n_runs;

	if (dir)
		*dir = lab ? e->labs[k - e->n_runs].dir : e->runs[k].dir;
	return lab ? e->labs[k - e->n_runs].record : e->runs[k].record;
}

void page_leaves_out(const struct page_source *s, size_t n, const char *what)
{
	if (n)
		json_array_append_new(s->left_out, json_sprintf("%zu %s", n, what));
}

/* The first ones of a list. */
static json_t *first(const struct page_source *s, json_t *list, size_t most, const char *what)
{
	size_t n = json_array_size(list);

	page_leaves_out(s, n > most ? n - most : 0, what);
	while (json_array_size(list) > most)
		json_array_remove(list, json_array_size(list) - 1);
	return list;
}

json_t *page_rows(const struct record_set *e, const char *kind)
{
	const struct field *rows = field_find(record_top_fields, kind);
	json_t *list = json_array();

	for (size_t k = 0; k < page_records(e); k++) {
		const struct record *rec = page_record(e, k, NULL);

		for (size_t i = 0; i < field_rows(rec, rows); i++) {
			json_t *row = page_json_row(field_row(rec, rows, i), kind);

			json_object_set_new(row, "record", json_integer((json_int_t)k));
			if (json_array_append_new(list, row))
				return json_decref(list), NULL;
		}
	}
	return list;
}

static bool same_series(const struct round_conditions *a, const struct round_conditions *b)
{
	return strcmp(a->workload, b->workload) == 0 &&
	       strcmp(a->cache ? a->cache : "", b->cache ? b->cache : "") == 0;
}

/* The rounds of one experiment in their order. */
static json_t *series(const struct record *rec, size_t first, size_t *room)
{
	const struct round_conditions *like = &rec->conditions[first];
	json_t *rounds = json_array();
	double t = 0;

	for (size_t i = first; i < rec->n_conditions && *room; i++) {
		const struct round_conditions *c = &rec->conditions[i];
		json_t *row;

		if (!same_series(c, like))
			continue;
		row = page_json_row(c, "conditions");
		json_object_del(row, "syscall");
		json_object_del(row, "cache");
		json_object_set_new(row, "t", json_real(t));
		json_array_append_new(rounds, row);
		t += c->seconds > 0 ? c->seconds : 0;
		(*room)--;
	}
	return rounds;
}

json_t *page_conditions(const struct page_source *s)
{
	json_t *list = json_array();
	size_t room = ROUNDS_MOST, all = 0;

	for (size_t k = 0; k < s->e->n_runs; k++) {
		const struct record *rec = page_record(s->e, k, NULL);

		all += rec->n_conditions;
		for (size_t i = 0; i < rec->n_conditions && room; i++) {
			const struct round_conditions *c = &rec->conditions[i];
			bool seen = false;

			for (size_t before = 0; before < i && !seen; before++)
				seen = same_series(&rec->conditions[before], c);
			if (!seen)
				json_array_append_new(list,
						      json_pack("{s:I, s:o, s:o, s:o}", "record",
								(json_int_t)k, "syscall",
								page_json_text(c->workload),
								"cache", page_json_text(c->cache),
								"rounds", series(rec, i, &room)));
		}
	}
	page_leaves_out(s, all > ROUNDS_MOST ? all - ROUNDS_MOST : 0, "rounds' conditions");
	return list;
}

static json_t *newest(const struct record_set *e)
{
	const char *date = NULL;

	for (size_t k = 0; k < page_records(e); k++) {
		const char *created = page_record(e, k, NULL)->created;

		if (created && (!date || strcmp(created, date) > 0))
			date = created;
	}
	return page_json_text(date);
}

json_t *page_data(const struct record_set *e, const struct verdicts *v, const char *version)
{
	struct page_source s = {e, v, page_samples_open(), json_array()};
	json_t *results = s.samples ? page_results(&s) : NULL, *data = NULL;

	if (results)
		data = json_pack(
			"{s:s, s:{s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
			"s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			"schema", PAGE_SCHEMA, "made", "version",
			*version ? page_json_text(version) : json_null(), "date", newest(e),
			"budget", page_budget(&v->budget), "decision", page_decision(v), "findings",
			page_findings(e), "records", page_record_list(e), "quantile_levels",
			page_samples_levels(), "samples", page_samples_take(s.samples), "results",
			first(&s, results, RESULTS_MOST, "results"), "curves", page_curves(&s),
			"prices", first(&s, page_prices(e), ROWS_MOST, "prices of helpers"),
			"claims", page_claims(e), "waterfall",
			first(&s, page_waterfalls(e), ROWS_MOST, "sums of steps"), "cold",
			first(&s, page_cold(e), ROWS_MOST, "cold results"), "evictions",
			first(&s, page_rows(e, "evictions"), ROWS_MOST, "evictions"), "lab",
			page_lab(e), "predicted", page_predicted(e), "xray", page_xrays(&s), "apps",
			first(&s, page_rows(e, "app_results"), ROWS_MOST, "figures of programs"),
			"crosschecks",
			first(&s, page_rows(e, "crosschecks"), ROWS_MOST, "rows of other tools"),
			"conditions", page_conditions(&s), "left_out", json_incref(s.left_out));
	json_decref(s.left_out);
	page_samples_close(s.samples);
	return data;
}
