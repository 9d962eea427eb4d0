/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/show/axis.h"
#include "reports/show/events/event_cost.h"
#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/show/table.h"

#define STATES_MOST 8

/* Cheap to dear, so that the eye runs from left to right; states not named here follow. */
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
	struct table *table;
};

static void put_header(struct block *b)
{
	fputs("hook", table_cell(b->table));
	fputs("body", table_cell(b->table));
	for (size_t s = 0; s < b->states.n; s++) {
		escape_part(table_cell(b->table), b->states.name[s], b->page->format);
		table_align_right(b->table, s + 2);
	}
	fputs("caught_up / idle", table_cell(b->table));
	table_align_right(b->table, b->states.n + 2);
}

static void put_body(struct block *b, const char *hook, const char *body)
{
	size_t found = 0;

	for (size_t s = 0; s < b->states.n; s++)
		found += find(b->results, b->n, hook, body, b->states.name[s]) != NULL;
	if (!found)
		return;
	escape_part(table_cell(b->table), hook, b->page->format);
	escape_part(table_cell(b->table), body, b->page->format);
	for (size_t s = 0; s < b->states.n; s++) {
		const struct record_result *result =
			find(b->results, b->n, hook, body, b->states.name[s]);
		FILE *out = table_cell(b->table);

		if (result)
			figure_effect(out, result->overhead.typical, result->unit,
				      FIGURE_PLUS_MINUS);
		else
			fputc('-', out);
	}
	put_ratio(table_cell(b->table), find(b->results, b->n, hook, body, "caught_up"),
		  find(b->results, b->n, hook, body, "idle"));
}

static void put_rivals(struct block *b, const char *hook)
{
	size_t found = 0;

	for (size_t s = 0; s < b->states.n; s++)
		found += find(b->results, b->n, hook, "perf", b->states.name[s]) &&
			 find(b->results, b->n, hook, "ringbuf", b->states.name[s]);
	if (!found)
		return;
	escape_part(table_cell(b->table), hook, b->page->format);
	fputs("perf / ringbuf", table_cell(b->table));
	for (size_t s = 0; s < b->states.n; s++)
		put_ratio(table_cell(b->table),
			  find(b->results, b->n, hook, "perf", b->states.name[s]),
			  find(b->results, b->n, hook, "ringbuf", b->states.name[s]));
	table_cell(b->table);
}

static void put_title(struct block *b)
{
	FILE *line = page_line(b->page);

	fprintf(line,
		"What an event costs: the probe that sends it, typical %s over the baseline, by "
		"drain "
		"state.",
		unit_name(b->results[0]->unit));
	page_note(b->page);
	if (b->page->format == RENDER_MARKDOWN)
		page_gap(b->page);
}

/* The sentence that nobody should miss, from the first hook that has both states. */
static void put_verdict(struct block *b)
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
			if (said++ == 0) {
				fputs("On ", line);
				escape_part(line, b->hooks.name[h], b->page->format);
				fputs(" an event that wakes the consumer costs ", line);
			} else {
				fputs(", ", line);
			}
			put_ratio(line, woken, idle);
			fputs(" (", line);
			escape_part(line, b->bodies.name[i], b->page->format);
			fputs(")", line);
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
	int err;

	for (size_t i = 0; i < n; i++) {
		if (!sends(results[i]))
			continue;
		axis_add(&b.hooks, results[i]->hook, AXIS_MOST);
		axis_add(&b.bodies, results[i]->body, AXIS_MOST);
	}
	if (b.hooks.n == 0)
		return 0;
	states_of(results, n, &b.states);
	b.table = table_open(b.states.n + 3);
	if (!b.table)
		return -ENOMEM;
	put_header(&b);
	for (size_t h = 0; h < b.hooks.n; h++) {
		if (h && page->format == RENDER_TEXT)
			table_gap(b.table);
		for (size_t i = 0; i < b.bodies.n; i++)
			put_body(&b, b.hooks.name[h], b.bodies.name[i]);
		put_rivals(&b, b.hooks.name[h]);
	}
	page_gap(page);
	put_title(&b);
	/* Not both states here: a column of dashes. */
	if (table_uniform(b.table, b.states.n + 2) &&
	    table_at(b.table, 1, b.states.n + 2)[0] == '-')
		table_hide(b.table, b.states.n + 2);
	err = table_print(b.table, page->format, page->out);
	put_verdict(&b);
	table_close(b.table);
	return err;
}
