/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/axis.h"
#include "reports/columns.h"
#include "reports/event_cost.h"
#include "reports/figure.h"
#include "reports/quote.h"

#define STATES_MOST 8

/* Cheap to dear, so that the eye runs from left to right; states not named here follow. */
static const char *const state_order[] = {"none", "idle",    "polled_1ms", "spin",
					  "busy", "sampled", "caught_up"};

static bool sends(const struct record_cell *cell)
{
	/* Nothing produced: the trigger is not the one that the program looks for. */
	return cell->events.present && cell->events.produced && strcmp(cell->drain, "-") != 0;
}

static const struct record_cell *find(const struct record_cell *const *cells, size_t n,
				      const char *hook, const char *body, const char *drain)
{
	for (size_t i = 0; i < n; i++) {
		if (sends(cells[i]) && strcmp(cells[i]->hook, hook) == 0 &&
		    strcmp(cells[i]->body, body) == 0 && strcmp(cells[i]->drain, drain) == 0)
			return cells[i];
	}
	return NULL;
}

static void states_of(const struct record_cell *const *cells, size_t n, struct axis *states)
{
	for (size_t s = 0; s < sizeof(state_order) / sizeof(*state_order); s++) {
		for (size_t i = 0; i < n; i++) {
			if (sends(cells[i]) && strcmp(cells[i]->drain, state_order[s]) == 0)
				axis_add(states, state_order[s], STATES_MOST);
		}
	}
	for (size_t i = 0; i < n; i++) {
		if (sends(cells[i]))
			axis_add(states, cells[i]->drain, STATES_MOST);
	}
}

static void put_ratio(FILE *out, const struct record_cell *a, const struct record_cell *b)
{
	if (a && b)
		figure_ratio(out, a->overhead.typical, b->overhead.typical);
	else
		fputc('-', out);
}

struct block {
	struct page *page;
	const struct record_cell *const *cells;
	size_t n;
	struct axis hooks, bodies, states;
};

/* body NULL: the row of what perf costs against ringbuf. */
struct row {
	const struct block *block;
	const char *hook, *body;
};

static const struct record_cell *cell_of(const struct row *row, const char *body, const char *drain)
{
	return find(row->block->cells, row->block->n, row->hook, body, drain);
}

static void put_body(FILE *out, const struct entry *e)
{
	const struct row *row = e->row;

	if (row->body)
		quote_part(out, row->body, entry_format(e));
	else
		fputs("perf / ringbuf", out);
}

/* The column's header is the drain state. */
static void put_state(FILE *out, const struct entry *e)
{
	const struct row *row = e->row;
	const char *state = e->column->header;
	const struct record_cell *cell;

	if (!row->body) {
		put_ratio(out, cell_of(row, "perf", state), cell_of(row, "ringbuf", state));
		return;
	}
	cell = cell_of(row, row->body, state);
	put_effect_of(out, cell ? &cell->overhead.typical : NULL, e->list->unit);
}

static void put_waking(FILE *out, const struct entry *e)
{
	const struct row *row = e->row;

	if (row->body)
		put_ratio(out, cell_of(row, row->body, "caught_up"),
			  cell_of(row, row->body, "idle"));
}

/* Has it anything to show? */
static bool is_row(const struct row *row)
{
	const struct axis *states = &row->block->states;

	for (size_t s = 0; s < states->n; s++)
		if (row->body ? cell_of(row, row->body, states->name[s]) != NULL
			      : cell_of(row, "perf", states->name[s]) &&
					cell_of(row, "ringbuf", states->name[s]))
			return true;
	return false;
}

static void put_rows(const struct block *b, struct listing *l)
{
	for (size_t h = 0; h < b->hooks.n; h++) {
		if (h)
			listing_gap(l);
		for (size_t i = 0; i <= b->bodies.n; i++) {
			struct row row = {b, b->hooks.name[h],
					  i < b->bodies.n ? b->bodies.name[i] : NULL};

			if (is_row(&row))
				listing_row(l, &row);
		}
	}
}

/* The sentence that nobody should miss, from the first hook that has both states. */
static void put_verdict(const struct block *b)
{
	FILE *line = page_line(b->page);
	size_t said = 0;

	for (size_t h = 0; h < b->hooks.n && said == 0; h++) {
		for (size_t i = 0; i < b->bodies.n; i++) {
			const struct record_cell *woken, *idle;

			woken = find(b->cells, b->n, b->hooks.name[h], b->bodies.name[i],
				     "caught_up");
			idle = find(b->cells, b->n, b->hooks.name[h], b->bodies.name[i], "idle");
			if (!woken || !idle || !(idle->overhead.typical.lo > 0))
				continue;
			if (said++ == 0) {
				fputs("On ", line);
				quote_part(line, b->hooks.name[h], b->page->format);
				fputs(" an event that wakes the consumer costs ", line);
			} else {
				fputs(", ", line);
			}
			put_ratio(line, woken, idle);
			fputs(" (", line);
			quote_part(line, b->bodies.name[i], b->page->format);
			fputs(")", line);
		}
	}
	if (said == 0)
		return;
	fputs(" what one that wakes nobody does.", line);
	page_note(b->page);
}

int event_cost_print(struct page *page, const struct record_cell *const *cells, size_t n)
{
	struct block b = {.page = page, .cells = cells, .n = n};
	struct column columns[STATES_MOST + 3] = {
		{"hook", put_text, offsetof(struct row, hook), 0},
		{"body", put_body, 0, 0},
	};
	struct listing l = {.page = page, .columns = columns, .n = 2};
	int err;

	for (size_t i = 0; i < n; i++) {
		if (!sends(cells[i]))
			continue;
		axis_add(&b.hooks, cells[i]->hook, AXIS_MOST);
		axis_add(&b.bodies, cells[i]->body, AXIS_MOST);
	}
	if (b.hooks.n == 0)
		return 0;
	l.unit = cells[0]->unit;
	states_of(cells, n, &b.states);
	for (size_t s = 0; s < b.states.n; s++)
		columns[l.n++] = (struct column){b.states.name[s], put_state, 0,
						 COLUMN_RIGHT | COLUMN_QUOTED};
	/* where no hook has both states: dashes */
	columns[l.n++] =
		(struct column){"caught_up / idle", put_waking, 0, COLUMN_RIGHT | COLUMN_NOT_DASH};
	put_rows(&b, &l);
	page_caption(page,
		     "What an event costs: the probe that sends it, typical %s over the baseline, "
		     "by drain state.",
		     unit_name(l.unit));
	err = listing_print(&l);
	put_verdict(&b);
	return err;
}

/* ---- what became of them ---------------------------------------------------------------------- */

/* Rows to print: copies of cells (their strings stay the record's) whose events are sums. */
struct books {
	struct record_cell *row;
	const struct record_cell **rows;
	size_t n;
};

static void add(struct books *books, const struct record_cell *cell)
{
	struct record_cell *row = books->row;
	size_t i = 0;

	while (i < books->n &&
	       (strcmp(row[i].body, cell->body) != 0 || strcmp(row[i].drain, cell->drain) != 0))
		i++;
	if (i == books->n) {
		row[i] = *cell;
		row[i].hook =
			row[0].hook; /* no part of a row here; a new hook would part the table */
		books->rows[books->n++] = &row[i];
		return;
	}
	row[i].events.produced += cell->events.produced;
	row[i].events.received += cell->events.received;
	row[i].events.lost += cell->events.lost;
	row[i].events.lost_records += cell->events.lost_records;
	row[i].events.wakeups += cell->events.wakeups;
}

static int print_table(struct page *page, const struct books *books)
{
	struct column room[COLUMNS_MOST];
	struct listing l;

	columns_fill(&l, room, page, books->rows, books->n, SECTION_EVENTS);
	page_caption(page, "Event accounting, summed over the hooks: produced = received + lost, "
			   "to the last one. A block of calls fits into the buffer and is read "
			   "after it: that none is lost bounds no loss (run --suite events does).");
	return listing_print(&l);
}

int books_print(struct page *page, const struct record_cell *const *cells, size_t n)
{
	struct books books = {.n = 0};
	int err = -ENOMEM;

	books.row = calloc(n + 1, sizeof(*books.row));
	books.rows = (const struct record_cell **)calloc(n + 1, sizeof(struct record_cell *));
	if (!books.row || !books.rows)
		goto out;
	for (size_t i = 0; i < n; i++) {
		if (cells[i]->events.present && cells[i]->events.produced)
			add(&books, cells[i]);
	}
	err = books.n ? print_table(page, &books) : 0;
out:
	free((void *)books.rows);
	free(books.row);
	return err;
}
