/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/show/costs/neighbour_table.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/show/table.h"

static bool of_the_uncontended(const struct record_result *result)
{
	return result->stratum && strcmp(result->stratum, "uncontended") == 0;
}

/* Whole percents, but never 0 or 100 for what is neither. */
static double percent(double share)
{
	double whole = round(100 * share);

	if (share > 0 && whole < 1)
		return 1;
	if (share < 1 && whole > 99)
		return 99;
	return whole;
}

/* What the costs below are of; left: percent of the rounds that are free of a neighbour. */
static void print_of_what(FILE *line, size_t uncontended, size_t configs, double left)
{
	if (uncontended == configs)
		fprintf(line, "; costs below are of the other %.0f %%", left);
	else if (uncontended == 0)
		fputs("; costs below are of all rounds", line);
	else
		fprintf(line,
			"; the costs of %zu of %zu rows below are of the other %.0f %%, the rest "
			"of all rounds",
			uncontended, configs, left);
}

void neighbour_print_fact(struct page *p, const struct record_result *const *configs, size_t n)
{
	size_t known = 0, asked = 0, uncontended = 0;
	double share = 0;
	FILE *line;

	for (size_t i = 0; i < n; i++) {
		uncontended += of_the_uncontended(configs[i]);
		asked += configs[i]->strata_note != NULL;
		if (isnan(configs[i]->contended_share))
			continue;
		share += configs[i]->contended_share;
		known++;
	}
	if (!known && !asked)
		return;
	line = page_line(p);
	share /= (double)known;
	if (!known) {
		fputs("whether one used the core's other hardware thread cannot be told", line);
	} else if (!(share > 0)) {
		fputs("none was seen on the core's other hardware thread", line);
	} else {
		fprintf(line,
			"a neighbour used the core's other hardware thread in %s%.0f %% of the "
			"rounds",
			share < 0.01 ? "under " : "", percent(share));
		print_of_what(line, uncontended, n, 100 - percent(share));
	}
	page_fact(p, "neighbour");
}

static bool has_strata(const struct record_result *result)
{
	return !isnan(result->contended.value) || !isnan(result->cycles.value);
}

static void put_row(struct page *p, struct table *t, const struct record_result *result)
{
	escape_part(table_cell(t), result->variant, p->format);
	escape_part(table_cell(t), result->wakeup, p->format);
	if (isnan(result->contended_share))
		fputc('-', table_cell(t));
	else
		fprintf(table_cell(t), "%.0f %%", percent(result->contended_share));
	figure_effect(table_cell(t), result->uncontended, result->unit, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), result->contended, result->unit, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), result->cycles, result->unit, FIGURE_PLUS_MINUS);
}

/* Each reason once, with the first row that has it. */
static void print_notes(struct page *p, const struct record_result *const *configs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t before = 0, same = 0;
		FILE *line;

		if (!configs[i]->strata_note)
			continue;
		for (size_t k = 0; k < n; k++) {
			bool is = configs[k]->strata_note &&
				  strcmp(configs[k]->strata_note, configs[i]->strata_note) == 0;

			before += is && k < i;
			same += is;
		}
		if (before)
			continue;
		line = page_line(p);
		escape_part(line, configs[i]->variant, p->format);
		if (same > 1)
			fprintf(line, " and %zu more", same - 1);
		fputs(": ", line);
		escape_part(line, configs[i]->strata_note, p->format);
		page_fact(p, "withheld");
	}
}

static struct table *fill(struct page *p, const struct record_result *const *configs, size_t n)
{
	static const char *const headers[] = {"variant",    "drain",	  "contended rounds",
					      "core alone", "beside one", "core cycles"};
	struct table *t = table_open(sizeof(headers) / sizeof(*headers));

	if (!t)
		return NULL;
	for (size_t c = 0; c < sizeof(headers) / sizeof(*headers); c++) {
		fputs(headers[c], table_cell(t));
		if (c >= 2)
			table_align_right(t, c);
	}
	for (size_t i = 0; i < n; i++)
		if (has_strata(configs[i]))
			put_row(p, t, configs[i]);
	if (table_uniform(t, 1) && table_rows(t) > 1 && !strcmp(table_at(t, 1, 1), "-"))
		table_hide(t, 1);
	return t;
}

int neighbour_print(struct page *p, const struct record_result *const *configs, size_t n)
{
	struct table *t;
	size_t rows = 0;
	int err = 0;

	for (size_t i = 0; i < n; i++)
		rows += has_strata(configs[i]);
	if (rows) {
		t = fill(p, configs, n);
		if (!t)
			return -ENOMEM;
		fputs("the same by whether the core had a neighbour, typical over "
		      "processes, in ns; and in core cycles",
		      page_line(p));
		page_note(p);
		page_gap(p);
		err = table_print(t, p->format, p->out);
		table_close(t);
	}
	print_notes(p, configs, n);
	return err;
}
