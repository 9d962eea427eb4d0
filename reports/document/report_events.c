/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/stats/abba.h"
#include "reports/judge/cpu_cost.h"
#include "reports/show/figure.h"
#include "reports/judge/loss.h"
#include "reports/record/record_rows.h"
#include "reports/document/report_parts.h"
#include "reports/show/events/sweeps.h"
#include "reports/show/withdrawn.h"

static void put_bound(FILE *out, const struct entry *e)
{
	figure_loss_bound(out, e->row, entry_format(e) == RENDER_MARKDOWN);
}

static void put_reached(FILE *out, const struct entry *e)
{
	const struct event_point *p = e->row;

	figure_length(out, p->rate_achieved, UNIT_NS);
	fputs(p->saturated ? " (saturated)" : "", out);
}

#define POINT(member) offsetof(struct event_point, member)

static bool is_budget_rate(const struct report *r, const struct event_point *p)
{
	return cpu_cost_rate_same(p->rate_target, r->v.budget.rate) ||
	       cpu_cost_rate_same(p->rate_target, r->v.budget.overload_rate);
}

static int put_sweep(struct report *r, const struct record *rec)
{
	static const struct column columns[] = {
		{"variant", put_text, POINT(variant), 0},
		{"wakeup", put_wakeup_name, POINT(wakeup), 0},
		{"asked, /s", put_length, POINT(rate_target), COLUMN_RIGHT},
		{"reached, /s", put_reached, 0, COLUMN_RIGHT},
		{"events", put_count, POINT(produced), COLUMN_RIGHT},
		{"loss", put_bound, 0, COLUMN_RIGHT},
		{"ns an event", put_effect, POINT(overhead), COLUMN_RIGHT},
		{"producer, % CPU", put_effect, POINT(producer_cpu), COLUMN_RIGHT},
		{"reader, % CPU", put_effect, POINT(consumer_cpu), COLUMN_RIGHT},
	};
	struct listing l = LISTING(&r->page, columns);

	for (size_t i = 0; i < rec->n_event_points; i++)
		if (picture_in_sweep(r, &rec->event_points[i]) &&
		    is_budget_rate(r, &rec->event_points[i]))
			listing_row(&l, &rec->event_points[i]);
	if (!l.rows)
		return 0;
	report_text(r,
		    "The sweep is open-loop: an event is due when the schedule says, whatever "
		    "happened before. Shown: the probes of the figure at the budget's rates; "
		    "`event_points.csv` has all. A loss has a bound only where many buffers were "
		    "filled without a pause.");
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

#define EXPOSURE(member) offsetof(struct event_point, member)

static int put_exposure(struct report *r, const struct record *rec)
{
	static const struct column columns[] = {
		{"variant", put_text, EXPOSURE(variant), 0},
		{"wakeup", put_wakeup_name, EXPOSURE(wakeup), 0},
		{"rate", put_rate, EXPOSURE(rate_target), COLUMN_RIGHT},
		{"sent", put_count, EXPOSURE(exposure_produced), COLUMN_RIGHT},
		{"s", put_decimal, EXPOSURE(exposure_s), COLUMN_RIGHT},
		{"buffers", put_decimal, EXPOSURE(buffer_fills), COLUMN_RIGHT},
		{"lost", put_count, EXPOSURE(exposure_lost), COLUMN_RIGHT},
		{"loss", put_bound, 0, COLUMN_RIGHT},
	};
	struct listing l = LISTING(&r->page, columns);

	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (p->status == RESULT_MEASURED && p->exposure_s > 0 && p->buffer_fills > 0)
			listing_row(&l, p);
	}
	if (!l.rows)
		return 0;
	report_text(r,
		    "Events sent without a pause, the buffer never emptied for the test. A loss is "
		    "bounded from %.0f s and %.0f buffers on, at 95 %% each end.",
		    LOSS_SECONDS_LEAST, LOSS_FILLS_LEAST);
	page_gap(&r->page);
	return listing_print(&l);
}

int report_rates(struct report *r)
{
	bool any = false;
	int err = 0;

	for (size_t i = 0; i < r->e->n_runs; i++)
		any |= r->e->runs[i].record->n_event_points > 0;
	if (!any)
		return 0;
	report_heading(r, "Over the event rate");
	picture_rates(r);
	picture_ages(r);
	for (size_t i = 0; i < r->e->n_runs && !err; i++) {
		if (!r->e->runs[i].record->n_event_points)
			continue;
		r->page.rec = r->e->runs[i].record;
		withdrawn_print(&r->page);
		err = put_sweep(r, r->page.rec);
		if (!err)
			err = put_exposure(r, r->page.rec);
		put_breakpoints(r);
		r->page.rec = r->rec;
	}
	return err;
}

/* The reasons have figures of their rows in them: one a tool is told, all are in crosschecks.csv.
 */
static bool reason_told(const struct record *rec, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (rec->crosschecks[i].why && rec->crosschecks[i].status == RESULT_MEASURED &&
		    strcmp(rec->crosschecks[i].tool, rec->crosschecks[at].tool) == 0)
			return true;
	return false;
}

#define CHECK(member) offsetof(struct crosscheck, member)

static int put_tools(struct report *r, const struct record *rec)
{
	static const struct column columns[] = {
		{"variant", put_text, CHECK(variant), 0},
		{"syscall", put_text, CHECK(workload), COLUMN_VARIES},
		{"tool", put_text, CHECK(tool), 0},
		{"the tool, ns", put_effect, CHECK(says), COLUMN_RIGHT},
		{"bpftoll, ns", put_effect, CHECK(bpftoll), COLUMN_RIGHT},
	};
	struct listing l = LISTING(&r->page, columns);
	int err;

	for (size_t i = 0; i < rec->n_crosschecks; i++)
		if (rec->crosschecks[i].status == RESULT_MEASURED)
			listing_row(&l, &rec->crosschecks[i]);
	if (!l.rows)
		return 0;
	report_heading(r, "What other tools say of the same probes");
	report_text(r, "In ns a hit. The tools count different things, so agreement is not "
		       "expected. One reason is told for each tool; `crosschecks.csv` has those of "
		       "all rows.");
	page_gap(&r->page);
	err = listing_print(&l);
	page_gap(&r->page);
	for (size_t i = 0; i < rec->n_crosschecks; i++) {
		const struct crosscheck *c = &rec->crosschecks[i];

		if (c->status == RESULT_MEASURED && c->why && !reason_told(rec, i))
			page_tell(&r->page, "why", "%s, of %s: %s", page_quote(&r->page, c->tool),
				  page_quote(&r->page, c->variant), page_quote(&r->page, c->why));
	}
	return err;
}

int report_tools(struct report *r)
{
	int err = 0;

	for (size_t i = 0; i < r->e->n_runs && !err; i++) {
		r->page.rec = r->e->runs[i].record;
		err = put_tools(r, r->page.rec);
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

/* The calls that the probe watches, a second, of that program; NAN: not counted. */
static double watched_rate(const struct record *rec, const struct app_result *of)
{
	double most = NAN;

	for (size_t i = 0; i < rec->n_app_results; i++) {
		const struct app_result *a = &rec->app_results[i];

		if (strcmp(a->app, of->app) == 0 && a->status == RESULT_MEASURED &&
		    strcmp(a->quantity, "munmap_per_s") == 0 && !(a->value.value <= most))
			most = a->value.value;
	}
	return most;
}

static void put_watched(FILE *out, const struct entry *e)
{
	double rate = watched_rate(e->list->with, e->row);

	figure_rate(out, rate);
}

#define APP(member) offsetof(struct app_result, member)

static int put_apps(struct report *r, const struct record *rec)
{
	static const struct column columns[] = {
		{"program", put_text, APP(app), 0},
		{"probe", put_text, APP(variant), 0},
		{"monitored", put_text, APP(monitored), 0},
		{"without, 1/s", put_without, 0, COLUMN_RIGHT},
		{"throughput, %", put_effect, APP(change), COLUMN_RIGHT},
		{"predicted, %", put_effect, APP(predicted), COLUMN_RIGHT},
		{"visible, %", put_visible, 0, COLUMN_RIGHT},
		{"munmap a second", put_watched, 0, COLUMN_RIGHT},
		{"pairs", put_windows, 0, COLUMN_RIGHT},
	};
	struct listing l = LISTING(&r->page, columns);

	l.with = rec;
	for (size_t i = 0; i < rec->n_app_results; i++) {
		const struct app_result *a = &rec->app_results[i];

		if (a->status == RESULT_MEASURED && strcmp(a->quantity, "throughput") == 0 &&
		    !isnan(a->change.value))
			listing_row(&l, a);
	}
	if (l.rows)
		page_gap(&r->page);
	return listing_print(&l);
}

int report_apps(struct report *r)
{
	bool any = false;
	int err = 0;

	for (size_t i = 0; i < r->e->n_runs; i++)
		any |= r->e->runs[i].record->n_app_results > 0;
	if (!any)
		return 0;
	report_section(r, "Application results");
	report_text(
		r, "The same program with and without a probe, in paired windows. *visible*: the "
		   "smallest change that four runs in five like this one would see. Where the "
		   "interval includes zero, the effect may be as large as its farther end. "
		   "*predicted*: calls a second times the price of a call. With 0 munmap() calls a "
		   "second the probe has nothing to watch there. Other quantities are in "
		   "`app_results.csv`.");
	picture_apps(r);
	for (size_t i = 0; i < r->e->n_runs && !err; i++)
		if (r->e->runs[i].record->n_app_results)
			err = put_apps(r, r->e->runs[i].record);
	return err;
}
