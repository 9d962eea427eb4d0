/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/show/costs/cold_table.h"
#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/record/record_rows.h"
#include "reports/show/table.h"

/* All rows of one run say the same of how. */
static void print_how(struct page *page, const struct eviction *row)
{
	FILE *line = page_line(page);

	fputs("between cold calls: ", line);
	escape_part(line, row->how, page->format);
	fputs("; it takes ", line);
	figure_length(line, row->eviction / 1000, UNIT_NS);
	fputs(" us", line);
	page_fact(page, "evicted");
}

static void print_note(struct page *page, const struct eviction *row)
{
	FILE *line = page_line(page);

	escape_part(line, row->what, page->format);
	fputs(": ", line);
	escape_part(line, row->note ? row->note : "-", page->format);
	page_fact(page, row->holds ? "proved" : "NOT PROVED");
}

int cold_print_proofs(struct page *page)
{
	static const char *const headers[] = {"what",	 "in ns",	"hot",	 "evicted",
					      "from L2", "from memory", "proved"};
	const struct record *rec = page->rec;
	struct table *t;
	int err;

	if (!rec->n_evictions)
		return 0;
	t = table_open(sizeof(headers) / sizeof(*headers));
	if (!t)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		fputs(headers[i], table_cell(t));
	for (size_t i = 0; i < rec->n_evictions; i++) {
		const struct eviction *row = &rec->evictions[i];

		escape_part(table_cell(t), row->what, page->format);
		escape_part(table_cell(t), row->measure, page->format);
		figure_length(table_cell(t), row->hot, UNIT_NS);
		figure_length(table_cell(t), row->evicted, UNIT_NS);
		figure_length(table_cell(t), row->near, UNIT_NS);
		figure_length(table_cell(t), row->far, UNIT_NS);
		fputs(row->holds ? "yes" : "NO", table_cell(t));
	}
	for (size_t c = 2; c < 6; c++)
		table_align_right(t, c);
	print_how(page, &rec->evictions[0]);
	page_gap(page);
	err = table_print(t, page->format, page->out);
	table_close(t);
	for (size_t i = 0; i < rec->n_evictions; i++)
		print_note(page, &rec->evictions[i]);
	return err;
}

static double apart(double a, double b)
{
	return sqrt(a * a + b * b);
}

struct effect cold_difference(struct effect a, struct effect b)
{
	struct effect d = {.value = a.value - b.value};

	d.lo = d.value - apart(a.value - a.lo, b.hi - b.value);
	d.hi = d.value + apart(a.hi - a.value, b.value - b.lo);
	return d;
}

/* The same result measured hot; NULL: it was not. */
static const struct record_result *its_hot(const struct record *rec,
					   const struct record_result *cold)
{
	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];

		if (result->status == RESULT_MEASURED && !strcmp(result->cache, "hot") &&
		    !strcmp(result->variant, cold->variant) &&
		    !strcmp(result->workload, cold->workload) &&
		    !strcmp(result->wakeup, cold->wakeup) && result->unit == cold->unit)
			return result;
	}
	return NULL;
}

static void put_row(struct page *page, struct table *t, const struct record_result *cold,
		    const struct record_result *hot)
{
	struct effect more = cold_difference(cold->overhead.typical, hot->overhead.typical);

	escape_part(table_cell(t), cold->workload, page->format);
	escape_part(table_cell(t), cold->variant, page->format);
	escape_part(table_cell(t), cold->wakeup, page->format);
	figure_length(table_cell(t), hot->baseline.typical, hot->unit);
	figure_length(table_cell(t), cold->baseline.typical, cold->unit);
	figure_effect(table_cell(t), hot->overhead.typical, hot->unit, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), cold->overhead.typical, cold->unit, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), more, cold->unit, FIGURE_PLUS_MINUS);
	figure_ratio(table_cell(t), cold->overhead.typical, hot->overhead.typical);
}

static int print_pairs(struct page *page)
{
	static const char *const headers[] = {"trigger",   "variant",	 "drain",
					      "call hot",  "call cold",	 "adds hot",
					      "adds cold", "cold - hot", "cold / hot"};
	const struct record *rec = page->rec;
	struct table *t = table_open(sizeof(headers) / sizeof(*headers));
	int err;

	if (!t)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		fputs(headers[i], table_cell(t));
	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *cold = rec->results[i], *hot;

		if (cold->status != RESULT_MEASURED || strcmp(cold->cache, "cold") != 0 ||
		    !strcmp(cold->hook, "none"))
			continue;
		hot = its_hot(rec, cold);
		if (hot)
			put_row(page, t, cold, hot);
	}
	for (size_t c = 3; c < sizeof(headers) / sizeof(*headers); c++)
		table_align_right(t, c);
	if (table_uniform(t, 2))
		table_hide(t, 2);
	err = table_print(t, page->format, page->out);
	table_close(t);
	return err;
}

int cold_print_against_hot(struct page *page)
{
	const struct record *rec = page->rec;
	bool any = false;

	for (size_t i = 0; i < rec->n_results && !any; i++)
		any = rec->results[i]->status == RESULT_MEASURED &&
		      !strcmp(rec->results[i]->cache, "cold") &&
		      strcmp(rec->results[i]->hook, "none") != 0 && its_hot(rec, rec->results[i]);
	if (!any)
		return 0;
	fputs("Cold against hot, typical, in ns", page_line(page));
	page_heading(page);
	page_gap(page);
	return print_pairs(page);
}
