/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/show/events/budget_tables.h"
#include "reports/judge/cpu_cost.h"
#include "reports/show/figure.h"
#include "reports/show/listing.h"
#include "reports/judge/loss.h"
#include "reports/show/escape.h"
#include "reports/show/events/sweeps.h"
#include "reports/record/treatment.h"
#include "reports/judge/verdict.h"

#define AT(member) offsetof(struct event_point, member)

/* The same probe and reader at another rate; NULL: not measured. */
static const struct event_point *at_rate(const struct record *rec, const struct event_point *like,
					 double rate)
{
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (sweeps_point_of(p, "sweep") && !p->saturated &&
		    cpu_cost_rate_same(p->rate_target, rate) && treatment_points_same(p, like))
			return p;
	}
	return NULL;
}

static struct effect together(const struct event_point *p)
{
	return cpu_cost_sum(p->producer_cpu, p->consumer_cpu);
}

static void put_together(FILE *out, const struct entry *e)
{
	struct effect cpu = together(e->row);

	put_effect_of(out, &cpu, UNIT_NS);
}

static void put_cpu_verdict(FILE *out, const struct entry *e)
{
	const struct budget *budget = e->list->with;

	fputs(verdict_name(verdict_of(together(e->row), budget->cpu_percent)), out);
}

/* How many of how many. */
static void put_lost(FILE *out, const struct entry *e)
{
	const struct budget *budget = e->list->with;
	const struct event_point *p = e->row;
	struct loss_bound bound;

	if (!p) {
		fputs("lost at ", out);
		figure_rate(out, budget->rate);
		fputs("/s", out);
		return;
	}
	loss_bound(p, &bound);
	figure_count(out, bound.shown ? p->exposure_lost : p->produced - p->received);
	fputs(" of ", out);
	figure_count(out, bound.shown ? p->exposure_produced : p->produced);
}

/* In how long a window. */
static void put_window(FILE *out, const struct entry *e)
{
	const struct event_point *p = e->row;
	struct loss_bound bound;

	loss_bound(p, &bound);
	if (bound.shown)
		fprintf(out, "%.0f s, %.0f buffers", p->exposure_s, p->buffer_fills);
	else
		fputs("short windows", out);
}

static void put_bound(FILE *out, const struct entry *e)
{
	figure_loss_bound(out, e->row, entry_format(e) == RENDER_MARKDOWN);
}

/* Where no loss is shown it is NAN, and so INCONCLUSIVE. */
static void put_loss_verdict(FILE *out, const struct entry *e)
{
	const struct budget *budget = e->list->with;
	struct loss_bound bound;

	loss_bound(e->row, &bound);
	fputs(verdict_name(verdict_of(bound.percent, budget->loss_percent)), out);
}

static void put_overload(FILE *out, const struct entry *e)
{
	const struct budget *budget = e->list->with;
	const struct event_point *over;

	if (!e->row) {
		fputs("at ", out);
		figure_rate(out, budget->overload_rate);
		fputs("/s", out);
		return;
	}
	over = at_rate(e->list->page->rec, e->row, budget->overload_rate);
	if (over)
		figure_loss_bound(out, over, entry_format(e) == RENDER_MARKDOWN);
	else
		fputc('-', out);
}

/* The budget's rate, with a probe whose events arrive. */
static bool is_at_rate(const struct event_point *p, const struct budget *budget)
{
	return sweeps_point_of(p, "sweep") && cpu_cost_rate_same(p->rate_target, budget->rate) &&
	       !p->saturated && p->produced > 0 && strcmp(p->wakeup, "none") != 0;
}

static void put_thresholds(FILE *out, const char *what, struct bounds bounds)
{
	fprintf(out, "%s below %g %% GREEN", what, bounds.green);
	if (!isnan(bounds.red))
		fprintf(out, ", above %g %% RED", bounds.red);
}

static void put_title(struct page *page, const struct budget *budget)
{
	FILE *line;

	page_head(page, "CPU and loss at %s events/s", page_count(page, (uint64_t)budget->rate));
	line = page_line(page);
	fputs("Producer, reader and both together in % of one CPU, the machine in % of all; "
	      "against the budget's thresholds: ",
	      line);
	put_thresholds(line, "CPU", budget->cpu_percent);
	put_thresholds(line, "; loss", budget->loss_percent);
	fputs(". INCONCLUSIVE: the interval reaches over the last threshold, or no loss is shown: "
	      "a short window fits into the buffer, so nothing could be lost.",
	      line);
	page_note(page);
	page_gap(page);
}

int sweeps_print_accounting(struct page *page)
{
	static const struct column cpu_columns[] = {
		{"variant", put_text, AT(variant), 0},
		{"wakeup", put_wakeup_name, AT(wakeup), 0},
		{"producer %", put_effect, AT(producer_cpu), COLUMN_RIGHT},
		{"reader %", put_effect, AT(consumer_cpu), COLUMN_RIGHT},
		{"together %", put_together, 0, COLUMN_RIGHT},
		{"CPU", put_cpu_verdict, 0, COLUMN_RIGHT},
		{"machine %", put_machine, AT(machine_cpu), COLUMN_RIGHT},
	};
	static const struct column loss_columns[] = {
		{"variant", put_text, AT(variant), 0},
		{"wakeup", put_wakeup_name, AT(wakeup), 0},
		{NULL, put_lost, 0, 0},
		{"in", put_window, 0, 0},
		{"bound", put_bound, 0, 0},
		{"loss", put_loss_verdict, 0, 0},
		{NULL, put_overload, 0, 0},
	};
	struct listing cpu = LISTING(page, cpu_columns), loss = LISTING(page, loss_columns);
	const struct record *rec = page->rec;
	struct budget defaults;
	int err;

	budget_default(&defaults);
	cpu.with = loss.with = page->budget ? page->budget : &defaults;
	for (size_t i = 0; i < rec->n_event_points; i++) {
		if (!is_at_rate(&rec->event_points[i], cpu.with))
			continue;
		listing_row(&cpu, &rec->event_points[i]);
		listing_row(&loss, &rec->event_points[i]);
	}
	if (!cpu.rows)
		return 0;
	put_title(page, cpu.with);
	err = listing_print(&cpu);
	page_gap(page);
	if (err)
		listing_drop(&loss);
	return err ? err : listing_print(&loss);
}
