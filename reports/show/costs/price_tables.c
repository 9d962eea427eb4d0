/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/show/figure.h"
#include "reports/show/listing.h"
#include "reports/judge/costs/price_step.h"
#include "reports/show/costs/price_tables.h"
#include "reports/judge/costs/prices.h"
#include "reports/show/escape.h"
#include "reports/stats/slope.h"
#include "reports/record/wakeup_name.h"

#define HOST_PROGRAMS_MOST 3 /* in one table */
#define SLOPE(member)	   offsetof(struct slope, member)
#define NEEDED		   (COLUMN_NOT_DASH | COLUMN_NOT_HOT)

static bool measured(const struct slope *row)
{
	return row->status == RESULT_MEASURED;
}

static bool same_table(const struct slope *a, const struct slope *b)
{
	return measured(a) && a->unit == b->unit && strcmp(a->workload, b->workload) == 0;
}

static bool same_helper(const struct slope *a, const struct slope *b)
{
	return measured(a) && strcmp(a->helper, b->helper) == 0 && strcmp(a->size, b->size) == 0 &&
	       strcmp(a->wakeup, b->wakeup) == 0 && strcmp(a->cache, b->cache) == 0;
}

static bool same_row(const struct slope *a, const struct slope *b)
{
	return same_table(a, b) && same_helper(a, b);
}

/* The first row for which same holds, from the start. */
static const struct slope *first_like(const struct record *rec, const struct slope *row,
				      bool (*same)(const struct slope *, const struct slope *))
{
	for (size_t i = 0; i < rec->n_slopes; i++) {
		if (same(&rec->slopes[i], row))
			return &rec->slopes[i];
	}
	return NULL;
}

static const struct slope *on_host_program(const struct record *rec, const struct slope *row,
					   const char *host_program)
{
	for (size_t i = 0; i < rec->n_slopes; i++) {
		const struct slope *other = &rec->slopes[i];

		if (same_row(other, row) && strcmp(other->host_program, host_program) == 0)
			return other;
	}
	return NULL;
}

/* ---- the table of all ---- */

/* The host programs of one table, and the hook whose incremental programs stand beside them; NULL:
 * there is none. */
struct group {
	struct axis host_programs;
	const char *hook;
};

/* First call and the line at zero are of the first host program that ran it; NULL: none of the
 * table's did. */
static const struct slope *first_on(const struct record *rec, const struct slope *row,
				    const struct axis *host_programs)
{
	const struct slope *first = NULL;

	for (size_t i = 0; i < host_programs->n && !first; i++)
		first = on_host_program(rec, row, host_programs->name[i]);
	return first;
}

static void put_price(FILE *out, const struct slope *row)
{
	if (row && row->nonlinear)
		fputs("not linear", out);
	else
		put_effect_of(out, row ? &row->slope : NULL, row ? row->unit : UNIT_NS);
}

static void put_on(FILE *out, const struct entry *e)
{
	const struct group *group = e->list->with;
	const char *host_program = group->host_programs.name[e->column->at];

	if (e->row) {
		put_price(out, on_host_program(e->list->page->rec, e->row, host_program));
		return;
	}
	fputs("on ", out);
	escape_part(out, host_program, entry_format(e));
}

static void put_of_first(FILE *out, const struct entry *e)
{
	const struct group *group = e->list->with;

	put_effect(out, &(struct entry){first_on(e->list->page->rec, e->row, &group->host_programs),
					e->column, e->list});
}

static void put_step(FILE *out, const struct entry *e)
{
	const char *hook = ((const struct group *)e->list->with)->hook;
	struct effect step;

	if (e->row) {
		step = price_step(e->list->page->rec, e->row, hook);
		put_effect_of(out, &step, e->list->unit);
		return;
	}
	fputs("step on ", out);
	escape_part(out, hook, entry_format(e));
}

static int print_group(struct page *p, const struct slope *head, const struct group *group)
{
	struct column columns[HOST_PROGRAMS_MOST + 7] = {
		{"helper", put_text, SLOPE(helper), 0},
		{"size", put_text, SLOPE(size), NEEDED},
		{"wakeup", put_wakeup_name, SLOPE(wakeup), NEEDED},
		{"cache", put_text, SLOPE(cache), NEEDED},
	};
	const struct record *rec = p->rec;
	struct listing l = {
		.page = p, .columns = columns, .n = 4, .with = group, .unit = head->unit};

	for (size_t i = 0; i < group->host_programs.n; i++)
		columns[l.n++] = (struct column){NULL, put_on, i, COLUMN_RIGHT};
	columns[l.n++] = (struct column){"first call", put_of_first, SLOPE(first), COLUMN_RIGHT};
	if (group->hook)
		columns[l.n++] = (struct column){NULL, put_step, 0, COLUMN_RIGHT};
	columns[l.n++] =
		(struct column){"without it", put_of_first, SLOPE(intercept), COLUMN_RIGHT};
	listing_open(&l);
	for (size_t i = 0; i < rec->n_slopes; i++) {
		const struct slope *row = &rec->slopes[i];

		if (same_table(row, head) && first_like(rec, row, same_row) == row &&
		    first_on(rec, row, &group->host_programs))
			listing_row(&l, row);
	}
	page_gap(p);
	return listing_print(&l);
}

/* How often the core was not alone, and which prices are of the rest. */
static void put_neighbour(struct page *p, const struct slope *head)
{
	size_t told = 0, alone = 0;
	double share = 0;
	FILE *line;

	for (size_t i = 0; i < p->rec->n_slopes; i++) {
		const struct slope *row = &p->rec->slopes[i];

		if (!same_table(row, head) || isnan(row->contended_share))
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

		if (!same_table(row, head) || !row->copies)
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
			"%zu of %zu rows by more than noise, most that of %s on %s: one load's "
			"price is off by ",
			most->copies, told, rows, page_quote(p, most->helper),
			page_quote(p, most->host_program));
		figure_length(line, most->placement, most->unit);
		fprintf(line, " %s (standard deviation).", unit_name(most->unit));
		page_note(p);
	}
	if (shared)
		page_say(p,
			 "What all rows of a kind had in common in a round was taken off %zu rows, "
			 "and its own error is in their intervals.",
			 shared);
}

static void put_heading(struct page *p, const struct slope *head, const char *hook)
{
	FILE *line;

	page_head(p, "Prices of helpers, %s, in %s a call", page_quote(p, head->workload),
		  unit_name(head->unit));
	line = page_line(p);
	fputs("One program calls the helper ", line);
	for (size_t i = 0; i < head->n_points; i++)
		fprintf(line, "%s%u", i ? ", " : "", head->points[i].repeats);
	fprintf(line,
		" times; the price is the slope over the rounds (%u in the first row), \"first "
		"call\" the program with one call minus the one with none, \"without it\" the line "
		"at 0, both on the first host program.",
		head->rounds);
	page_note(p);
	page_say(p, hook ? "The slope is a throughput price: of one call more, back to back with "
			   "others. The step is what one call in a probe costs: the difference of "
			   "two incremental programs on that hook."
			 : "The slope is a throughput price: of one call more, back to back with "
			   "others. No incremental programs were measured: they show what one call "
			   "in a probe costs.");
	put_neighbour(p, head);
	put_spread(p, head);
}

/* ---- those that are no line ---- */

static bool bent(const struct slope *row, const struct slope *head)
{
	return same_table(row, head) && row->nonlinear;
}

static void put_first_call(FILE *out, const struct entry *e)
{
	struct effect first = prices_first_call(e->row);

	put_effect_of(out, &first, e->list->unit);
}

/* "+0.3 ±0.1 at 8"; in exact counts what rounding leaves is no residual. */
static void put_residual(FILE *out, const struct entry *e)
{
	const struct slope_point *worst = slope_worst(e->row);

	if (worst && fabs(worst->residual.value) < 1e-9) {
		fputc('0', out);
		return;
	}
	put_effect_of(out, worst ? &worst->residual : NULL, e->list->unit);
	if (worst)
		fprintf(out, " at %u", worst->repeats);
}

static void put_range(FILE *out, const struct entry *e)
{
	struct effect range = slope_marginal_range(e->row);

	figure_length(out, range.lo, e->list->unit);
	fputs("..", out);
	figure_length(out, range.hi, e->list->unit);
}

/* Once for a helper in a wakeup policy: the sizes' reasons differ in a figure at most. */
static void put_why(struct page *p, const struct slope *head, size_t at)
{
	const struct slope *rows = p->rec->slopes, *row = &rows[at];
	bool sends = strcmp(row->wakeup, "-") != 0;

	for (size_t i = 0; i < at; i++) {
		if (bent(&rows[i], head) && rows[i].note &&
		    strcmp(rows[i].helper, row->helper) == 0 &&
		    strcmp(rows[i].wakeup, row->wakeup) == 0)
			return;
	}
	page_tell(p, "why", "%s%s%s: %s", page_quote(p, row->helper), sends ? ", " : "",
		  sends ? page_quote(p, wakeup_name(row->wakeup).text) : "",
		  page_quote(p, row->note));
}

static int print_bent(struct page *p, const struct slope *head)
{
	static const struct column columns[] = {
		{"helper", put_text, SLOPE(helper), 0},
		{"size", put_text, SLOPE(size), 0},
		{"wakeup", put_wakeup_name, SLOPE(wakeup), 0},
		{"on", put_text, SLOPE(host_program), 0},
		{"first call", put_first_call, 0, COLUMN_RIGHT},
		{"largest residual", put_residual, 0, COLUMN_RIGHT},
		{"between neighbours", put_range, 0, COLUMN_RIGHT},
	};
	struct listing l = LISTING(p, columns);
	int err;

	l.unit = head->unit;
	for (size_t i = 0; i < p->rec->n_slopes; i++)
		if (bent(&p->rec->slopes[i], head))
			listing_row(&l, &p->rec->slopes[i]);
	if (l.rows) {
		page_gap(p);
		page_say(p,
			 "Not linear: one more call costs more or less with how many went before, "
			 "so there is no price of a call; what the first one adds, what fits the "
			 "line of the further ones worst, "
			 "and the least and the greatest difference between neighbouring points, "
			 "in %s a call.",
			 unit_name(head->unit));
		page_gap(p);
	}
	err = listing_print(&l);
	for (size_t i = 0; i < p->rec->n_slopes; i++)
		if (bent(&p->rec->slopes[i], head) && p->rec->slopes[i].note)
			put_why(p, head, i);
	return err;
}

/* ---- both ---- */

static int print_table(struct page *p, const struct slope *head)
{
	const struct record *rec = p->rec;
	struct axis all = {.n = 0};
	const char *hook;
	int err = 0;

	for (size_t i = 0; i < rec->n_slopes; i++) {
		if (same_table(&rec->slopes[i], head))
			axis_add(&all, rec->slopes[i].host_program, AXIS_MOST);
	}
	hook = price_step_hook(rec, head->unit, head->workload, head->host_program);
	put_heading(p, head, hook);
	for (size_t from = 0; from < all.n && !err; from += HOST_PROGRAMS_MOST) {
		struct group some = {.hook = hook};

		for (size_t i = from; i < all.n && some.host_programs.n < HOST_PROGRAMS_MOST; i++)
			axis_add(&some.host_programs, all.name[i], HOST_PROGRAMS_MOST);
		err = print_group(p, head, &some);
	}
	return err ? err : print_bent(p, head);
}

int prices_print(struct page *page)
{
	const struct record *rec = page->rec;
	int err = 0;

	for (size_t i = 0; i < rec->n_slopes && !err; i++) {
		if (first_like(rec, &rec->slopes[i], same_table) == &rec->slopes[i])
			err = print_table(page, &rec->slopes[i]);
	}
	return err;
}

/* ---- time beside instructions ---- */

/* The lab's row for the same helper, whatever its host program and workload. */
static const struct slope *counted(const struct record *lab, const struct slope *row)
{
	for (size_t i = 0; i < lab->n_slopes; i++) {
		if (lab->slopes[i].unit == UNIT_INSTRUCTIONS && same_helper(&lab->slopes[i], row))
			return &lab->slopes[i];
	}
	return NULL;
}

static void put_ns(FILE *out, const struct entry *e)
{
	put_price(out, e->row);
}

static void put_counted(FILE *out, const struct entry *e)
{
	put_price(out, counted(e->list->with, e->row));
}

static void put_ns_each(FILE *out, const struct entry *e)
{
	const struct slope *row = e->row, *exact = counted(e->list->with, row);

	if (exact->slope.value > 0 && row->slope.lo > 0)
		fprintf(out, "%.2f..%.2f", row->slope.lo / exact->slope.value,
			row->slope.hi / exact->slope.value);
	else
		fputc('-', out);
}

static int print_beside(struct page *page, const struct record *lab)
{
	static const struct column columns[] = {
		{"helper", put_text, SLOPE(helper), 0},
		{"size", put_text, SLOPE(size), NEEDED},
		{"wakeup", put_wakeup_name, SLOPE(wakeup), NEEDED},
		{"cache", put_text, SLOPE(cache), NEEDED},
		{"ns", put_ns, 0, COLUMN_RIGHT},
		{"instructions", put_counted, 0, COLUMN_RIGHT},
		{"ns an instruction", put_ns_each, 0, COLUMN_RIGHT},
	};
	struct listing l = LISTING(page, columns);
	const struct record *rec = page->rec;
	bool same_arch =
		!rec->host.arch || !lab->host.arch || !strcmp(rec->host.arch, lab->host.arch);

	l.with = lab;
	for (size_t i = 0; i < rec->n_slopes && same_arch; i++) {
		const struct slope *row = &rec->slopes[i];

		if (row->unit == UNIT_NS && counted(lab, row) &&
		    first_like(rec, row, same_row) == row)
			listing_row(&l, row);
	}
	page_head(page, "Prices of helpers: time here, instructions in the exact lab");
	page_say(page, "ns on %s, instructions on %s%s", page_quote(page, rec->host.kernel),
		 page_quote(page, lab->host.kernel),
		 !same_arch ? ": of another architecture, so not put beside."
		 : l.rows   ? "."
			    : ": the two have no helper in common.");
	page_gap(page);
	return listing_print(&l);
}

int prices_render_beside(const struct record *rec, const struct record *lab,
			 enum render_format format, FILE *out)
{
	struct page page;
	int err = page_open(&page, rec, format, out);

	if (err)
		return err;
	err = print_beside(&page, lab);
	page_close(&page);
	return err;
}
