/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/stats/abba.h"
#include "reports/show/events/budget_tables.h"
#include "reports/show/figure.h"
#include "reports/judge/loss.h"
#include "reports/record/record_rows.h"
#include "reports/document/report_parts.h"
#include "reports/show/events/sweeps.h"
#include "reports/show/withdrawn.h"

/* The sweep's own windows: a count; the bound is the exposure's. */
static void put_loss(FILE *out, const struct entry *e)
{
	struct loss_bound bound;

	if (loss_bound(e->row, &bound))
		figure_exposure(out, e->row, true);
	else
		put_points_lost(out, e);
}

static void put_reached(FILE *out, const struct entry *e)
{
	const struct event_point *p = e->row;

	figure_length(out, p->rate_achieved, UNIT_NS);
	fputs(p->saturated ? " (saturated)" : "", out);
}

#define POINT(member) offsetof(struct event_point, member)

static int put_sweep(struct report *r, const struct record *rec)
{
	static const struct column columns[] = {
		{"variant", put_text, POINT(variant), 0},
		{"wakeup", put_wakeup_name, POINT(wakeup), 0},
		{"policy", put_text, POINT(policy), 0},
		{"asked, /s", put_length, POINT(rate_target), COLUMN_RIGHT},
		{"reached, /s", put_reached, 0, COLUMN_RIGHT},
		{"events", put_count, POINT(produced), COLUMN_RIGHT},
		{"lost", put_loss, 0, COLUMN_RIGHT},
		{"ns an event", put_effect, POINT(overhead), COLUMN_RIGHT},
		{"producer, % CPU", put_effect, POINT(producer_cpu), COLUMN_RIGHT},
		{"reader, % CPU", put_effect, POINT(consumer_cpu), COLUMN_RIGHT},
	};
	struct listing l = LISTING(&r->page, columns);

	for (size_t i = 0; i < rec->n_event_points; i++)
		if (picture_in_sweep(r, &rec->event_points[i]))
			listing_row(&l, &rec->event_points[i]);
	report_text(r, "The open-loop sweep: event i is due at start + i / rate, whatever happened "
		       "before. Lost: with its bound where the reader was exposed (many buffers "
		       "without a pause), else a count of short windows, which bounds nothing. The "
		       "probes of the figure; `bpftoll report RUN` has all, with bursts, stopped "
		       "readers, buffers and each breakpoint.");
	if (l.rows)
		page_gap(&r->page);
	return listing_print(&l);
}

static void put_breakpoints(struct report *r)
{
	size_t found, tested = sweeps_breakpoints_tested(r->page.rec, &found);

	if (!tested)
		return;
	report_text(r,
		    "Breakpoints: %zu of %zu curves tested bend for the worse (1 %% for all "
		    "together, Holm).",
		    found, tested);
}

int report_scaling(struct report *r)
{
	bool any = false;
	int err = 0;

	report_section(r, "Scaling with the event rate");
	for (size_t i = 0; i < r->e->n_runs; i++)
		any |= r->e->runs[i].record->n_event_points > 0;
	if (!any) {
		report_absent(r, "the sweep over event rates, with loss, breakpoints and CPU time",
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

static void put_without(FILE *out, const struct entry *e)
{
	figure_plain(out, ((const struct app_result *)e->row)->baseline.value, 4);
}

/* From the interval: an older record keeps what every other run would miss. */
static void put_visible(FILE *out, const struct entry *e)
{
	figure_plain(out, abba_visible(((const struct app_result *)e->row)->change), 2);
}

static void put_windows(FILE *out, const struct entry *e)
{
	fprintf(out, "%u", ((const struct app_result *)e->row)->windows);
}

#define APP(member) offsetof(struct app_result, member)

static int put_apps(struct report *r, const struct record *rec)
{
	static const struct column columns[] = {
		{"program", put_text, APP(app), 0},
		{"probe", put_text, APP(variant), 0},
		{"monitored", put_text, APP(monitored), 0},
		{"quantity", put_text, APP(quantity), 0},
		{"without", put_without, 0, COLUMN_RIGHT},
		{"unit", put_text, APP(measure), 0},
		{"change, %", put_effect, APP(change), COLUMN_RIGHT},
		{"predicted, %", put_effect, APP(predicted), COLUMN_RIGHT},
		{"visible, %", put_visible, 0, COLUMN_RIGHT},
		{"pairs", put_windows, 0, COLUMN_RIGHT},
	};
	struct listing l = LISTING(&r->page, columns);
	int err;

	listing_open(&l);
	for (size_t i = 0; i < rec->n_app_results; i++)
		if (rec->app_results[i].status == RESULT_MEASURED &&
		    strcmp(rec->app_results[i].variant, "none") != 0)
			listing_row(&l, &rec->app_results[i]);
	page_gap(&r->page);
	err = listing_print(&l);
	for (size_t i = 0; i < rec->n_app_results; i++) {
		const struct app_result *a = &rec->app_results[i];

		if (a->status != RESULT_MEASURED && a->reason)
			page_say(&r->page, "%s, %s: %s", page_quote(&r->page, a->id),
				 result_status_name(a->status), page_quote(&r->page, a->reason));
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
	report_text(r, "The same program with and without a probe, in paired windows; change in %% "
		       "of the window without. *visible*: the smallest change that four runs in "
		       "five like this one would see. Where the interval includes zero, the effect "
		       "may be as large as the interval's farther end. *predicted*: calls a second "
		       "times the price of a call.");
	picture_apps(r);
	for (size_t i = 0; i < r->e->n_runs && !err; i++)
		if (r->e->runs[i].record->n_app_results)
			err = put_apps(r, r->e->runs[i].record);
	return err;
}
