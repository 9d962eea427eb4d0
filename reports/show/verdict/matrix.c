/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/show/figure.h"
#include "reports/show/verdict/matrix.h"
#include "reports/show/escape.h"
#include "reports/show/listing.h"
#include "reports/show/verdict/verdict_words.h"

static bool measured(const struct configuration *c)
{
	return c->result->status == RESULT_MEASURED;
}

/* A percentage that a threshold of this size is held against. */
static void put_cpu(FILE *out, const struct entry *e)
{
	const struct judgement *j = &((const struct configuration *)e->row)->by[CRITERION_CPU];

	if (isnan(j->measured.value)) {
		fputc('-', out);
		return;
	}
	if (j->part)
		fputs(">= ", out);
	figure_effect(out, j->measured, UNIT_NS, FIGURE_PLUS_MINUS);
}

/* A share has no sign, and its interval is lopsided at zero. */
static void put_loss(FILE *out, const struct entry *e)
{
	const struct effect loss = *(const struct effect *)entry_member(e);

	if (isnan(loss.value))
		fputc('-', out);
	else if (!(loss.value > 0))
		fprintf(out, "0 (%s %.2g)", entry_format(e) == RENDER_MARKDOWN ? "&lt;" : "<",
			loss.hi);
	else
		fprintf(out, "%.3g (%.2g..%.2g)", loss.value, loss.lo, loss.hi);
}

/* What lies between the bounds, whole ns: "+410..+880", "<= +880", ">= +3100". */
static void put_p99(FILE *out, const struct entry *entry)
{
	const struct effect e = *(const struct effect *)entry_member(entry);
	bool markdown = entry_format(entry) == RENDER_MARKDOWN;

	if (!isnan(e.lo) && !isnan(e.hi))
		fprintf(out, "%+.0f..%+.0f", e.lo, e.hi);
	else if (!isnan(e.hi))
		fprintf(out, "%s %+.0f", markdown ? "&le;" : "<=", e.hi);
	else if (!isnan(e.lo))
		fprintf(out, "%s %+.0f", markdown ? "&ge;" : ">=", e.lo);
	else
		fputc('-', out);
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

static void put_verdict(FILE *out, const struct entry *e)
{
	const struct configuration *c = e->row;

	fputs(verdict_name(c->verdict), out);
	if (c->verdict != VERDICT_GREEN)
		fprintf(out, ": %s", criterion_name(c->decided));
}

/* What to do with it, in a word or two; the reasons are in the table itself. */
static const char *recommend(const struct verdicts *v, const struct configuration *c)
{
	bool under_test = verdict_is_under_test(v, c->result);

	switch (c->verdict) {
	case VERDICT_GREEN:
		return under_test ? "proceed" : "passes, as a change";
	case VERDICT_YELLOW:
		return under_test ? "proceed with changes" : "a change that needs more changes";
	case VERDICT_INCONCLUSIVE:
		return "measure more";
	case VERDICT_RED:
		break;
	}
	return strcmp(c->result->wakeup, VERDICT_UNDER_TEST_WAKEUP) == 0
		       ? "redesign: wake the reader less often"
		       : "redesign: sample or batch";
}

static void put_recommendation(FILE *out, const struct entry *e)
{
	fputs(recommend(e->list->with, e->row), out);
}

/* Of the configuration's result: at is the member there. */
static void put_result_text(FILE *out, const struct entry *e)
{
	put_text(out, &(struct entry){((const struct configuration *)e->row)->result, e->column,
				      e->list});
}

static void put_result_wakeup(FILE *out, const struct entry *e)
{
	put_wakeup_of(out, ((const struct configuration *)e->row)->result->wakeup, entry_format(e));
}

static void put_result_effect(FILE *out, const struct entry *e)
{
	put_effect(out, &(struct entry){((const struct configuration *)e->row)->result, e->column,
					e->list});
}

#define RESULT(member)	  offsetof(struct record_result, member)
#define CONFIGURATION(of) offsetof(struct configuration, of)

/* "CPU % at 10 K/s" */
static void rated(char *header, size_t len, const char *what, double rate)
{
	if (rate >= 1000 && !(fmod(rate, 1000) > 0))
		snprintf(header, len, "%s %.0f K/s", what, rate / 1000);
	else
		snprintf(header, len, "%s %.0f/s", what, rate);
}

int matrix_table(struct page *page, const struct verdicts *v)
{
	char cpu[64], loss[64], overload[64];
	const struct column columns[] = {
		{"configuration", put_result_text, RESULT(variant), 0},
		{"wakeup", put_result_wakeup, RESULT(wakeup), 0},
		{"cache", put_result_text, RESULT(cache), COLUMN_VARIES | COLUMN_COLD},
		{"median, ns", put_result_effect, RESULT(overhead.p50), COLUMN_RIGHT},
		{"p99 shift", put_result_effect, RESULT(overhead.p99), COLUMN_RIGHT},
		{"cost's p99, ns", put_p99, CONFIGURATION(by[CRITERION_P99].measured),
		 COLUMN_RIGHT},
		{cpu, put_cpu, 0, COLUMN_RIGHT},
		{"others", put_others, 0, COLUMN_RIGHT},
		{loss, put_loss, CONFIGURATION(by[CRITERION_LOSS].measured), COLUMN_RIGHT},
		{overload, put_loss, CONFIGURATION(overload_loss), COLUMN_RIGHT},
		{"verdict", put_verdict, 0, 0},
		{"recommendation", put_recommendation, 0, 0},
	};
	/* of what a terminal has no room for: the verdict and the lines below say it, or the other
	 * columns */
	static const size_t least_needed[] = {11, 9, 3, 7};
	struct listing l = LISTING(page, columns);

	rated(cpu, sizeof(cpu), "CPU % at", v->budget.rate);
	rated(loss, sizeof(loss), "loss % at", v->budget.rate);
	rated(overload, sizeof(overload), "at", v->budget.overload_rate);
	l.with = v;
	for (size_t i = 0; i < v->n; i++) {
		if (!measured(&v->rows[i]))
			continue;
		if (i && strcmp(v->rows[i].result->hook, v->rows[i - 1].result->hook) != 0)
			listing_gap(&l);
		listing_row(&l, &v->rows[i]);
	}
	listing_fit(&l, least_needed, sizeof(least_needed) / sizeof(*least_needed));
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
	fprintf(line, "; CPU and loss at %s", page_count(page, (uint64_t)b->rate));
	fputs(" events/s. GREEN: the whole interval is below; RED: all of it is above; YELLOW: "
	      "surely not RED; INCONCLUSIVE: the interval reaches over the last threshold, or "
	      "nothing was measured. The cost's p99 lies between two bounds, however the cost "
	      "depends on the call (at most: p99 with the probe less the shortest call without); "
	      "the shift of p99s is no bound. CPU: producer (mean), reader, and what other "
	      "syscalls pay, at ",
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

/* What a tick's cost leaves of the budget of ns. */
struct check_row {
	const char *variant, *wakeup;
	struct effect typical, mean, margin;
};

static void put_check(FILE *out, const struct entry *e)
{
	const struct check_row *row = e->row;

	if (isnan(row->mean.lo))
		fputs("undecided: no interval", out);
	else if (row->margin.lo > 0)
		fputs("pass", out);
	else if (row->margin.hi < 0)
		fputs("FAIL", out);
	else
		fputs("undecided", out);
}

#define CHECK(member) offsetof(struct check_row, member)

int matrix_check(struct page *page, const struct verdicts *v)
{
	static const struct column columns[] = {
		{"configuration", put_text, CHECK(variant), 0},
		{"wakeup", put_wakeup_name, CHECK(wakeup), 0},
		{"typical, ns", put_effect, CHECK(typical), COLUMN_RIGHT},
		{"mean, ns", put_effect, CHECK(mean), COLUMN_RIGHT},
		{"margin, ns", put_effect, CHECK(margin), COLUMN_RIGHT},
		{"check", put_check, 0, 0},
	};
	double tick = 1e9 / v->budget.rate, budget = tick * v->budget.tick_percent / 100;
	struct listing l = LISTING(page, columns);

	if (verdict_measured(v) == 0)
		return 0;
	page_say(page,
		 "%s ticks/s leave %s ns a tick; the budget is %g %% of it, %s ns. Measured: the "
		 "mean, which is what a tick pays, on the producer's side; the margin is what it "
		 "leaves.",
		 page_count(page, (uint64_t)v->budget.rate), page_count(page, (uint64_t)tick),
		 v->budget.tick_percent, page_count(page, (uint64_t)budget));
	page_gap(page);
	for (size_t i = 0; i < v->n; i++) {
		const struct record_result *result = v->rows[i].result;
		struct effect e = v->rows[i].budget_ns;

		if (measured(&v->rows[i]))
			listing_row(&l, &(struct check_row){
						result->variant,
						result->wakeup,
						result->overhead.typical,
						e,
						{budget - e.value, budget - e.hi, budget - e.lo}});
	}
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

int matrix_unmeasured(struct page *page, const struct verdicts *v)
{
	static const struct column columns[] = {
		{"configuration", put_result_text, RESULT(variant), 0},
		{"wakeup", put_result_wakeup, RESULT(wakeup), 0},
		{"instructions", put_instructions, 0, COLUMN_RIGHT},
		{"counted on kernel", put_text, CONFIGURATION(instructions_kernel), 0},
	};
	struct listing l = LISTING(page, columns);
	int err;

	put_reasons(page, v);
	err = verdict_say_predicted(page_line(page), v, v->narrowed ? NULL : v->under_test,
				    page->format);
	if (err == -ENOMEM)
		return err;
	if (!err)
		page_fact(page, "predicted");
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
