/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/figure.h"
#include "reports/matrix.h"
#include "reports/quote.h"
#include "reports/table.h"

static bool measured(const struct configuration *c)
{
	return c->cell->status == CELL_MEASURED;
}

static size_t count_measured(const struct verdicts *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += measured(&v->rows[i]);
	return n;
}

void matrix_name(FILE *out, const struct record_cell *cell, enum render_format format)
{
	quote_part(out, cell->variant, format);
	fputs(", ", out);
	quote_part(out, cell->drain, format);
	if (strcmp(cell->cache, "hot") != 0) {
		fputs(", ", out);
		quote_part(out, cell->cache, format);
	}
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

static void put_verdict(FILE *out, const struct configuration *c)
{
	fputs(verdict_name(c->verdict), out);
	if (c->verdict != VERDICT_GREEN)
		fprintf(out, ": %s", criterion_name(c->decided));
}

/* What to do with it, in a word or two; the reasons are in the table itself. */
static const char *recommend(const struct configuration *c)
{
	switch (c->verdict) {
	case VERDICT_GREEN:
		return "proceed";
	case VERDICT_YELLOW:
		return "proceed with changes";
	case VERDICT_INCONCLUSIVE:
		return "measure more";
	case VERDICT_RED:
		break;
	}
	return strcmp(c->cell->drain, "caught_up") == 0 ? "redesign: wake the consumer less often"
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

static void put_matrix_row(struct page *page, struct table *t, const struct configuration *c)
{
	enum render_format format = page->format;

	quote_part(table_cell(t), c->cell->variant, format);
	quote_part(table_cell(t), c->cell->drain, format);
	quote_part(table_cell(t), c->cell->cache, format);
	put_effect(table_cell(t), c->cell->overhead.p50);
	put_effect(table_cell(t), c->by[CRITERION_P99].measured);
	put_percent(table_cell(t), &c->by[CRITERION_CPU]);
	put_loss(table_cell(t), c->by[CRITERION_LOSS].measured, format);
	put_loss(table_cell(t), c->overload_loss, format);
	put_verdict(table_cell(t), c);
	fputs(recommend(c), table_cell(t));
}

int matrix_table(struct page *page, const struct verdicts *v)
{
	struct table *t;
	FILE *out;

	if (count_measured(v) == 0)
		return 0;
	t = table_open(10);
	if (!t)
		return -ENOMEM;
	fputs("configuration", header(t, 0, false));
	fputs("drain", header(t, 1, false));
	fputs("cache", header(t, 2, false));
	fputs("median, ns", header(t, 3, true));
	fputs("p99 shift, ns", header(t, 4, true));
	out = header(t, 5, true);
	fputs("CPU % at ", out);
	put_rate(out, v->budget.rate);
	out = header(t, 6, true);
	fputs("loss % at ", out);
	put_rate(out, v->budget.rate);
	out = header(t, 7, true);
	fputs("at ", out);
	put_rate(out, v->budget.overload_rate);
	fputs("verdict", header(t, 8, false));
	fputs("recommendation", header(t, 9, false));
	for (size_t i = 0, told = 0; i < v->n; i++) {
		if (!measured(&v->rows[i]))
			continue;
		if (page->format == RENDER_TEXT && told++ && i &&
		    strcmp(v->rows[i].cell->hook, v->rows[i - 1].cell->hook) != 0)
			table_gap(t);
		put_matrix_row(page, t, &v->rows[i]);
	}
	if (table_uniform(t, 2) && strcmp(table_at(t, 1, 2), "hot") == 0)
		table_hide(t, 2);
	/* on a terminal the verdict and what follows say it */
	if (page->format == RENDER_TEXT && table_width(t) > PAGE_WIDTH)
		table_hide(t, 9);
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

	put_bounds(line, "p99 shift", b->p99_ns, "ns");
	put_bounds(line, "; CPU", b->cpu_percent, "% of one CPU");
	put_bounds(line, "; loss", b->loss_percent, "%");
	fputs("; CPU and loss at ", line);
	figure_count(line, (uint64_t)b->rate);
	fputs(" events/s. GREEN: the whole interval is below; RED: all of it is above; YELLOW: "
	      "surely not RED; "
	      "INCONCLUSIVE: the interval reaches over the last threshold, or nothing was "
	      "measured.",
	      line);
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
	size_t alike = 0, n = count_measured(v);

	for (size_t i = at; i < v->n; i++)
		alike += same_settle(c, &v->rows[i], k);
	fprintf(line, "%s of ", criterion_name((enum criterion)k));
	if (alike == n && n > 1)
		fprintf(line, "all %zu configurations", n);
	for (size_t i = at, told = 0; i < v->n && (alike < n || n == 1); i++) {
		if (!same_settle(c, &v->rows[i], k))
			continue;
		fputs(told++ ? "; " : "", line);
		matrix_name(line, v->rows[i].cell, page->format);
	}
	fputs(": ", line);
	quote_part(line, c->by[k].settle, page->format);
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

	if (count_measured(v) == 0)
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
		quote_part(table_cell(t), v->rows[i].cell->variant, page->format);
		quote_part(table_cell(t), v->rows[i].cell->drain, page->format);
		put_effect(table_cell(t), v->rows[i].cell->overhead.typical);
		put_effect(table_cell(t), e);
		figure_effect(table_cell(t),
			      (struct effect){budget - e.value, budget - e.hi, budget - e.lo},
			      UNIT_NS, FIGURE_PLUS_MINUS);
		put_check(table_cell(t), e, budget);
	}
	return close_table(page, t);
}

static bool same_reason(const struct record_cell *a, const struct record_cell *b)
{
	return a->status == b->status && strcmp(a->hook, b->hook) == 0 &&
	       strcmp(a->reason ? a->reason : "", b->reason ? b->reason : "") == 0;
}

/* "kprobe, 6 configurations, skipped: …", once for each hook and reason. */
static void put_reasons(struct page *page, const struct verdicts *v)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct record_cell *cell = v->rows[i].cell;
		size_t alike = 0;
		bool first = true;
		FILE *line;

		if (cell->status == CELL_MEASURED)
			continue;
		for (size_t k = 0; k < v->n; k++)
			if (same_reason(cell, v->rows[k].cell)) {
				alike++;
				first &= k >= i;
			}
		if (!first)
			continue;
		line = page_line(page);
		quote_part(line, cell->hook, page->format);
		fprintf(line, ", %zu configuration%s %s: ", alike, alike == 1 ? "" : "s",
			cell_status_name(cell->status));
		quote_part(line, cell->reason ? cell->reason : "no reason was kept", page->format);
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
		quote_part(table_cell(t), c->cell->variant, page->format);
		quote_part(table_cell(t), c->cell->drain, page->format);
		fprintf(table_cell(t), "%+.0f", c->instructions);
		quote_print(table_cell(t), c->instructions_kernel, page->format);
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

static void put_conditions(struct page *page, const struct verdicts *v)
{
	const struct evidence *e = v->evidence;

	for (size_t r = 0; r < e->n_runs; r++) {
		const struct record *rec = e->runs[r].record;
		FILE *line = page_line(page);

		quote_print(line, rec->created, page->format);
		fputs(", suite ", line);
		quote_print(line, rec->suite, page->format);
		fputs(", kernel ", line);
		quote_print(line, rec->host.kernel, page->format);
		fputs(", ", line);
		quote_print(line, rec->host.cpu, page->format);
		page_fact(page, "run");
		if (rec->partial) {
			fputs("the run was stopped before its plan was done", page_line(page));
			page_fact(page, "PARTIAL");
		}
		for (size_t i = 0; i < rec->n_degraded; i++) {
			quote_part(page_line(page), rec->degraded[i], page->format);
			page_fact(page, "DEGRADED");
		}
	}
	quote_part(page_line(page), v->trigger, page->format);
	page_fact(page, "trigger");
	if (v->aa_p99_off > 0) {
		fprintf(page_line(page),
			"the p99 of two arms with nothing attached differs by %.0f ns: every p99 "
			"interval here is wider "
			"by that",
			v->aa_p99_off);
		page_fact(page, "A/A");
	} else if (!v->aa_measured && count_measured(v)) {
		fputs("not measured: nothing shows that zero is zero here", page_line(page));
		page_fact(page, "A/A");
	}
}

static void heading(struct page *page, const char *text)
{
	fputs(text, page_line(page));
	page_heading(page);
}

/* The one line that is looked for. */
static void put_run(struct page *page, const struct verdicts *v)
{
	FILE *line = page_line(page);
	size_t alike = 0;

	fprintf(line, "%s", verdict_name(v->run));
	if (count_measured(v) == 0) {
		fputs(": no configuration that sends events was measured", line);
	} else {
		fputs(": the best of what was measured: ", line);
		for (size_t i = 0; i < v->n; i++) {
			if (!measured(&v->rows[i]) || v->rows[i].verdict != v->run)
				continue;
			if (alike < 4) {
				fputs(alike ? "; " : "", line);
				matrix_name(line, v->rows[i].cell, page->format);
			}
			alike++;
		}
		if (alike > 4)
			fprintf(line, "; and %zu more", alike - 4);
	}
	page_fact(page, "VERDICT");
}

int matrix_print(const struct verdicts *v, enum render_format format, FILE *out)
{
	const struct record *rec = v->evidence->n_runs ? v->evidence->runs[0].record : NULL;
	struct page page;
	int err = page_open(&page, rec, format, out);

	if (err)
		return err;
	heading(&page, "Verdict");
	put_run(&page, v);
	put_conditions(&page, v);
	matrix_budget(&page, v);
	heading(&page, "Decision matrix");
	err = matrix_table(&page, v);
	if (!err && count_measured(v)) {
		heading(&page, "What would settle what is open");
		matrix_settle(&page, v);
		heading(&page, "Budget check");
		err = matrix_check(&page, v);
	}
	if (!err && count_measured(v) < v->n) {
		heading(&page, "Not measured on this machine");
		err = matrix_unmeasured(&page, v);
	}
	page_close(&page);
	return err;
}
