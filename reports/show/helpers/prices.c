/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/show/axis.h"
#include "reports/stats/combine.h"
#include "reports/show/figure.h"
#include "reports/show/helpers/price_step.h"
#include "reports/show/helpers/prices.h"
#include "reports/show/helpers/prices_bent.h"
#include "reports/show/escape.h"
#include "reports/stats/slope.h"
#include "reports/show/table.h"

#define HOST_PROGRAMS_MOST 3 /* in one table */
#define FIRST_PRICE	   4 /* column */

static bool measured(const struct slope *row)
{
	return row->status == RESULT_MEASURED;
}

static bool same_table(const struct slope *a, const struct slope *b)
{
	return a->unit == b->unit && strcmp(a->workload, b->workload) == 0;
}

static bool same_row(const struct slope *a, const struct slope *b)
{
	return same_table(a, b) && strcmp(a->helper, b->helper) == 0 &&
	       strcmp(a->size, b->size) == 0 && strcmp(a->wakeup, b->wakeup) == 0 &&
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

static const struct slope *on_host_program(const struct record *rec, const struct slope *row,
					   const char *host_program)
{
	for (size_t i = 0; i < rec->n_slopes; i++) {
		const struct slope *other = &rec->slopes[i];

		if (measured(other) && same_row(other, row) &&
		    strcmp(other->host_program, host_program) == 0)
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

/* The host programs of one table, and the hook whose incremental programs's steps stand beside
 * them; NULL: there is none. */
struct columns {
	struct axis host_programs;
	const char *hook;
};

static void put_header(struct table *t, const struct columns *columns, enum render_format format)
{
	static const char *const keys[FIRST_PRICE] = {"helper", "size", "drain", "cache"};
	size_t column = FIRST_PRICE;

	for (size_t i = 0; i < FIRST_PRICE; i++)
		fputs(keys[i], table_cell(t));
	for (size_t i = 0; i < columns->host_programs.n; i++) {
		FILE *out = table_cell(t);

		fputs("on ", out);
		escape_part(out, columns->host_programs.name[i], format);
		table_align_right(t, column++);
	}
	fputs("first call", table_cell(t));
	table_align_right(t, column++);
	if (columns->hook) {
		FILE *out = table_cell(t);

		fputs("step on ", out);
		escape_part(out, columns->hook, format);
		table_align_right(t, column++);
	}
	fputs("without it", table_cell(t));
	table_align_right(t, column);
}

/* Nothing where none of the host programs ran it; first call and without it are of the first that
 * did. */
static void put_row(struct table *t, const struct record *rec, const struct slope *row,
		    const struct columns *columns, enum render_format format)
{
	const struct axis *host_programs = &columns->host_programs;
	const struct slope *first = NULL;

	for (size_t i = 0; i < host_programs->n && !first; i++)
		first = on_host_program(rec, row, host_programs->name[i]);
	if (!first)
		return;
	escape_part(table_cell(t), row->helper, format);
	escape_part(table_cell(t), row->size, format);
	escape_part(table_cell(t), row->wakeup, format);
	escape_part(table_cell(t), row->cache, format);
	for (size_t i = 0; i < host_programs->n; i++)
		put_price(table_cell(t), on_host_program(rec, row, host_programs->name[i]));
	figure_effect(table_cell(t), first->first, row->unit, FIGURE_PLUS_MINUS);
	if (columns->hook)
		figure_effect(table_cell(t), price_step(rec, row, columns->hook), row->unit,
			      FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), first->intercept, row->unit, FIGURE_PLUS_MINUS);
}

/* How often the core was not alone, and which prices are of the rest. */
static void put_neighbour(struct page *p, const struct slope *head)
{
	size_t told = 0, alone = 0;
	double share = 0;
	FILE *line;

	for (size_t i = 0; i < p->rec->n_slopes; i++) {
		const struct slope *row = &p->rec->slopes[i];

		if (!measured(row) || !same_table(row, head) || isnan(row->contended_share))
			continue;
		told++;
		alone += row->alone;
		share += row->contended_share;
	}
	if (!told)
		return;
	line = page_line(p);
	fprintf(line, "A neighbour used the core's other hardware thread in %.0f %% of the loads; ",
		100 * share / (double)told);
	if (alone == told)
		fputs("the prices are of the other loads.", line);
	else
		fprintf(line,
			"the prices of %zu of %zu rows are of the other loads, the rest of all.",
			alone, told);
	page_note(p);
}

/* How many rows vary with where the program is put, and by how much the most of all; what rounds
 * had in common. */
static void put_spread(struct page *p, const struct slope *head)
{
	const struct slope *most = NULL;
	size_t told = 0, rows = 0, shared = 0;

	for (size_t i = 0; i < p->rec->n_slopes; i++) {
		const struct slope *row = &p->rec->slopes[i];

		if (!measured(row) || !same_table(row, head) || !row->copies)
			continue;
		rows++;
		shared += row->common != NULL;
		if (isnan(row->placement))
			continue;
		told++;
		if (!most || row->placement > most->placement)
			most = row;
	}
	if (most) {
		FILE *line = page_line(p);

		fprintf(line,
			"%u loads of each program a round: where it is put changes the price of "
			"%zu of %zu rows by more than noise, most that of ",
			most->copies, told, rows);
		escape_part(line, most->helper, p->format);
		fputs(" on ", line);
		escape_part(line, most->host_program, p->format);
		fputs(": one load's price is off by ", line);
		figure_length(line, most->placement, most->unit);
		fprintf(line, " %s (standard deviation).", unit_name(most->unit));
		page_note(p);
	}
	if (shared) {
		fprintf(page_line(p),
			"What all rows of a kind had in common in a round was taken off %zu rows, "
			"and its own error is in their intervals.",
			shared);
		page_note(p);
	}
}

static void put_heading(struct page *p, const struct slope *head, const char *hook)
{
	FILE *line = page_line(p);

	fputs("Prices of helpers, ", line);
	escape_part(line, head->workload, p->format);
	fprintf(line, ", in %s a call", unit_name(head->unit));
	page_heading(p);
	line = page_line(p);
	fputs("One program calls the helper ", line);
	for (size_t i = 0; i < head->n_points; i++)
		fprintf(line, "%s%u", i ? ", " : "", head->points[i].repeats);
	fprintf(line,
		" times; the price is the slope over the rounds (%u in the first row), \"first "
		"call\" the program with one call minus the one with none, \"without it\" the line "
		"at 0, both on the first carrier.",
		head->rounds);
	page_note(p);
	if (hook)
		fputs("The slope is a throughput price: of one call more, back to back with "
		      "others. "
		      "The step is what one call in a probe costs: the difference of two "
		      "neighbouring programs of the ladder on that hook.",
		      page_line(p));
	else
		fputs("The slope is a throughput price: of one call more, back to back with "
		      "others; "
		      "this record has no ladder, whose steps show one call in a probe.",
		      page_line(p));
	page_note(p);
	put_neighbour(p, head);
	put_spread(p, head);
}

static void hide_needless(struct table *t)
{
	for (size_t column = 1; column < FIRST_PRICE; column++) {
		const char *only = table_rows(t) > 1 ? table_at(t, 1, column) : "";

		if (table_uniform(t, column) && (!strcmp(only, "-") || !strcmp(only, "hot")))
			table_hide(t, column);
	}
}

static int print_host_programs(struct page *p, const struct slope *head,
			       const struct columns *columns)
{
	const struct record *rec = p->rec;
	struct table *t =
		table_open(FIRST_PRICE + columns->host_programs.n + (columns->hook ? 3 : 2));
	int err;

	if (!t)
		return -ENOMEM;
	put_header(t, columns, p->format);
	for (size_t i = 0; i < rec->n_slopes; i++) {
		const struct slope *row = &rec->slopes[i];

		if (measured(row) && same_table(row, head) && first_like(rec, row, same_row) == row)
			put_row(t, rec, row, columns, p->format);
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
	const char *hook;
	int err = 0;

	for (size_t i = 0; i < rec->n_slopes; i++) {
		if (measured(&rec->slopes[i]) && same_table(&rec->slopes[i], head))
			axis_add(&all, rec->slopes[i].host_program, AXIS_MOST);
	}
	hook = price_step_hook(rec, head->unit, head->workload, head->host_program);
	put_heading(p, head, hook);
	for (size_t from = 0; from < all.n && !err; from += HOST_PROGRAMS_MOST) {
		struct columns some = {.hook = hook};

		for (size_t i = from; i < all.n && some.host_programs.n < HOST_PROGRAMS_MOST; i++)
			axis_add(&some.host_programs, all.name[i], HOST_PROGRAMS_MOST);
		err = print_host_programs(p, head, &some);
	}
	return err ? err : prices_bent_print(p, head);
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

/* The lab's row for the same helper, whatever its host program and workload. */
static const struct slope *counted(const struct record *lab, const struct slope *row)
{
	for (size_t i = 0; i < lab->n_slopes; i++) {
		const struct slope *other = &lab->slopes[i];

		if (measured(other) && other->unit == UNIT_INSTRUCTIONS &&
		    strcmp(other->helper, row->helper) == 0 &&
		    strcmp(other->size, row->size) == 0 &&
		    strcmp(other->wakeup, row->wakeup) == 0 &&
		    strcmp(other->cache, row->cache) == 0)
			return other;
	}
	return NULL;
}

static void put_beside(struct table *t, const struct slope *row, const struct slope *exact,
		       enum render_format format)
{
	FILE *out;

	escape_part(table_cell(t), row->helper, format);
	escape_part(table_cell(t), row->size, format);
	escape_part(table_cell(t), row->wakeup, format);
	escape_part(table_cell(t), row->cache, format);
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
	escape_print(line, rec->host.kernel, page->format);
	fputs(", instructions on ", line);
	escape_print(line, lab->host.kernel, page->format);
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

const struct slope *prices_find_on(const struct record *rec, const char *host_program,
				   const char *helper, const char *size, const char *wakeup)
{
	const struct slope *first = NULL;

	for (size_t i = 0; i < rec->n_slopes; i++) {
		const struct slope *row = &rec->slopes[i];

		if (!measured(row) || strcmp(row->cache, "hot") != 0 ||
		    strcmp(row->helper, helper) != 0 || (size && strcmp(row->size, size) != 0) ||
		    (wakeup && strcmp(row->wakeup, wakeup) != 0))
			continue;
		if (!host_program || strcmp(row->host_program, host_program) == 0)
			return row;
		if (!first)
			first = row;
	}
	return first;
}

const struct slope *prices_find(const struct record *rec, const char *helper, const char *size,
				const char *wakeup)
{
	return prices_find_on(rec, NULL, helper, size, wakeup);
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

	if (!row->nonlinear)
		return row->slope;
	if (!isnan(row->first.value))
		return row->first;
	/* an older record: of the two points */
	if (!none || !one)
		return row->slope;
	value = one->cost.value - none->cost.value;
	/* what a round's baseline does to both costs is in neither the slope nor the residuals */
	step = combine_sum(row->slope, combine_difference(one->residual, none->residual));
	return (struct effect){value, value - (step.value - step.lo),
			       value + (step.hi - step.value)};
}
