/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/axis.h"
#include "reports/cache_state.h"
#include "reports/cell_notes.h"
#include "reports/event_cost.h"
#include "reports/figure.h"
#include "reports/matrix.h"
#include "reports/price_tables.h"
#include "reports/quote.h"
#include "reports/render.h"
#include "reports/report_parts.h"
#include "reports/table.h"
#include "reports/unmeasured.h"
#include "reports/waterfall.h"
#include "reports/waterfall_table.h"

static int finish(struct report *r, struct table *t)
{
	int err = table_print(t, RENDER_MARKDOWN, r->page.out);

	table_close(t);
	return err;
}

static FILE *header(struct table *t, size_t column, bool right)
{
	if (right)
		table_align_right(t, column);
	return table_cell(t);
}

static void put_effect(struct table *t, struct effect e, enum unit unit)
{
	figure_effect(table_cell(t), e, unit, FIGURE_PLUS_MINUS);
}

static int put_quantiles(struct report *r)
{
	static const char *const names[] = {"variant",	 "drain",	"typical",
					    "mean",	 "p50 shift",	"p90 shift",
					    "p99 shift", "p99.9 shift", "max"};
	struct table *t = table_open(9);

	if (!t)
		return -ENOMEM;
	for (size_t c = 0; c < 9; c++)
		fputs(names[c], header(t, c, c > 1));
	for (size_t i = 0; i < r->n_arms; i++) {
		const struct record_cell *cell = r->arms[i];
		const struct overhead *o = &cell->overhead;

		quote_part(table_cell(t), cell->variant, RENDER_MARKDOWN);
		quote_part(table_cell(t), cell->drain, RENDER_MARKDOWN);
		put_effect(t, o->typical, cell->unit);
		put_effect(t, o->mean, cell->unit);
		put_effect(t, o->p50, cell->unit);
		put_effect(t, o->p90, cell->unit);
		put_effect(t, o->p99, cell->unit);
		put_effect(t, o->p999, cell->unit);
		figure_length(table_cell(t), cell->arm.max, cell->unit);
	}
	return finish(r, t);
}

static void collect_triggers(const struct record *rec, struct axis *triggers)
{
	for (size_t i = 0; i < rec->n_cells; i++)
		if (rec->cells[i]->status == CELL_MEASURED &&
		    strcmp(rec->cells[i]->hook, "none") != 0)
			axis_add(triggers, rec->cells[i]->trigger, 8);
}

/* One row a variant that more than one trigger has. */
static int put_triggers(struct report *r)
{
	struct axis triggers = {.n = 0};
	struct table *t;

	collect_triggers(r->rec, &triggers);
	if (triggers.n < 2)
		return 0;
	t = table_open(triggers.n + 2);
	if (!t)
		return -ENOMEM;
	fputs("variant", header(t, 0, false));
	fputs("drain", header(t, 1, false));
	for (size_t k = 0; k < triggers.n; k++)
		quote_part(header(t, k + 2, true), triggers.name[k], RENDER_MARKDOWN);
	for (size_t i = 0; i < r->n_arms; i++) {
		const struct record_cell *found[8] = {NULL};
		size_t n = 0;

		for (size_t c = 0; c < r->rec->n_cells; c++)
			for (size_t k = 0; k < triggers.n; k++) {
				const struct record_cell *cell = r->rec->cells[c];

				if (cell->status == CELL_MEASURED &&
				    strcmp(cell->variant, r->arms[i]->variant) == 0 &&
				    strcmp(cell->drain, r->arms[i]->drain) == 0 &&
				    cache_quoted(r->rec, cell) &&
				    strcmp(cell->trigger, triggers.name[k]) == 0) {
					found[k] = cell;
					n++;
				}
			}
		if (n < 2)
			continue;
		quote_part(table_cell(t), r->arms[i]->variant, RENDER_MARKDOWN);
		quote_part(table_cell(t), r->arms[i]->drain, RENDER_MARKDOWN);
		for (size_t k = 0; k < triggers.n; k++) {
			FILE *out = table_cell(t);

			if (found[k])
				figure_effect(out, found[k]->overhead.typical, found[k]->unit,
					      FIGURE_PLUS_MINUS);
			else
				fputc('-', out);
		}
	}
	if (table_rows(t) < 2) {
		table_close(t);
		return 0;
	}
	report_heading(r, "The same probes on other calls");
	report_text(
		r,
		"Typical cost by trigger, in ns. `getppid` is the control: no probe names it, so "
		"what "
		"it pays is what every other syscall of the machine pays. A cheap call resolves a "
		"probe better than a dear one.");
	page_gap(&r->page);
	return finish(r, t);
}

int report_costs(struct report *r)
{
	int err;

	report_section(r, "Microbenchmarks");
	if (r->n_arms == 0) {
		report_absent(r, "cells of a probe on a timed call", "run");
		return 0;
	}
	picture_distributions(r);
	picture_overheads(r);
	report_heading(r, "Latency added to one call");
	quote_part(page_line(&r->page), r->v.trigger, RENDER_MARKDOWN);
	fprintf(r->page.line,
		", hot caches, in %s over the baseline of the same round (max: the longest call "
		"itself); "
		"± 95 %% over rounds. ",
		unit_name(r->arms[0]->unit));
	report_conditions(r, r->rec, r->arms[0]);
	page_note(&r->page);
	page_gap(&r->page);
	err = put_quantiles(r);
	if (err)
		return err;
	page_gap(&r->page);
	cell_notes_print(&r->page, r->arms, r->n_arms);
	return put_triggers(r);
}

int report_waterfall(struct report *r)
{
	bool any = r->rec->n_slopes > 0;
	int err = 0;

	report_section(r, "Helper waterfall");
	for (size_t i = 0; i < r->n_arms && !err; i++) {
		struct waterfall w;

		waterfall_of(r->arms, r->n_arms, r->arms[i]->hook, &w);
		if (w.rungs < WATERFALL_RUNGS_LEAST)
			continue;
		any = true;
		picture_waterfall(r);
		err = waterfall_print(&r->page, r->arms, r->n_arms);
		break;
	}
	for (size_t i = 0; i < r->e->n_runs && !err; i++) {
		r->page.rec = r->e->runs[i].record;
		any |= r->page.rec->n_slopes > 0;
		err = prices_print(&r->page);
		r->page.rec = r->rec;
	}
	if (!any)
		report_absent(r,
			      "the ladder of bodies (each one step longer) and the helpers' slopes",
			      "run --suite full, and bpftoll run --suite helpers");
	return err;
}

int report_maps(struct report *r)
{
	size_t sends = 0;
	int err;

	report_section(r, "Map types: perf buffer and ring buffer");
	for (size_t i = 0; i < r->n_arms; i++)
		sends += waterfall_sends(r->arms[i]);
	if (sends == 0) {
		report_absent(r, "probes that send events", "run");
		return 0;
	}
	err = event_cost_print(&r->page, r->arms, r->n_arms);
	if (!err)
		err = books_print(&r->page, r->arms, r->n_arms);
	return err;
}

static bool same_hook_body(const struct record_cell *cell, const char *hook, const char *body)
{
	return strcmp(cell->hook, hook) == 0 && strcmp(cell->body, body) == 0;
}

/* The first cell of the hook and body that was not measured: why. */
static const char *why_not(const struct record *rec, const char *hook)
{
	for (size_t i = 0; i < rec->n_cells; i++)
		if (rec->cells[i]->status != CELL_MEASURED &&
		    same_hook_body(rec->cells[i], hook, "empty"))
			return rec->cells[i]->reason;
	return NULL;
}

static int put_hooks(struct report *r)
{
	struct axis hooks = {.n = 0};
	struct table *t = table_open(7);

	if (!t)
		return -ENOMEM;
	fputs("hook", header(t, 0, false));
	fputs("mechanism", header(t, 1, false));
	fputs("empty, ns", header(t, 2, true));
	fputs("perf idle, ns", header(t, 3, true));
	fputs("ringbuf idle, ns", header(t, 4, true));
	fputs("same data", header(t, 5, false));
	fputs("not measured because", header(t, 6, false));
	for (size_t i = 0; i < r->rec->n_cells; i++)
		if (strcmp(r->rec->cells[i]->hook, "none") != 0)
			axis_add(&hooks, r->rec->cells[i]->hook, AXIS_MOST);
	for (size_t h = 0; h < hooks.n; h++) {
		const struct record_cell *cells[] = {
			report_cell(r, hooks.name[h], "empty", NULL),
			report_cell(r, hooks.name[h], "perf", "idle"),
			report_cell(r, hooks.name[h], "ringbuf", "idle"),
		};
		const char *reason = why_not(r->rec, hooks.name[h]);

		quote_part(table_cell(t), hooks.name[h], RENDER_MARKDOWN);
		quote_part(table_cell(t),
			   cells[0] && cells[0]->mechanism ? cells[0]->mechanism : "-",
			   RENDER_MARKDOWN);
		for (size_t c = 0; c < 3; c++) {
			FILE *out = table_cell(t);

			if (cells[c])
				figure_effect(out, cells[c]->overhead.typical, cells[c]->unit,
					      FIGURE_PLUS_MINUS);
			else
				fputc('-', out);
		}
		report_data_of_hook(r, hooks.name[h], table_cell(t));
		quote_part(table_cell(t), cells[0] || !reason ? "" : reason, RENDER_MARKDOWN);
	}
	return finish(r, t);
}

/* The dispatch, the lookup that hits, and the whole probe with nobody woken; the lab's records have the rest. */
static bool is_headline(const struct record_cell *cell)
{
	return strcmp(cell->hook, "none") != 0 &&
	       (strcmp(cell->body, "empty") == 0 || strcmp(cell->body, "lookup_hit") == 0 ||
		strcmp(cell->drain, "idle") == 0);
}

static bool counted(const struct evidence *e, const char *id)
{
	for (size_t k = 0; k < e->n_labs; k++) {
		const struct record_cell *cell = record_find_cell(e->labs[k].record, id);

		if (cell && cell->status == CELL_MEASURED)
			return true;
	}
	return false;
}

/* Exact counts: rows are variants with their drain, columns kernels. */
static int put_kernels(struct report *r, const char *trigger)
{
	const struct evidence *e = r->e;
	struct table *t = table_open(e->n_labs + 2);
	const struct record *widest = e->labs[0].record;

	if (!t)
		return -ENOMEM;
	fputs("variant", header(t, 0, false));
	fputs("drain", header(t, 1, false));
	for (size_t k = 0; k < e->n_labs; k++) {
		quote_print(header(t, k + 2, true), e->labs[k].record->host.kernel,
			    RENDER_MARKDOWN);
		if (e->labs[k].record->n_cells > widest->n_cells)
			widest = e->labs[k].record;
	}
	for (size_t i = 0; i < widest->n_cells; i++) {
		const struct record_cell *like = widest->cells[i];

		if (strcmp(like->trigger, trigger) != 0 || strcmp(like->cache, "hot") != 0 ||
		    !is_headline(like) || !counted(e, like->id))
			continue;
		quote_part(table_cell(t), like->variant, RENDER_MARKDOWN);
		quote_part(table_cell(t), like->drain, RENDER_MARKDOWN);
		for (size_t k = 0; k < e->n_labs; k++) {
			const struct record_cell *cell =
				record_find_cell(e->labs[k].record, like->id);
			FILE *out = table_cell(t);

			if (cell && cell->status == CELL_MEASURED)
				figure_effect(out, cell->overhead.p50, cell->unit,
					      FIGURE_PLUS_MINUS);
			else
				fputc('-', out);
		}
	}
	return finish(r, t);
}

int report_hooks(struct report *r)
{
	int err;

	report_section(r, "Probe types, over kernels");
	report_text(
		r,
		"The typical cost of each hook on this machine. `empty` prices the dispatch: the "
		"attach mechanism itself. Same data: do its events hold the call's length, thread, "
		"process and order, by test?");
	page_gap(&r->page);
	err = put_hooks(r);
	if (!err)
		err = report_data(r);
	if (!err && r->v.n) {
		report_heading(r, "Configurations that could not be judged here");
		err = matrix_unmeasured(&r->page, &r->v);
	}
	report_heading(r, "Over kernel versions, in exact instructions");
	if (err || r->e->n_labs == 0) {
		report_absent(r, "the exact lab's records (report --lab)",
			      "lab --kernel 5.10 --kernel 6.1 --kernel 6.12 --kernel 6.18");
		return err;
	}
	report_text(r, "Added to one call, median, counted in guests where one instruction is one "
		       "tick of the "
		       "clock: the same on every run and host. No statement about time: caches, "
		       "predictors and nanoseconds are not in it.");
	picture_kernels(r);
	page_gap(&r->page);
	err = put_kernels(r, r->v.trigger);
	picture_flame(r);
	return err;
}
