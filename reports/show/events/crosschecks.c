/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/stats/combine.h"
#include "reports/show/events/crosschecks.h"
#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/record/record_rows.h"
#include "reports/show/table.h"

static bool measured(const struct crosscheck *c)
{
	return c->status == RESULT_MEASURED;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void put_row(struct table *t, const struct crosscheck *c, enum render_format format)
{
	escape_part(table_cell(t), c->variant, format);
	escape_part(table_cell(t), c->workload, format);
	escape_part(table_cell(t), c->tool, format);
	figure_effect(table_cell(t), c->says, UNIT_NS, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), c->bpftoll, UNIT_NS, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), combine_difference(c->says, c->bpftoll), UNIT_NS,
		      FIGURE_PLUS_MINUS);
}

/* Once for all rows of a tool that give the same. */
static void put_why(struct page *page, size_t at)
{
	const struct crosscheck *rows = page->rec->crosschecks, *c = &rows[at];
	FILE *line = page_line(page);
	size_t said = 0;

	for (size_t i = 0; i < at; i++) {
		if (measured(&rows[i]) && same_text(rows[i].tool, c->tool) &&
		    same_text(rows[i].why, c->why))
			return;
	}
	for (size_t i = at; i < page->rec->n_crosschecks; i++) {
		if (!measured(&rows[i]) || !same_text(rows[i].tool, c->tool) ||
		    !same_text(rows[i].why, c->why))
			continue;
		said++;
	}
	escape_part(line, c->tool, page->format);
	if (said == 1) {
		fputs(" of ", line);
		escape_part(line, c->variant, page->format);
	}
	fputs(": ", line);
	escape_part(line, c->quantity, page->format);
	fputs("; ", line);
	escape_part(line, c->why, page->format);
	page_fact(page, "why");
}

static void put_commands(struct page *page)
{
	const struct record *rec = page->rec;

	for (size_t i = 0; i < rec->n_crosschecks; i++) {
		const struct crosscheck *c = &rec->crosschecks[i];
		bool told = !measured(c) || !c->command;

		for (size_t k = 0; k < i && !told; k++)
			told = measured(&rec->crosschecks[k]) &&
			       same_text(rec->crosschecks[k].tool, c->tool);
		if (told)
			continue;
		escape_part(page_line(page), c->command, page->format);
		page_fact(page, "as run");
	}
}

int crosschecks_print(struct page *page)
{
	static const char *const headers[] = {"variant",     "trigger",	    "tool",
					      "it says, ns", "bpftoll, ns", "more by"};
	const size_t columns = sizeof(headers) / sizeof(*headers);
	const struct record *rec = page->rec;
	struct table *t = table_open(columns);
	int err = 0;

	if (!t)
		return -ENOMEM;
	for (size_t i = 0; i < columns; i++) {
		fputs(headers[i], table_cell(t));
		if (i >= 3)
			table_align_right(t, i);
	}
	for (size_t i = 0; i < rec->n_crosschecks; i++) {
		if (measured(&rec->crosschecks[i]))
			put_row(t, &rec->crosschecks[i], page->format);
	}
	if (table_rows(t) == 1)
		goto out;
	fputs("Cross-check: what other tools say of the same probes", page_line(page));
	page_heading(page);
	if (table_uniform(t, 1)) {
		fputs("On ", page_line(page));
		fputs(table_at(t, 1, 1), page->line); /* quoted already */
		fputs(", ns a hit; more by: the tool's figure minus bpftoll's.", page->line);
		table_hide(t, 1);
	} else {
		fputs("In ns a hit; more by: the tool's figure minus bpftoll's.", page_line(page));
	}
	page_note(page);
	page_gap(page);
	err = table_print(t, page->format, page->out);
	page_gap(page);
	for (size_t i = 0; i < rec->n_crosschecks; i++) {
		if (measured(&rec->crosschecks[i]) && rec->crosschecks[i].why)
			put_why(page, i);
	}
	put_commands(page);
out:
	table_close(t);
	return err;
}
