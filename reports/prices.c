/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/axis.h"
#include "reports/combine.h"
#include "reports/figure.h"
#include "reports/prices.h"
#include "reports/quote.h"
#include "reports/slope.h"
#include "reports/table.h"

#define CARRIERS_MOST 3 /* in one table */
#define FIRST_PRICE   4 /* column */

static bool measured(const struct slope *row)
{
	return row->status == CELL_MEASURED;
}

static bool same_table(const struct slope *a, const struct slope *b)
{
	return a->unit == b->unit && strcmp(a->trigger, b->trigger) == 0;
}

static bool same_row(const struct slope *a, const struct slope *b)
{
	return same_table(a, b) && strcmp(a->helper, b->helper) == 0 &&
	       strcmp(a->size, b->size) == 0 && strcmp(a->drain, b->drain) == 0 &&
	       strcmp(a->cache, b->cache) == 0;
}

/* The first measured row for which same holds, from the start. */
static const struct slope *first_like(const struct record *rec, const struct slope *row,
				      bool (*same)(const struct slope *, const struct slope *))
{
	for (size_t i = 0; i < rec->n_slopes; i++) {
		if (measured(&rec->slopes[i]) && same(&rec->slopes[i], row))
			return &rec->slopes[i];
	}
	return NULL;
}

static const struct slope *on_carrier(const struct record *rec, const struct slope *row,
				      const char *carrier)
{
	for (size_t i = 0; i < rec->n_slopes; i++) {
		const struct slope *other = &rec->slopes[i];

		if (measured(other) && same_row(other, row) && strcmp(other->carrier, carrier) == 0)
			return other;
	}
	return NULL;
}

static void put_price(FILE *out, const struct slope *row)
{
	if (!row) {
		fputc('-', out);
		return;
	}
	figure_effect(out, row->slope, row->unit, FIGURE_PLUS_MINUS);
	if (row->nonlinear)
		fputs(" !", out);
}

/* "+0.3 ±0.1 at 8"; rounding's crumbs in exact counts are no residual. */
static void put_residual(FILE *out, const struct slope *row)
{
	const struct slope_point *worst = slope_worst(row);

	if (!worst) {
		fputc('-', out);
		return;
	}
	if (fabs(worst->residual.value) < 1e-9) {
		fputc('0', out);
		return;
	}
	figure_effect(out, worst->residual, row->unit, FIGURE_PLUS_MINUS);
	fprintf(out, " at %u", worst->repeats);
}

static void put_header(struct table *t, const struct axis *carriers, enum render_format format)
{
	static const char *const keys[FIRST_PRICE] = {"helper", "size", "drain", "cache"};
	size_t column = FIRST_PRICE;

	for (size_t i = 0; i < FIRST_PRICE; i++)
		fputs(keys[i], table_cell(t));
	for (size_t i = 0; i < carriers->n; i++) {
		FILE *out = table_cell(t);

		fputs("on ", out);
		quote_part(out, carriers->name[i], format);
		table_align_right(t, column++);
	}
	fputs("without it", table_cell(t));
	table_align_right(t, column++);
	fputs("largest residual", table_cell(t));
	table_align_right(t, column);
}

/* Nothing where none of the carriers ran it; without it and residual are of the first that did. */
static void put_row(struct table *t, const struct record *rec, const struct slope *row,
		    const struct axis *carriers, enum render_format format)
{
	const struct slope *first = NULL;

	for (size_t i = 0; i < carriers->n && !first; i++)
		first = on_carrier(rec, row, carriers->name[i]);
	if (!first)
		return;
	quote_part(table_cell(t), row->helper, format);
	quote_part(table_cell(t), row->size, format);
	quote_part(table_cell(t), row->drain, format);
	quote_part(table_cell(t), row->cache, format);
	for (size_t i = 0; i < carriers->n; i++)
		put_price(table_cell(t), on_carrier(rec, row, carriers->name[i]));
	figure_effect(table_cell(t), first->intercept, row->unit, FIGURE_PLUS_MINUS);
	put_residual(table_cell(t), first);
}

static void put_heading(struct page *p, const struct slope *head)
{
	FILE *line = page_line(p);

	fputs("Prices of helpers, ", line);
	quote_part(line, head->trigger, p->format);
	fprintf(line, ", in %s a call", unit_name(head->unit));
	page_heading(p);
	line = page_line(p);
	fputs("One program calls the helper ", line);
	for (size_t i = 0; i < head->n_points; i++)
		fprintf(line, "%s%u", i ? ", " : "", head->points[i].repeats);
	fprintf(line,
		" times; the price is the slope over the rounds (%u in the first row), \"without "
		"it\" the line at 0 and "
		"\"largest residual\" what fits it worst, both on the first carrier.",
		head->rounds);
	page_note(p);
}

static void put_nonlinear(struct table *t, const struct slope *row, enum render_format format)
{
	struct effect range = slope_marginal_range(row);
	FILE *out;

	quote_part(table_cell(t), row->helper, format);
	quote_part(table_cell(t), row->size, format);
	quote_part(table_cell(t), row->drain, format);
	quote_part(table_cell(t), row->carrier, format);
	figure_effect(table_cell(t), prices_first_call(row), row->unit, FIGURE_PLUS_MINUS);
	out = table_cell(t);
	figure_length(out, range.lo, row->unit);
	fputs("..", out);
	figure_length(out, range.hi, row->unit);
}

/* Once for a helper in a drain state: the sizes' reasons differ in a figure at most. */
static void put_why(struct page *p, const struct slope *head, size_t at)
{
	const struct slope *rows = p->rec->slopes, *row = &rows[at];
	FILE *line;

	for (size_t i = 0; i < at; i++) {
		if (measured(&rows[i]) && same_table(&rows[i], head) && rows[i].note &&
		    strcmp(rows[i].helper, row->helper) == 0 &&
		    strcmp(rows[i].drain, row->drain) == 0)
			return;
	}
	line = page_line(p);
	quote_part(line, row->helper, p->format);
	if (strcmp(row->drain, "-") != 0) {
		fputs(", ", line);
		quote_part(line, row->drain, p->format);
	}
	fputs(": ", line);
	quote_part(line, row->note, p->format);
	page_fact(p, "why");
}

/* The rows that have no one price. */
static int print_nonlinear(struct page *p, const struct slope *head)
{
	static const char *const headers[] = {"helper", "size",	      "drain",
					      "on",	"first call", "between neighbours"};
	const size_t columns = sizeof(headers) / sizeof(*headers);
	struct table *t = table_open(columns);
	int err = 0;

	if (!t)
		return -ENOMEM;
	for (size_t i = 0; i < columns; i++)
		fputs(headers[i], table_cell(t));
	table_align_right(t, 4);
	table_align_right(t, 5);
	for (size_t i = 0; i < p->rec->n_slopes; i++) {
		const struct slope *row = &p->rec->slopes[i];

		if (measured(row) && same_table(row, head) && row->nonlinear)
			put_nonlinear(t, row, p->format);
	}
	if (table_rows(t) > 1) {
		page_gap(p);
		fprintf(page_line(p),
			"! nonlinear: one more call costs more or less with how many went before; "
			"what "
			"the first one adds, and the least and the greatest step between "
			"neighbouring points, in %s a call.",
			unit_name(head->unit));
		page_note(p);
		page_gap(p);
		err = table_print(t, p->format, p->out);
	}
	table_close(t);
	for (size_t i = 0; i < p->rec->n_slopes; i++) {
		const struct slope *row = &p->rec->slopes[i];

		if (measured(row) && same_table(row, head) && row->nonlinear && row->note)
			put_why(p, head, i);
	}
	return err;
}

static void hide_needless(struct table *t)
{
	for (size_t column = 1; column < FIRST_PRICE; column++) {
		const char *only = table_rows(t) > 1 ? table_at(t, 1, column) : "";

		if (table_uniform(t, column) && (!strcmp(only, "-") || !strcmp(only, "hot")))
			table_hide(t, column);
	}
}

static int print_carriers(struct page *p, const struct slope *head, const struct axis *carriers)
{
	const struct record *rec = p->rec;
	struct table *t = table_open(FIRST_PRICE + carriers->n + 2);
	int err;

	if (!t)
		return -ENOMEM;
	put_header(t, carriers, p->format);
	for (size_t i = 0; i < rec->n_slopes; i++) {
		const struct slope *row = &rec->slopes[i];

		if (measured(row) && same_table(row, head) && first_like(rec, row, same_row) == row)
			put_row(t, rec, row, carriers, p->format);
	}
	hide_needless(t);
	page_gap(p);
	err = table_print(t, p->format, p->out);
	table_close(t);
	return err;
}

static int print_table(struct page *p, const struct slope *head)
{
	const struct record *rec = p->rec;
	struct axis all = {.n = 0};
	int err = 0;

	for (size_t i = 0; i < rec->n_slopes; i++) {
		if (measured(&rec->slopes[i]) && same_table(&rec->slopes[i], head))
			axis_add(&all, rec->slopes[i].carrier, AXIS_MOST);
	}
	put_heading(p, head);
	for (size_t from = 0; from < all.n && !err; from += CARRIERS_MOST) {
		struct axis some = {.n = 0};

		for (size_t i = from; i < all.n && some.n < CARRIERS_MOST; i++)
			axis_add(&some, all.name[i], CARRIERS_MOST);
		err = print_carriers(p, head, &some);
	}
	return err ? err : print_nonlinear(p, head);
}

int prices_print(struct page *page)
{
	const struct record *rec = page->rec;
	int err = 0;

	for (size_t i = 0; i < rec->n_slopes && !err; i++) {
		const struct slope *row = &rec->slopes[i];

		if (measured(row) && first_like(rec, row, same_table) == row)
			err = print_table(page, row);
	}
	return err;
}

/* The lab's row for the same helper, whatever its carrier and trigger. */
static const struct slope *counted(const struct record *lab, const struct slope *row)
{
	for (size_t i = 0; i < lab->n_slopes; i++) {
		const struct slope *other = &lab->slopes[i];

		if (measured(other) && other->unit == UNIT_INSTRUCTIONS &&
		    strcmp(other->helper, row->helper) == 0 &&
		    strcmp(other->size, row->size) == 0 && strcmp(other->drain, row->drain) == 0 &&
		    strcmp(other->cache, row->cache) == 0)
			return other;
	}
	return NULL;
}

static void put_beside(struct table *t, const struct slope *row, const struct slope *exact,
		       enum render_format format)
{
	FILE *out;

	quote_part(table_cell(t), row->helper, format);
	quote_part(table_cell(t), row->size, format);
	quote_part(table_cell(t), row->drain, format);
	quote_part(table_cell(t), row->cache, format);
	put_price(table_cell(t), row);
	put_price(table_cell(t), exact);
	out = table_cell(t);
	if (exact->slope.value > 0 && row->slope.lo > 0)
		fprintf(out, "%.2f..%.2f", row->slope.lo / exact->slope.value,
			row->slope.hi / exact->slope.value);
	else
		fputc('-', out);
}

int prices_print_beside(struct page *page, const struct record *lab)
{
	static const char *const headers[] = {
		"helper", "size", "drain", "cache", "ns", "instructions", "ns an instruction"};
	const size_t columns = sizeof(headers) / sizeof(*headers);
	const struct record *rec = page->rec;
	struct table *t = table_open(columns);
	bool same_arch;
	FILE *line;
	int err;

	if (!t)
		return -ENOMEM;
	for (size_t i = 0; i < columns; i++) {
		fputs(headers[i], table_cell(t));
		if (i >= FIRST_PRICE)
			table_align_right(t, i);
	}
	same_arch = !rec->host.arch || !lab->host.arch || !strcmp(rec->host.arch, lab->host.arch);
	for (size_t i = 0; i < rec->n_slopes; i++) {
		const struct slope *row = &rec->slopes[i], *exact = counted(lab, row);

		if (same_arch && measured(row) && row->unit == UNIT_NS && exact &&
		    first_like(rec, row, same_row) == row)
			put_beside(t, row, exact, page->format);
	}
	fputs("Prices of helpers: time here, instructions in the exact lab", page_line(page));
	page_heading(page);
	line = page_line(page);
	fputs("ns on ", line);
	quote_print(line, rec->host.kernel, page->format);
	fputs(", instructions on ", line);
	quote_print(line, lab->host.kernel, page->format);
	if (!same_arch)
		fputs(": of another architecture, so not put beside.", line);
	else
		fputs(table_rows(t) > 1 ? "." : ": the two have no helper in common.", line);
	page_note(page);
	page_gap(page);
	hide_needless(t);
	err = table_rows(t) > 1 ? table_print(t, page->format, page->out) : 0;
	table_close(t);
	return err;
}

int prices_render_beside(const struct record *rec, const struct record *lab,
			 enum render_format format, FILE *out)
{
	struct page page;
	int err = page_open(&page, rec, format, out);

	if (err)
		return err;
	err = prices_print_beside(&page, lab);
	page_close(&page);
	return err;
}

const struct slope *prices_find_on(const struct record *rec, const char *carrier,
				   const char *helper, const char *size, const char *drain)
{
	const struct slope *first = NULL;

	for (size_t i = 0; i < rec->n_slopes; i++) {
		const struct slope *row = &rec->slopes[i];

		if (!measured(row) || strcmp(row->cache, "hot") != 0 ||
		    strcmp(row->helper, helper) != 0 || (size && strcmp(row->size, size) != 0) ||
		    (drain && strcmp(row->drain, drain) != 0))
			continue;
		if (!carrier || strcmp(row->carrier, carrier) == 0)
			return row;
		if (!first)
			first = row;
	}
	return first;
}

const struct slope *prices_find(const struct record *rec, const char *helper, const char *size,
				const char *drain)
{
	return prices_find_on(rec, NULL, helper, size, drain);
}

static const struct slope_point *point_at(const struct slope *row, unsigned int repeats)
{
	for (size_t i = 0; i < row->n_points; i++) {
		if (row->points[i].repeats == repeats)
			return &row->points[i];
	}
	return NULL;
}

struct effect prices_first_call(const struct slope *row)
{
	const struct slope_point *none = point_at(row, 0), *one = point_at(row, 1);
	struct effect step;
	double value;

	if (!row->nonlinear || !none || !one)
		return row->slope;
	value = one->cost.value - none->cost.value;
	/* what a round's baseline does to both costs is in neither the slope nor the residuals */
	step = combine_sum(row->slope, combine_difference(one->residual, none->residual));
	return (struct effect){value, value - (step.value - step.lo),
			       value + (step.hi - step.value)};
}
