/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/show/costs/columns.h"
#include "reports/show/events/event_cost.h"
#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/record/wakeup_name.h"

#define STATES_MOST 16

/* Cheap to dear, from left to right; wakeup policies not named here follow. */
static const char *const state_order[] = {"none", "idle",    "polled_1ms", "spin",
					  "busy", "sampled", "caught_up"};

static bool sends(const struct record_result *result)
{
	/* Nothing produced: the workload is not the one that the program looks for. */
	return result->events.present && result->events.produced &&
	       strcmp(result->wakeup, "-") != 0;
}

static const struct record_result *find(const struct record_result *const *results, size_t n,
					const char *hook, const char *body, const char *wakeup)
{
	for (size_t i = 0; i < n; i++) {
		if (sends(results[i]) && strcmp(results[i]->hook, hook) == 0 &&
		    strcmp(results[i]->body, body) == 0 && strcmp(results[i]->wakeup, wakeup) == 0)
			return results[i];
	}
	return NULL;
}

static void states_of(const struct record_result *const *results, size_t n, struct axis *states)
{
	for (size_t s = 0; s < sizeof(state_order) / sizeof(*state_order); s++) {
		for (size_t i = 0; i < n; i++) {
			if (sends(results[i]) && strcmp(results[i]->wakeup, state_order[s]) == 0)
				axis_add(states, state_order[s], STATES_MOST);
		}
	}
	for (size_t i = 0; i < n; i++) {
		if (sends(results[i]))
			axis_add(states, results[i]->wakeup, STATES_MOST);
	}
}

static void put_ratio(FILE *out, const struct record_result *a, const struct record_result *b)
{
	if (a && b)
		figure_ratio(out, a->overhead.typical, b->overhead.typical);
	else
		fputc('-', out);
}

struct block {
	struct page *page;
	const struct record_result *const *results;
	size_t n;
	struct axis hooks, bodies, states;
};

/* body (the program) NULL: the row of what perf costs against ringbuf. */
struct row {
	const struct block *block;
	const char *hook, *body;
};

static const struct record_result *result_of(const struct row *row, const char *body,
					     const char *wakeup)
{
	return find(row->block->results, row->block->n, row->hook, body, wakeup);
}

static void put_program(FILE *out, const struct entry *e)
{
	const struct row *row = e->row;

	if (row->body)
		escape_part(out, row->body, entry_format(e));
	else
		fputs("perf / ringbuf", out);
}

/* The column is the wakeup policy of that number. */
static void put_state(FILE *out, const struct entry *e)
{
	const struct row *row = e->row;
	const char *state = row->block->states.name[e->column->at];
	const struct record_result *result;

	if (!row->body) {
		put_ratio(out, result_of(row, "perf", state), result_of(row, "ringbuf", state));
		return;
	}
	result = result_of(row, row->body, state);
	put_effect_of(out, result ? &result->overhead.typical : NULL, e->list->unit);
}

static void put_waking(FILE *out, const struct entry *e)
{
	const struct row *row = e->row;

	if (row->body)
		put_ratio(out, result_of(row, row->body, "caught_up"),
			  result_of(row, row->body, "idle"));
}

/* Has it anything to show? */
static bool is_row(const struct row *row)
{
	const struct axis *states = &row->block->states;

	for (size_t s = 0; s < states->n; s++)
		if (row->body ? result_of(row, row->body, states->name[s]) != NULL
			      : result_of(row, "perf", states->name[s]) &&
					result_of(row, "ringbuf", states->name[s]))
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

/* The sentence below the table, from the first hook that has both wakeup policies. */
static void put_verdict(const struct block *b)
{
	FILE *line = page_line(b->page);
	size_t said = 0;

	for (size_t h = 0; h < b->hooks.n && said == 0; h++) {
		for (size_t i = 0; i < b->bodies.n; i++) {
			const struct record_result *woken, *idle;

			woken = find(b->results, b->n, b->hooks.name[h], b->bodies.name[i],
				     "caught_up");
			idle = find(b->results, b->n, b->hooks.name[h], b->bodies.name[i], "idle");
			if (!woken || !idle || !(idle->overhead.typical.lo > 0))
				continue;
			if (said++ == 0)
				fprintf(line, "On %s an event that wakes the reader costs ",
					page_quote(b->page, b->hooks.name[h]));
			else
				fputs(", ", line);
			put_ratio(line, woken, idle);
			fprintf(line, " (%s)", page_quote(b->page, b->bodies.name[i]));
		}
	}
	if (said == 0)
		return;
	fputs(" what one that wakes nobody does.", line);
	page_note(b->page);
}

int event_cost_print(struct page *page, const struct record_result *const *results, size_t n)
{
	struct block b = {.page = page, .results = results, .n = n};
	struct wakeup_name shown[STATES_MOST];
	struct column columns[STATES_MOST + 3] = {
		{"hook", put_text, offsetof(struct row, hook), 0},
		{"program", put_program, 0, 0},
	};
	struct listing l = {.page = page, .columns = columns, .n = 2};
	int err;

	for (size_t i = 0; i < n; i++) {
		if (!sends(results[i]))
			continue;
		axis_add(&b.hooks, results[i]->hook, AXIS_MOST);
		axis_add(&b.bodies, results[i]->body, AXIS_MOST);
	}
	if (b.hooks.n == 0)
		return 0;
	l.unit = results[0]->unit;
	states_of(results, n, &b.states);
	for (size_t s = 0; s < b.states.n; s++) {
		shown[s] = wakeup_name(b.states.name[s]);
		columns[l.n++] =
			(struct column){shown[s].text, put_state, s, COLUMN_RIGHT | COLUMN_QUOTED};
	}
	/* where no hook has both wakeup policies: dashes */
	columns[l.n++] =
		(struct column){"per-event / none", put_waking, 0, COLUMN_RIGHT | COLUMN_NOT_DASH};
	put_rows(&b, &l);
	page_caption(page,
		     "What an event costs: the probe that sends it, typical %s over the baseline, "
		     "by wakeup policy.",
		     unit_name(l.unit));
	err = listing_print(&l);
	put_verdict(&b);
	return err;
}

/* ---- what became of them ---- */

/* Rows to print: copies of results (their strings stay the record's) whose events are sums. */
struct accounting {
	struct record_result *row;
	const struct record_result **rows;
	size_t n;
};

static void add(struct accounting *accounting, const struct record_result *result)
{
	struct record_result *row = accounting->row;
	size_t i = 0;

	while (i < accounting->n && (strcmp(row[i].body, result->body) != 0 ||
				     strcmp(row[i].wakeup, result->wakeup) != 0))
		i++;
	if (i == accounting->n) {
		row[i] = *result;
		row[i].hook =
			row[0].hook; /* no part of a row here; a new hook would part the table */
		accounting->rows[accounting->n++] = &row[i];
		return;
	}
	result_events_add(&row[i].events, &result->events);
}

static int print_table(struct page *page, const struct accounting *accounting)
{
	struct listing l;

	columns_fill(&l, page, accounting->rows, accounting->n, SECTION_EVENTS);
	page_caption(
		page,
		"Event accounting, summed over the hooks: produced = received + lost, so all "
		"events are accounted for. A block of calls fits into the buffer and is read after "
		"it, so no loss here is no bound on loss (run --suite events gives one).");
	return listing_print(&l);
}

int accounting_print(struct page *page, const struct record_result *const *results, size_t n)
{
	struct accounting accounting = {.n = 0};
	int err = -ENOMEM;

	accounting.row = calloc(n + 1, sizeof(*accounting.row));
	accounting.rows =
		(const struct record_result **)calloc(n + 1, sizeof(struct record_result *));
	if (!accounting.row || !accounting.rows)
		goto out;
	for (size_t i = 0; i < n; i++) {
		if (results[i]->events.present && results[i]->events.produced)
			add(&accounting, results[i]);
	}
	err = accounting.n ? print_table(page, &accounting) : 0;
out:
	free((void *)accounting.rows);
	free(accounting.row);
	return err;
}
