/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/stats/abba.h"
#include "reports/show/events/budget_tables.h"
#include "reports/show/figure.h"
#include "reports/judge/loss.h"
#include "reports/show/escape.h"
#include "reports/record/record_rows.h"
#include "reports/document/report_parts.h"
#include "reports/show/events/sweeps.h"
#include "reports/show/table.h"
#include "reports/record/withdrawn.h"

static FILE *header(struct table *t, size_t column, const char *name)
{
	FILE *out;

	if (column > 2)
		table_align_right(t, column);
	out = table_cell(t);
	fputs(name, out);
	return out;
}

/* The sweep's own windows: a count; the bound is the exposure's. */
static void put_loss(FILE *out, const struct event_point *p)
{
	struct loss_bound bound;

	if (!loss_bound(p, &bound)) {
		figure_loss(out, p->produced - p->received, p->produced);
		return;
	}
	loss_print(out, p, true);
}

static void put_point(struct table *t, const struct event_point *p)
{
	FILE *out;

	escape_part(table_cell(t), p->variant, RENDER_MARKDOWN);
	escape_part(table_cell(t), p->wakeup, RENDER_MARKDOWN);
	escape_part(table_cell(t), p->policy, RENDER_MARKDOWN);
	figure_length(table_cell(t), p->rate_target, UNIT_NS);
	out = table_cell(t);
	figure_length(out, p->rate_achieved, UNIT_NS);
	if (p->saturated)
		fputs(" (saturated)", out);
	figure_count(table_cell(t), p->produced);
	put_loss(table_cell(t), p);
	figure_effect(table_cell(t), p->overhead, UNIT_NS, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), p->producer_cpu, UNIT_NS, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), p->consumer_cpu, UNIT_NS, FIGURE_PLUS_MINUS);
}

static int put_sweep(struct report *r, const struct record *rec)
{
	static const char *const names[] = {
		"variant", "drain", "policy",	   "asked, /s",	      "reached, /s",
		"events",  "lost",  "ns an event", "producer, % CPU", "consumer, % CPU"};
	struct table *t;
	int err;

	t = table_open(10);
	if (!t)
		return -ENOMEM;
	for (size_t c = 0; c < 10; c++)
		header(t, c, names[c]);
	for (size_t i = 0; i < rec->n_event_points; i++)
		if (picture_in_sweep(r, &rec->event_points[i]))
			put_point(t, &rec->event_points[i]);
	report_text(
		r, "The open-loop sweep: event i is due at start + i / rate, whatever happened "
		   "before. "
		   "Lost: with its bound where the reader was exposed (many buffers without a "
		   "pause), else a count of short windows, which bounds nothing. The probes of the "
		   "figure; "
		   "`bpftoll report RUN` has all, with bursts, stopped consumers, buffers and "
		   "each knee.");
	if (table_rows(t) < 2) {
		table_close(t);
		return 0;
	}
	page_gap(&r->page);
	err = table_print(t, RENDER_MARKDOWN, r->page.out);
	table_close(t);
	return err;
}

static void put_breakpoints(struct report *r)
{
	size_t found, tested = sweeps_breakpoints_tested(r->page.rec, &found);

	if (!tested)
		return;
	fprintf(page_line(&r->page),
		"Knees: %zu of %zu curves tested bend for the worse (1 %% for all together, Holm).",
		found, tested);
	page_note(&r->page);
}

int report_scaling(struct report *r)
{
	bool any = false;
	int err = 0;

	report_section(r, "Scaling with the event rate");
	for (size_t i = 0; i < r->e->n_runs; i++)
		any |= r->e->runs[i].record->n_event_points > 0;
	if (!any) {
		report_absent(r, "the sweep over event rates, with loss, knees and CPU time",
			      "run --suite events");
		return 0;
	}
	picture_rates(r);
	picture_ages(r);
	for (size_t i = 0; i < r->e->n_runs && !err; i++) {
		if (!r->e->runs[i].record->n_event_points)
			continue;
		r->page.rec = r->e->runs[i].record;
		withdrawn_print(&r->page);
		err = put_sweep(r, r->page.rec);
		if (!err)
			err = sweeps_print_exposure(&r->page);
		if (!err)
			put_breakpoints(r);
		if (!err)
			err = sweeps_print_accounting(&r->page);
		r->page.rec = r->rec;
	}
	return err;
}

static void put_app_row(struct table *t, const struct app_result *a)
{
	/* from the interval: an older record keeps what every other run would miss */
	double visible = abba_visible(a->change);

	escape_part(table_cell(t), a->app, RENDER_MARKDOWN);
	escape_part(table_cell(t), a->variant, RENDER_MARKDOWN);
	escape_part(table_cell(t), a->monitored, RENDER_MARKDOWN);
	escape_part(table_cell(t), a->quantity, RENDER_MARKDOWN);
	fprintf(table_cell(t), "%.4g", a->baseline.value);
	escape_part(table_cell(t), a->measure, RENDER_MARKDOWN);
	figure_effect(table_cell(t), a->change, UNIT_NS, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), a->predicted, UNIT_NS, FIGURE_PLUS_MINUS);
	if (isnan(visible))
		fputc('-', table_cell(t));
	else
		fprintf(table_cell(t), "%.2g", visible);
	fprintf(table_cell(t), "%u", a->windows);
}

static int put_apps(struct report *r, const struct record *rec)
{
	static const char *const names[] = {"program",	  "probe", "monitored", "quantity",
					    "without",	  "unit",  "change, %", "predicted, %",
					    "visible, %", "pairs"};
	struct table *t = table_open(10);
	int err;

	if (!t)
		return -ENOMEM;
	for (size_t c = 0; c < 10; c++) {
		if (c == 4 || c > 5)
			table_align_right(t, c);
		fputs(names[c], table_cell(t));
	}
	for (size_t i = 0; i < rec->n_app_results; i++)
		if (rec->app_results[i].status == RESULT_MEASURED &&
		    strcmp(rec->app_results[i].variant, "none") != 0)
			put_app_row(t, &rec->app_results[i]);
	page_gap(&r->page);
	err = table_print(t, RENDER_MARKDOWN, r->page.out);
	table_close(t);
	for (size_t i = 0; i < rec->n_app_results; i++) {
		const struct app_result *a = &rec->app_results[i];
		FILE *line = page_line(&r->page);

		if (a->status == RESULT_MEASURED || !a->reason)
			continue;
		escape_part(line, a->id, RENDER_MARKDOWN);
		fprintf(line, ", %s: ", result_status_name(a->status));
		escape_part(line, a->reason, RENDER_MARKDOWN);
		page_note(&r->page);
	}
	return err;
}

int report_apps(struct report *r)
{
	bool any = false;
	int err = 0;

	report_section(r, "Applications");
	for (size_t i = 0; i < r->e->n_runs; i++)
		any |= r->e->runs[i].record->n_app_results > 0;
	if (!any) {
		report_absent(r, "what Redis, PostgreSQL, Python and Node.js feel",
			      "run --suite apps");
		return 0;
	}
	report_text(
		r,
		"The same program with and without a probe, in paired windows; change in %% of the "
		"window without. *visible*: the smallest change that four runs in five like this "
		"one "
		"would see. Where the interval includes zero, the effect may be as large as the "
		"interval's farther end. *predicted*: "
		"calls a second times the price of a call.");
	picture_apps(r);
	for (size_t i = 0; i < r->e->n_runs && !err; i++)
		if (r->e->runs[i].record->n_app_results)
			err = put_apps(r, r->e->runs[i].record);
	return err;
}
