/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/show/events/contention_table.h"
#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/record/record_rows.h"
#include "reports/show/table.h"

static bool is_of(const struct event_point *p, const char *scenario)
{
	return p->status == RESULT_MEASURED && !strcmp(p->scenario, scenario);
}

static size_t count(const struct record *rec, const char *scenario)
{
	size_t n = 0;

	for (size_t i = 0; i < rec->n_event_points; i++)
		n += is_of(&rec->event_points[i], scenario);
	return n;
}

/* Millions a second, a decimal more than the interval supports at most. */
static void put_millions(FILE *out, struct effect e)
{
	struct effect m = {e.value / 1e6, e.lo / 1e6, e.hi / 1e6};
	double half = fmax(m.value - m.lo, m.hi - m.value);
	int decimals = isfinite(half) ? figure_decimals(half) : 2;

	if (isnan(m.value)) {
		fputc('-', out);
		return;
	}
	decimals = decimals > 0 ? decimals : 0;
	fprintf(out, "%.*f", decimals, m.value);
	if (isfinite(half))
		fprintf(out, " ±%.*f", decimals, half);
}

static void put_loss(FILE *out, const struct event_point *p)
{
	double lost = (double)(p->produced - p->received);

	if (!p->produced)
		fputc('-', out);
	else if (p->produced == p->received)
		fputc('0', out);
	else
		fprintf(out, "%.2g %%", 100 * lost / (double)p->produced);
}

static void put_headers(struct table *t, const char *const *names, size_t n, size_t texts)
{
	for (size_t i = 0; i < n; i++) {
		fputs(names[i], table_cell(t));
		if (i >= texts)
			table_align_right(t, i);
	}
}

static void title(struct page *page, const char *text)
{
	page_gap(page);
	fputs(text, page_line(page));
	page_note(page);
	if (page->format == RENDER_MARKDOWN)
		page_gap(page);
}

static void put_contestant(struct table *t, const struct event_point *p, enum render_format format)
{
	escape_part(table_cell(t), p->body, format);
	escape_part(table_cell(t), p->wakeup, format);
	escape_part(table_cell(t), p->policy, format);
	figure_count(table_cell(t), p->producers);
	put_millions(table_cell(t), (struct effect){p->rate_achieved, NAN, NAN});
	figure_effect(table_cell(t), p->overhead, UNIT_NS, FIGURE_PLUS_MINUS);
	put_millions(table_cell(t), p->throughput);
	put_loss(table_cell(t), p);
	figure_count(table_cell(t), p->memory_bytes >> 10);
}

int contention_print(struct page *page)
{
	static const char *const names[] = {"buffer",	  "consumer",  "policy",
					    "producers",  "M calls/s", "ns a call",
					    "M events/s", "lost",      "KiB"};
	const size_t columns = sizeof(names) / sizeof(names[0]);
	const struct record *rec = page->rec;
	unsigned int last = 0;
	struct table *t;
	int err;

	if (!count(rec, "contention"))
		return 0;
	t = table_open(columns);
	if (!t)
		return -ENOMEM;
	put_headers(t, names, columns, 3);
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (!is_of(p, "contention"))
			continue;
		if (last && last != p->producers && page->format == RENDER_TEXT)
			table_gap(t);
		last = p->producers;
		put_contestant(t, p, page->format);
	}
	title(page, "Contention: so many producers at once, each on a CPU of its own. ns a call: "
		    "their CPU time over as many of them with no probe.");
	err = table_print(t, page->format, page->out);
	table_close(t);
	return err;
}

int contention_print_flood(struct page *page)
{
	static const char *const names[] = {"buffer",	  "policy", "M events/s",
					    "consumer %", "lost",   "events/wake-up"};
	const size_t columns = sizeof(names) / sizeof(names[0]);
	const struct record *rec = page->rec;
	struct table *t;
	int err;

	if (!count(rec, "flood"))
		return 0;
	t = table_open(columns);
	if (!t)
		return -ENOMEM;
	put_headers(t, names, columns, 2);
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (!is_of(p, "flood"))
			continue;
		escape_part(table_cell(t), p->body, page->format);
		escape_part(table_cell(t), p->policy, page->format);
		put_millions(table_cell(t), p->throughput);
		figure_effect(table_cell(t), p->consumer_cpu, UNIT_NS, FIGURE_PLUS_MINUS);
		put_loss(table_cell(t), p);
		if (p->wakeups)
			figure_count(table_cell(t), p->received / p->wakeups);
		else
			fputc('-', table_cell(t));
	}
	title(page, "Flood: what one consumer read of a program that sends batches as fast as it "
		    "can. A consumer below 100 % could take more.");
	err = table_print(t, page->format, page->out);
	table_close(t);
	return err;
}
