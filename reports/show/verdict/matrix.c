/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/show/figure.h"
#include "reports/show/verdict/matrix.h"
#include "reports/show/escape.h"
#include "reports/show/listing.h"
#include "reports/show/table.h"
#include "reports/show/verdict/verdict_words.h"

static bool measured(const struct configuration *c)
{
	return c->result->status == RESULT_MEASURED;
}

/* A member of the result whose configuration the row is. */
static const void *of_result(const struct entry *e)
{
	return (const char *)((const struct configuration *)e->row)->result + e->column->at;
}

static void put_name(FILE *out, const struct entry *e)
{
	escape_part(out, *(char *const *)of_result(e), entry_format(e));
}

static void put_ns(FILE *out, const struct entry *e)
{
	put_effect_of(out, of_result(e), UNIT_NS);
}

/* What lies between the bounds, whole ns: "+410..+880", "<= +880", ">= +3100". */
static void put_p99(FILE *out, const struct entry *e)
{
	const struct configuration *c = e->row;
	struct effect p99 = c->by[CRITERION_P99].measured;
	bool markdown = entry_format(e) == RENDER_MARKDOWN;

	if (!isnan(p99.lo) && !isnan(p99.hi))
		fprintf(out, "%+.0f..%+.0f", p99.lo, p99.hi);
	else if (!isnan(p99.hi))
		fprintf(out, "%s %+.0f", markdown ? "&le;" : "<=", p99.hi);
	else if (!isnan(p99.lo))
		fprintf(out, "%s %+.0f", markdown ? "&ge;" : ">=", p99.lo);
	else
		fputc('-', out);
}

static void put_rate_after(FILE *out, const char *what, double rate)
{
	bool thousands = rate >= 1000 && !(fmod(rate, 1000) > 0);

	fprintf(out, thousands ? "%s%.0f K/s" : "%s%.0f/s", what, thousands ? rate / 1000 : rate);
}

/* A percentage that a threshold of this size is held against. */
static void put_cpu(FILE *out, const struct entry *e)
{
	const struct verdicts *v = e->list->with;
	const struct configuration *c = e->row;
	const struct judgement *j = c ? &c->by[CRITERION_CPU] : NULL;

	if (!j)
		put_rate_after(out, "CPU % at ", v->budget.rate);
	else
		fputs(j->part && !isnan(j->measured.value) ? ">= " : "", out);
	if (j)
		figure_effect(out, j->measured, UNIT_NS, FIGURE_PLUS_MINUS);
}

static void put_others(FILE *out, const struct entry *e)
{
	const struct configuration *c = e->row;

	if (isnan(c->others_cpu.value))
		fputc('?', out);
	else if (!other_syscalls_pay(c->result->hook))
		fputc('0', out);
	else
		figure_effect(out, c->others_cpu, UNIT_NS, FIGURE_PLUS_MINUS);
}

/* A share has no sign, and its interval is lopsided at zero. */
static void put_share(FILE *out, struct effect loss, enum render_format format)
{
	if (isnan(loss.value))
		fputc('-', out);
	else if (!(loss.value > 0))
		fprintf(out, "0 (%s %.2g)", format == RENDER_MARKDOWN ? "&lt;" : "<", loss.hi);
	else
		fprintf(out, "%.3g (%.2g..%.2g)", loss.value, loss.lo, loss.hi);
}

static void put_loss(FILE *out, const struct entry *e)
{
	const struct verdicts *v = e->list->with;
	const struct configuration *c = e->row;

	if (c)
		put_share(out, c->by[CRITERION_LOSS].measured, entry_format(e));
	else
		put_rate_after(out, "loss % at ", v->budget.rate);
}

static void put_overload(FILE *out, const struct entry *e)
{
	const struct verdicts *v = e->list->with;
	const struct configuration *c = e->row;

	if (c)
		put_share(out, c->overload_loss, entry_format(e));
	else
		put_rate_after(out, "at ", v->budget.overload_rate);
}

static void put_verdict(FILE *out, const struct entry *e)
{
	const struct configuration *c = e->row;

	fputs(verdict_name(c->verdict), out);
	if (c->verdict != VERDICT_GREEN)
		fprintf(out, ": %s", criterion_name(c->decided));
}

/* What to do with it, in a word or two; the reasons are in the table itself. */
static void put_recommendation(FILE *out, const struct entry *e)
{
	static const char *const as_design[] = {"proceed", "proceed with changes", "measure more"};
	static const char *const as_change[] = {"passes, as a change",
						"a change that needs more changes", "measure more"};
	const struct configuration *c = e->row;
	bool design = verdict_is_design(e->list->with, c->result);

	if (c->verdict == VERDICT_RED)
		fputs(strcmp(c->result->wakeup, VERDICT_DESIGN_WAKEUP) == 0
			      ? "redesign: wake the reader less often"
			      : "redesign: sample or batch",
		      out);
	else
		fputs(design ? as_design[c->verdict] : as_change[c->verdict], out);
}

static bool other_hook(const void *before, const void *row)
{
	const struct configuration *a = before, *b = row;

	return strcmp(a->result->hook, b->result->hook) != 0;
}

/*
 * From the least needed of what a terminal has no room for: the verdict and the lines below say it,
 * or the other columns.
 */
static void fit_terminal(struct listing *l)
{
	static const size_t least_needed[] = {11, 9, 3, 7};

	for (size_t i = 0; i < 4 && listing_too_wide(l); i++)
		table_hide(l->table, least_needed[i]);
}

#define RESULT(member) offsetof(struct record_result, member)

int matrix_table(struct page *page, const struct verdicts *v)
{
	static const struct column columns[] = {
		{"configuration", put_name, RESULT(variant), 0},
		{"drain", put_name, RESULT(wakeup), 0},
		{"cache", put_name, RESULT(cache), 0},
		{"median, ns", put_ns, RESULT(overhead.p50), COLUMN_RIGHT},
		{"p99 shift", put_ns, RESULT(overhead.p99), COLUMN_RIGHT},
		{"cost's p99, ns", put_p99, 0, COLUMN_RIGHT},
		{NULL, put_cpu, 0, COLUMN_RIGHT},
		{"others", put_others, 0, COLUMN_RIGHT},
		{NULL, put_loss, 0, COLUMN_RIGHT},
		{NULL, put_overload, 0, COLUMN_RIGHT},
		{"verdict", put_verdict, 0, 0},
		{"recommendation", put_recommendation, 0, 0},
	};
	struct listing l = LISTING(page, columns);
	const char *cache;

	l.with = v;
	l.parts = other_hook;
	for (size_t i = 0; i < v->n; i++)
		if (measured(&v->rows[i]))
			listing_row(&l, &v->rows[i]);
	cache = listing_same(&l, 2);
	if (cache && strcmp(cache, "cold") != 0)
		table_hide(l.table, 2);
	fit_terminal(&l);
	return listing_print(&l);
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

static double tick_budget(const struct verdicts *v)
{
	return 1e9 / v->budget.rate * v->budget.tick_percent / 100;
}

static void put_margin(FILE *out, const struct entry *e)
{
	struct effect cost = ((const struct configuration *)e->row)->budget_ns;
	double budget = tick_budget(e->list->with);

	figure_effect(out, (struct effect){budget - cost.value, budget - cost.hi, budget - cost.lo},
		      UNIT_NS, FIGURE_PLUS_MINUS);
}

static void put_check(FILE *out, const struct entry *e)
{
	struct effect cost = ((const struct configuration *)e->row)->budget_ns;
	double budget = tick_budget(e->list->with);

	fputs(isnan(cost.lo)	 ? "undecided: no interval"
	      : cost.hi < budget ? "pass"
	      : cost.lo > budget ? "FAIL"
				 : "undecided",
	      out);
}

int matrix_check(struct page *page, const struct verdicts *v)
{
	static const struct column columns[] = {
		{"configuration", put_name, RESULT(variant), 0},
		{"drain", put_name, RESULT(wakeup), 0},
		{"typical, ns", put_ns, RESULT(overhead.typical), COLUMN_RIGHT},
		{"mean, ns", put_ns, RESULT(overhead.mean), COLUMN_RIGHT},
		{"margin, ns", put_margin, 0, COLUMN_RIGHT},
		{"check", put_check, 0, 0},
	};
	struct listing l = LISTING(page, columns);
	FILE *line;

	if (verdict_measured(v) == 0)
		return 0;
	line = page_line(page);
	figure_count(line, (uint64_t)v->budget.rate);
	fputs(" ticks/s leave ", line);
	figure_count(line, (uint64_t)(1e9 / v->budget.rate));
	fprintf(line, " ns a tick; the budget is %g %% of it, ", v->budget.tick_percent);
	figure_count(line, (uint64_t)tick_budget(v));
	fputs(" ns. Measured: the mean, which is what a tick pays, on the producer's side; the "
	      "margin is what it leaves.",
	      line);
	page_note(page);
	page_gap(page);
	l.with = v;
	for (size_t i = 0; i < v->n; i++)
		if (measured(&v->rows[i]))
			listing_row(&l, &v->rows[i]);
	return listing_print(&l);
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

static void put_instructions(FILE *out, const struct entry *e)
{
	fprintf(out, "%+.0f", ((const struct configuration *)e->row)->instructions);
}

static void put_kernel(FILE *out, const struct entry *e)
{
	escape_print(out, ((const struct configuration *)e->row)->instructions_kernel,
		     entry_format(e));
}

int matrix_unmeasured(struct page *page, const struct verdicts *v)
{
	static const struct column columns[] = {
		{"configuration", put_name, RESULT(variant), 0},
		{"drain", put_name, RESULT(wakeup), 0},
		{"instructions", put_instructions, 0, COLUMN_RIGHT},
		{"counted on kernel", put_kernel, 0, 0},
	};
	struct listing l = LISTING(page, columns);

	put_reasons(page, v);
	for (size_t i = 0; i < v->n; i++)
		if (!measured(&v->rows[i]) && !isnan(v->rows[i].instructions))
			listing_row(&l, &v->rows[i]);
	if (l.rows) {
		page_say(page, "Their exact instruction counts a hit, from the lab; no statement "
			       "about time:");
		page_gap(page);
	}
	return listing_print(&l);
}
