/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/judge/cpu_cost.h"
#include "reports/show/figure.h"
#include "reports/judge/loss.h"
#include "reports/show/escape.h"
#include "reports/record/record_rows.h"
#include "reports/show/events/sweeps.h"
#include "reports/show/table.h"
#include "reports/record/treatment.h"
#include "reports/judge/verdict.h"

static void put_headers(struct table *t, const char *const *names, size_t n, size_t texts)
{
	for (size_t i = 0; i < n; i++) {
		fputs(names[i], table_cell(t));
		if (i >= texts)
			table_align_right(t, i);
	}
}

static void title(struct page *page, const char *text)
{
	escape_part(page_line(page), text, page->format);
	page_note(page);
	page_gap(page);
}

static void put_loss(struct table *t, const struct event_point *p)
{
	figure_loss(table_cell(t), p->produced - p->received, p->produced);
}

static void put_bytes(FILE *out, uint64_t bytes)
{
	if (bytes >= 1 << 20 && bytes % (1 << 20) == 0)
		fprintf(out, "%llu MiB", (unsigned long long)bytes >> 20);
	else
		fprintf(out, "%llu KiB", (unsigned long long)bytes >> 10);
}

static bool is_of(const struct event_point *p, const char *scenario)
{
	return p->status == RESULT_MEASURED && strcmp(p->scenario, scenario) == 0;
}

static bool overloads(const struct event_point *p)
{
	return is_of(p, "burst") || is_of(p, "stopped") || is_of(p, "buffer");
}

/* What was done to it. */
static void put_load(FILE *out, const struct event_point *p)
{
	if (p->burst) {
		figure_count(out, p->burst);
		fputs(" calls back to back", out);
		return;
	}
	figure_rate(out, p->rate_target);
	fputs("/s", out);
	if (!isnan(p->stopped_ms))
		fprintf(out, ", consumer stopped %g ms", p->stopped_ms);
}

static void put_overloaded(struct table *t, const struct event_point *p, enum render_format format)
{
	escape_part(table_cell(t), p->variant, format);
	escape_part(table_cell(t), p->wakeup, format);
	put_bytes(table_cell(t), p->buffer_bytes);
	put_bytes(table_cell(t), p->memory_bytes);
	put_load(table_cell(t), p);
	figure_count(table_cell(t), p->produced);
	put_loss(t, p);
	if (isnan(p->recovered_ms))
		fputc('-', table_cell(t));
	else
		fprintf(table_cell(t), "%.1f", p->recovered_ms);
}

int sweeps_print_overload(struct page *page)
{
	static const char *const names[] = {"variant", "drain",	   "buffer", "memory",
					    "load",    "produced", "lost",   "recovered ms"};
	const struct record *rec = page->rec;
	const struct event_point *before = NULL;
	struct table *t = table_open(8);
	int err = 0;

	if (!t)
		return -ENOMEM;
	put_headers(t, names, 8, 2);
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (!overloads(p))
			continue;
		if (before && page->format == RENDER_TEXT &&
		    (before->buffer_bytes != p->buffer_bytes ||
		     strcmp(before->variant, p->variant) != 0))
			table_gap(t);
		before = p;
		put_overloaded(t, p, page->format);
	}
	if (before) {
		fputs("Events: overload", page_line(page));
		page_heading(page);
		title(page,
		      "Loss against buffer size, bursts and a consumer that stands still. Buffer: "
		      "of "
		      "one ring, or of one CPU's perf buffer; memory: of all of them. Recovered: a "
		      "burst's last event read, or the last loss after the consumer's return.");
		err = table_print(t, page->format, page->out);
	}
	table_close(t);
	return err;
}

static const struct budget *budget_of(const struct page *page, struct budget *missions)
{
	budget_default(missions);
	return page->budget ? page->budget : missions;
}

/* The same probe and reader at another rate; NULL: not measured. */
static const struct event_point *at_rate(const struct record *rec, const struct event_point *like,
					 double rate)
{
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (is_of(p, "sweep") && !p->saturated &&
		    cpu_cost_rate_same(p->rate_target, rate) && treatment_points_same(p, like))
			return p;
	}
	return NULL;
}

static void put_cpu(struct table *t, const struct event_point *p, const struct budget *budget,
		    enum render_format format)
{
	struct effect cpu = cpu_cost_sum(p->producer_cpu, p->consumer_cpu);

	escape_part(table_cell(t), p->variant, format);
	escape_part(table_cell(t), p->wakeup, format);
	figure_effect(table_cell(t), p->producer_cpu, UNIT_NS, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), p->consumer_cpu, UNIT_NS, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), cpu, UNIT_NS, FIGURE_PLUS_MINUS);
	fputs(verdict_name(verdict_of(cpu, budget->cpu_percent)), table_cell(t));
	figure_effect(table_cell(t), p->machine_cpu, UNIT_NS, FIGURE_PLUS_MINUS);
}

/* How many of how many, and in how long a window. */
static void put_exposure(struct table *t, const struct event_point *p, bool shown)
{
	FILE *out = table_cell(t);

	if (!shown) {
		figure_count(out, p->produced - p->received);
		fputs(" of ", out);
		figure_count(out, p->produced);
		fputs("short windows", table_cell(t));
		return;
	}
	figure_count(out, p->exposure_lost);
	fputs(" of ", out);
	figure_count(out, p->exposure_produced);
	fprintf(table_cell(t), "%.0f s, %.0f buffers", p->exposure_s, p->buffer_fills);
}

static void put_losses(struct table *t, const struct record *rec, const struct event_point *p,
		       const struct budget *budget, enum render_format format)
{
	const struct event_point *over = at_rate(rec, p, budget->overload_rate);
	bool markdown = format == RENDER_MARKDOWN;
	struct loss_bound bound;

	/* not shown: NAN, and so INCONCLUSIVE */
	loss_bound(p, &bound);
	escape_part(table_cell(t), p->variant, format);
	escape_part(table_cell(t), p->wakeup, format);
	put_exposure(t, p, bound.shown);
	figure_loss_bound(table_cell(t), p, markdown);
	fputs(verdict_name(verdict_of(bound.percent, budget->loss_percent)), table_cell(t));
	if (over)
		figure_loss_bound(table_cell(t), over, markdown);
	else
		fputc('-', table_cell(t));
}

/* The budget's rate, with a probe whose events arrive. */
static bool is_book(const struct event_point *p, const struct budget *budget)
{
	return is_of(p, "sweep") && cpu_cost_rate_same(p->rate_target, budget->rate) &&
	       !p->saturated && p->produced > 0 && strcmp(p->wakeup, "none") != 0;
}

static void put_thresholds(FILE *out, const char *what, struct bounds bounds)
{
	fprintf(out, "%s below %g %% GREEN", what, bounds.green);
	if (!isnan(bounds.red))
		fprintf(out, ", above %g %% RED", bounds.red);
}

static void accounting_title(struct page *page, const struct budget *budget)
{
	FILE *line = page_line(page);

	fputs("The books at ", line);
	figure_count(line, (uint64_t)budget->rate);
	fputs(" events/s", line);
	page_heading(page);
	line = page_line(page);
	fputs("Producer, consumer and both together in % of one CPU, the machine in % of all; "
	      "against "
	      "the budget's thresholds: ",
	      line);
	put_thresholds(line, "CPU", budget->cpu_percent);
	put_thresholds(line, "; loss", budget->loss_percent);
	fputs(". INCONCLUSIVE: the interval reaches over the last threshold, or no loss is shown: "
	      "a short window fits into the buffer, so nothing could be lost.",
	      line);
	page_note(page);
	page_gap(page);
}

static void put_loss_headers(struct table *t, const struct budget *budget)
{
	FILE *out;

	fputs("variant", table_cell(t));
	fputs("drain", table_cell(t));
	out = table_cell(t);
	fputs("lost at ", out);
	figure_rate(out, budget->rate);
	fputs("/s", out);
	fputs("in", table_cell(t));
	fputs("bound", table_cell(t));
	fputs("loss", table_cell(t));
	out = table_cell(t);
	fputs("at ", out);
	figure_rate(out, budget->overload_rate);
	fputs("/s", out);
}

int sweeps_print_accounting(struct page *page)
{
	static const char *const cpu_names[] = {"variant",    "drain", "producer %", "consumer %",
						"together %", "CPU",   "machine %"};
	const struct record *rec = page->rec;
	struct table *cpu = table_open(7), *loss = table_open(7);
	struct budget missions;
	const struct budget *budget = budget_of(page, &missions);
	int err = cpu && loss ? 0 : -ENOMEM;

	if (err)
		goto out;
	put_headers(cpu, cpu_names, 7, 2);
	put_loss_headers(loss, budget);
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (!is_book(p, budget))
			continue;
		put_cpu(cpu, p, budget, page->format);
		put_losses(loss, rec, p, budget, page->format);
	}
	if (table_rows(cpu) == 1)
		goto out;
	accounting_title(page, budget);
	err = table_print(cpu, page->format, page->out);
	page_gap(page);
	if (!err)
		err = table_print(loss, page->format, page->out);
out:
	table_close(cpu);
	table_close(loss);
	return err;
}
