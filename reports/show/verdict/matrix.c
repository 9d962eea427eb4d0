/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/show/figure.h"
#include "reports/show/verdict/matrix.h"
#include "reports/show/escape.h"
#include "reports/show/table.h"
#include "reports/show/verdict/verdict_words.h"

static bool measured(const struct configuration *c)
{
	return c->result->status == RESULT_MEASURED;
}

/* A percentage that a threshold of this size is held against. */
static void put_percent(FILE *out, const struct judgement *j)
{
	if (isnan(j->measured.value)) {
		fputc('-', out);
		return;
	}
	if (j->part)
		fputs(">= ", out);
	figure_effect(out, j->measured, UNIT_NS, FIGURE_PLUS_MINUS);
}

/* A share has no sign, and its interval is lopsided at zero. */
static void put_loss(FILE *out, struct effect loss, enum render_format format)
{
	if (isnan(loss.value))
		fputc('-', out);
	else if (!(loss.value > 0))
		fprintf(out, "0 (%s %.2g)", format == RENDER_MARKDOWN ? "&lt;" : "<", loss.hi);
	else
		fprintf(out, "%.3g (%.2g..%.2g)", loss.value, loss.lo, loss.hi);
}

/* What lies between the bounds, whole ns: "+410..+880", "<= +880", ">= +3100". */
static void put_p99(FILE *out, struct effect e, enum render_format format)
{
	bool markdown = format == RENDER_MARKDOWN;

	if (!isnan(e.lo) && !isnan(e.hi))
		fprintf(out, "%+.0f..%+.0f", e.lo, e.hi);
	else if (!isnan(e.hi))
		fprintf(out, "%s %+.0f", markdown ? "&le;" : "<=", e.hi);
	else if (!isnan(e.lo))
		fprintf(out, "%s %+.0f", markdown ? "&ge;" : ">=", e.lo);
	else
		fputc('-', out);
}

static void put_others(FILE *out, const struct configuration *c)
{
	if (isnan(c->others_cpu.value))
		fputc('?', out);
	else if (!other_syscalls_pay(c->result->hook))
		fputc('0', out);
	else
		figure_effect(out, c->others_cpu, UNIT_NS, FIGURE_PLUS_MINUS);
}

static void put_verdict(FILE *out, const struct configuration *c)
{
	fputs(verdict_name(c->verdict), out);
	if (c->verdict != VERDICT_GREEN)
		fprintf(out, ": %s", criterion_name(c->decided));
}

/* What to do with it, in a word or two; the reasons are in the table itself. */
static const char *recommend(const struct verdicts *v, const struct configuration *c)
{
	bool design = verdict_is_design(v, c->result);

	switch (c->verdict) {
	case VERDICT_GREEN:
		return design ? "proceed" : "passes, as a change";
	case VERDICT_YELLOW:
		return design ? "proceed with changes" : "a change that needs more changes";
	case VERDICT_INCONCLUSIVE:
		return "measure more";
	case VERDICT_RED:
		break;
	}
	return strcmp(c->result->wakeup, VERDICT_DESIGN_WAKEUP) == 0
		       ? "redesign: wake the reader less often"
		       : "redesign: sample or batch";
}

static void put_rate(FILE *out, double rate)
{
	if (rate >= 1000 && !(fmod(rate, 1000) > 0))
		fprintf(out, "%.0f K/s", rate / 1000);
	else
		fprintf(out, "%.0f/s", rate);
}

/* The next header; the first row of a table is its headers. */
static FILE *header(struct table *t, size_t column, bool right)
{
	if (right)
		table_align_right(t, column);
	return table_cell(t);
}

static int close_table(struct page *page, struct table *t)
{
	int err = table_print(t, page->format, page->out);

	table_close(t);
	return err;
}

static void put_effect(FILE *out, struct effect e)
{
	figure_effect(out, e, UNIT_NS, FIGURE_PLUS_MINUS);
}

static void put_matrix_row(struct page *page, struct table *t, const struct verdicts *v,
			   const struct configuration *c)
{
	enum render_format format = page->format;

	escape_part(table_cell(t), c->result->variant, format);
	escape_part(table_cell(t), c->result->wakeup, format);
	escape_part(table_cell(t), c->result->cache, format);
	put_effect(table_cell(t), c->result->overhead.p50);
	put_effect(table_cell(t), c->result->overhead.p99);
	put_p99(table_cell(t), c->by[CRITERION_P99].measured, format);
	put_percent(table_cell(t), &c->by[CRITERION_CPU]);
	put_others(table_cell(t), c);
	put_loss(table_cell(t), c->by[CRITERION_LOSS].measured, format);
	put_loss(table_cell(t), c->overload_loss, format);
	put_verdict(table_cell(t), c);
	fputs(recommend(v, c), table_cell(t));
}

static void put_rated(struct table *t, size_t column, const char *what, double rate)
{
	FILE *out = header(t, column, true);

	fputs(what, out);
	put_rate(out, rate);
}

/* From the least needed of what a terminal has no room for: the verdict and the lines below say it,
 * or the other columns. */
static void fit_terminal(struct table *t)
{
	static const size_t least_needed[] = {11, 9, 3, 7};

	for (size_t i = 0; i < 4 && table_width(t) > PAGE_WIDTH; i++)
		table_hide(t, least_needed[i]);
}

int matrix_table(struct page *page, const struct verdicts *v)
{
	struct table *t;

	if (verdict_measured(v) == 0)
		return 0;
	t = table_open(12);
	if (!t)
		return -ENOMEM;
	fputs("configuration", header(t, 0, false));
	fputs("drain", header(t, 1, false));
	fputs("cache", header(t, 2, false));
	fputs("median, ns", header(t, 3, true));
	fputs("p99 shift", header(t, 4, true));
	fputs("cost's p99, ns", header(t, 5, true));
	put_rated(t, 6, "CPU % at ", v->budget.rate);
	fputs("others", header(t, 7, true));
	put_rated(t, 8, "loss % at ", v->budget.rate);
	put_rated(t, 9, "at ", v->budget.overload_rate);
	fputs("verdict", header(t, 10, false));
	fputs("recommendation", header(t, 11, false));
	for (size_t i = 0, told = 0; i < v->n; i++) {
		if (!measured(&v->rows[i]))
			continue;
		if (page->format == RENDER_TEXT && told++ && i &&
		    strcmp(v->rows[i].result->hook, v->rows[i - 1].result->hook) != 0)
			table_gap(t);
		put_matrix_row(page, t, v, &v->rows[i]);
	}
	if (table_uniform(t, 2) && strcmp(table_at(t, 1, 2), "cold") != 0)
		table_hide(t, 2);
	if (page->format == RENDER_TEXT)
		fit_terminal(t);
	return close_table(page, t);
}

static void put_bounds(FILE *line, const char *what, struct bounds b, const char *measure)
{
	fprintf(line, "%s: GREEN below %g %s", what, b.green, measure);
	if (!isnan(b.red))
		fprintf(line, ", RED above %g %s", b.red, measure);
}

void matrix_budget(struct page *page, const struct verdicts *v)
{
	const struct budget *b = &v->budget;
	FILE *line = page_line(page);

	put_bounds(line, "p99 of the cost", b->p99_ns, "ns");
	put_bounds(line, "; CPU", b->cpu_percent, "% of one CPU");
	put_bounds(line, "; loss", b->loss_percent, "%");
	fputs("; CPU and loss at ", line);
	figure_count(line, (uint64_t)b->rate);
	fputs(" events/s. GREEN: the whole interval is below; RED: all of it is above; YELLOW: "
	      "surely not RED; INCONCLUSIVE: the interval reaches over the last threshold, or "
	      "nothing was measured. The cost's p99 lies between bounds that hold under any "
	      "dependence (at most p99 with the probe less the shortest call without); the shift "
	      "of "
	      "p99s bounds nothing. CPU: producer (mean), reader, and what other syscalls pay, at ",
	      line);
	other_syscalls_say(line, &v->others, page->format);
	if (v->others.source == OTHER_ASSUMED)
		fputs("; --other-syscalls N states yours, run --suite apps measures programs'",
		      line);
	fputs(".", line);
	page_note(page);
}

/* The same open question, and the same answer to it. */
static bool same_settle(const struct configuration *a, const struct configuration *b, size_t k)
{
	return measured(a) && measured(b) && strcmp(a->by[k].settle, b->by[k].settle) == 0;
}

static void put_settle(struct page *page, const struct verdicts *v, size_t at, size_t k)
{
	const struct configuration *c = &v->rows[at];
	FILE *line = page_line(page);
	size_t alike = 0, n = verdict_measured(v);

	for (size_t i = at; i < v->n; i++)
		alike += same_settle(c, &v->rows[i], k);
	fprintf(line, "%s of ", criterion_name((enum criterion)k));
	if (alike == n && n > 1)
		fprintf(line, "all %zu configurations", n);
	for (size_t i = at, told = 0; i < v->n && (alike < n || n == 1); i++) {
		if (!same_settle(c, &v->rows[i], k))
			continue;
		fputs(told++ ? "; " : "", line);
		verdict_say_name(line, v->rows[i].result, page->format);
	}
	fputs(": ", line);
	escape_part(line, c->by[k].settle, page->format);
	page_fact(page, verdict_name(c->by[k].verdict));
}

void matrix_settle(struct page *page, const struct verdicts *v)
{
	for (size_t k = 0; k < CRITERIA; k++)
		for (size_t i = 0; i < v->n; i++) {
			bool first = true;

			if (!measured(&v->rows[i]) || v->rows[i].by[k].settle[0] == '\0')
				continue;
			for (size_t j = 0; j < i; j++)
				first &= !same_settle(&v->rows[i], &v->rows[j], k);
			if (first)
				put_settle(page, v, i, k);
		}
}

static void put_check(FILE *out, struct effect cost, double budget)
{
	if (isnan(cost.lo))
		fputs("undecided: no interval", out);
	else if (cost.hi < budget)
		fputs("pass", out);
	else if (cost.lo > budget)
		fputs("FAIL", out);
	else
		fputs("undecided", out);
}

int matrix_check(struct page *page, const struct verdicts *v)
{
	double tick = 1e9 / v->budget.rate, budget = tick * v->budget.tick_percent / 100;
	struct table *t;
	FILE *line;

	if (verdict_measured(v) == 0)
		return 0;
	t = table_open(6);
	if (!t)
		return -ENOMEM;
	line = page_line(page);
	figure_count(line, (uint64_t)v->budget.rate);
	fputs(" ticks/s leave ", line);
	figure_count(line, (uint64_t)tick);
	fprintf(line, " ns a tick; the budget is %g %% of it, ", v->budget.tick_percent);
	figure_count(line, (uint64_t)budget);
	fputs(" ns. Measured: the mean, which is what a tick pays, on the producer's side; the "
	      "margin is what "
	      "it leaves.",
	      line);
	page_note(page);
	page_gap(page);
	fputs("configuration", header(t, 0, false));
	fputs("drain", header(t, 1, false));
	fputs("typical, ns", header(t, 2, true));
	fputs("mean, ns", header(t, 3, true));
	fputs("margin, ns", header(t, 4, true));
	fputs("check", header(t, 5, false));
	for (size_t i = 0; i < v->n; i++) {
		struct effect e = v->rows[i].budget_ns;

		if (!measured(&v->rows[i]))
			continue;
		escape_part(table_cell(t), v->rows[i].result->variant, page->format);
		escape_part(table_cell(t), v->rows[i].result->wakeup, page->format);
		put_effect(table_cell(t), v->rows[i].result->overhead.typical);
		put_effect(table_cell(t), e);
		figure_effect(table_cell(t),
			      (struct effect){budget - e.value, budget - e.hi, budget - e.lo},
			      UNIT_NS, FIGURE_PLUS_MINUS);
		put_check(table_cell(t), e, budget);
	}
	return close_table(page, t);
}

static bool same_reason(const struct record_result *a, const struct record_result *b)
{
	return a->status == b->status && strcmp(a->hook, b->hook) == 0 &&
	       strcmp(a->reason ? a->reason : "", b->reason ? b->reason : "") == 0;
}

/* "kprobe, 6 configurations, skipped: …", once for each hook and reason. */
static void put_reasons(struct page *page, const struct verdicts *v)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct record_result *result = v->rows[i].result;
		size_t alike = 0;
		bool first = true;
		FILE *line;

		if (result->status == RESULT_MEASURED)
			continue;
		for (size_t k = 0; k < v->n; k++)
			if (same_reason(result, v->rows[k].result)) {
				alike++;
				first &= k >= i;
			}
		if (!first)
			continue;
		line = page_line(page);
		escape_part(line, result->hook, page->format);
		fprintf(line, ", %zu configuration%s %s: ", alike, alike == 1 ? "" : "s",
			result_status_name(result->status));
		escape_part(line, result->reason ? result->reason : "no reason was kept",
			    page->format);
		page_fact(page, verdict_name(VERDICT_INCONCLUSIVE));
	}
}

int matrix_unmeasured(struct page *page, const struct verdicts *v)
{
	struct table *t = table_open(4);

	if (!t)
		return -ENOMEM;
	put_reasons(page, v);
	fputs("configuration", header(t, 0, false));
	fputs("drain", header(t, 1, false));
	fputs("instructions", header(t, 2, true));
	fputs("counted on kernel", header(t, 3, false));
	for (size_t i = 0; i < v->n; i++) {
		const struct configuration *c = &v->rows[i];

		if (measured(c) || isnan(c->instructions))
			continue;
		escape_part(table_cell(t), c->result->variant, page->format);
		escape_part(table_cell(t), c->result->wakeup, page->format);
		fprintf(table_cell(t), "%+.0f", c->instructions);
		escape_print(table_cell(t), c->instructions_kernel, page->format);
	}
	if (table_rows(t) < 2) {
		table_close(t);
		return 0;
	}
	fputs("Their exact instruction counts a hit, from the lab; no statement about time:",
	      page_line(page));
	page_note(page);
	page_gap(page);
	return close_table(page, t);
}
