/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/record/record_rows.h"
#include "reports/show/unmeasured.h"

/* A row of any kind, and what it is called: wide first, the id last. */
struct view {
	const char *kind, *kinds;
	enum result_status status;
	const char *reason;
	const char *name[3];
	bool told;
};

/* Fills in row, which has room for all; returns how many there are. */
static size_t collect(const struct record *rec, struct view *row)
{
	size_t n = 0;

	for (size_t i = 0; i < rec->n_slopes; i++) {
		const struct slope *s = &rec->slopes[i];

		row[n++] = (struct view){.kind = "price",
					 .kinds = "prices",
					 .status = s->status,
					 .reason = s->reason,
					 .name = {s->host_program, s->helper, s->id}};
	}
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *e = &rec->event_points[i];

		row[n++] = (struct view){.kind = "event point",
					 .kinds = "event points",
					 .status = e->status,
					 .reason = e->reason,
					 .name = {e->hook, e->variant, e->id}};
	}
	for (size_t i = 0; i < rec->n_app_results; i++) {
		const struct app_result *a = &rec->app_results[i];

		row[n++] = (struct view){.kind = "program's figure",
					 .kinds = "programs' figures",
					 .status = a->status,
					 .reason = a->reason,
					 .name = {a->app, a->app, a->id}};
	}
	for (size_t i = 0; i < rec->n_crosschecks; i++) {
		const struct crosscheck *c = &rec->crosschecks[i];

		row[n++] = (struct view){.kind = "cross-check",
					 .kinds = "cross-checks",
					 .status = c->status,
					 .reason = c->reason,
					 .name = {c->tool, c->tool, c->id}};
	}
	return n;
}

static bool same_reason(const struct view *a, const struct view *b)
{
	bool alike =
		a->reason && b->reason ? strcmp(a->reason, b->reason) == 0 : a->reason == b->reason;

	return a->kind == b->kind && a->status == b->status && alike;
}

static bool named_alike(const struct view *a, const struct view *b, size_t level)
{
	return a->kind == b->kind && strcmp(a->name[level], b->name[level]) == 0;
}

/* The widest name whose rows all failed like this one. */
static size_t level_of(const struct view *all, size_t n, const struct view *row)
{
	for (size_t level = 0; level < 2; level++) {
		size_t i = 0;

		while (i < n && (!named_alike(row, &all[i], level) || same_reason(row, &all[i])))
			i++;
		if (i == n)
			return level;
	}
	return 2;
}

static void put_group(struct page *page, struct view *all, size_t n, const struct view *head)
{
	FILE *line = page_line(page);
	size_t count = 0, names = 0;

	for (size_t i = 0; i < n; i++)
		count += same_reason(head, &all[i]);
	fprintf(line, "%s, ", result_status_name(head->status));
	figure_count(line, count);
	fprintf(line, " %s: ", count == 1 ? head->kind : head->kinds);
	for (size_t i = 0; i < n; i++) {
		const struct view *row = &all[i];
		size_t level;

		if (row->told || !same_reason(head, row))
			continue;
		level = level_of(all, n, row);
		for (size_t k = i; k < n; k++) {
			if (same_reason(head, &all[k]) && named_alike(row, &all[k], level))
				all[k].told = true;
		}
		fputs(names++ ? ", " : "", line);
		escape_part(line, row->name[level], page->format);
	}
	fputs(": ", line);
	escape_part(line, head->reason ? head->reason : "no reason was recorded", page->format);
	page_note(page);
}

int unmeasured_print_rows(struct page *page, bool headed)
{
	const struct record *rec = page->rec;
	size_t n = rec->n_slopes + rec->n_event_points + rec->n_app_results + rec->n_crosschecks;
	struct view *row = calloc(n + 1, sizeof(*row));

	if (!row)
		return -ENOMEM;
	n = collect(rec, row);
	for (size_t i = 0; i < n; i++) {
		if (row[i].told || row[i].status == RESULT_MEASURED)
			continue;
		if (!headed) {
			fputs("Not measured", page_line(page));
			page_heading(page);
		}
		headed = true;
		put_group(page, row, n, &row[i]);
	}
	free(row);
	return 0;
}
