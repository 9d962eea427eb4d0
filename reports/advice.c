/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recommendations: each is a rule over the record. A rule that finds no evidence says nothing; one that fires names the
 * cells. A difference counts only where the two intervals do not touch.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/figure.h"
#include "reports/knee_family.h"
#include "reports/matrix.h"
#include "reports/quote.h"
#include "reports/record_rows.h"
#include "reports/report_parts.h"
#include "reports/verdict_words.h"

#define KERNELS_DIFFER 1.1 /* instructions of the dearest kernel over those of the cheapest */

struct advisor {
	struct report *r;
	size_t fired;
};

static FILE *begin(struct advisor *a, const char *title)
{
	FILE *line = page_line(&a->r->page);

	fprintf(line, "**%zu. %s** ", ++a->fired, title);
	return line;
}

static void put_cost(FILE *line, const struct record_cell *cell)
{
	quote_part(line, cell->variant, RENDER_MARKDOWN);
	fputs(" ", line);
	figure_effect(line, cell->overhead.typical, cell->unit, FIGURE_PLUS_MINUS);
	fprintf(line, " %s", unit_name(cell->unit));
}

static bool surely_below(const struct record_cell *a, const struct record_cell *b)
{
	return a && b && a->overhead.typical.hi < b->overhead.typical.lo;
}

/* What the verdict rests on: the design where it passes, else the cheapest change that does. */
static void advise_configuration(struct advisor *a)
{
	const struct verdicts *v = &a->r->v;
	bool design = v->design && v->design->verdict == VERDICT_GREEN;
	const struct configuration *c = design ? v->design : v->change;
	FILE *line;

	if (!c)
		return;
	line = begin(a, design ? "Proceed with the current design." : "Change the design to this.");
	verdict_say_name(line, c->cell, RENDER_MARKDOWN);
	if (c->verdict == VERDICT_YELLOW)
		fprintf(line, ": YELLOW for its %s", criterion_name(c->decided));
	else
		fputs(": within all three criteria", line);
	if (!design)
		fputs(", the cheapest of those that pass", line);
	fputs(".", line);
	for (size_t k = 0; k < CRITERIA; k++) {
		fputs(k ? "; " : " \\[", line);
		quote_part(line, c->by[k].rests, RENDER_MARKDOWN);
	}
	fputs("\\]", line);
	if (other_syscalls_pay(c->cell->hook)) {
		fputs(" But ", line);
		verdict_say_others(line, v, c, RENDER_MARKDOWN);
		fputs(".", line);
	}
	page_note(&a->r->page);
}

static void advise_drain(struct advisor *a)
{
	const struct record_cell *cited[8];
	size_t n = 0;
	FILE *line = NULL;

	for (size_t i = 0; i < a->r->n_arms && n < 8; i++) {
		const struct record_cell *woken = a->r->arms[i], *idle;

		if (strcmp(woken->drain, "caught_up") != 0)
			continue;
		idle = report_cell(a->r, woken->hook, woken->body, "idle");
		if (!surely_below(idle, woken))
			continue;
		if (n == 0)
			line = begin(a, "Do not wake the consumer for each event.");
		fputs(n ? "; " : " ", line);
		put_cost(line, woken);
		fputs(" when each event wakes it, ", line);
		figure_effect(line, idle->overhead.typical, idle->unit, FIGURE_PLUS_MINUS);
		fputs(" when none does (", line);
		figure_ratio(line, woken->overhead.typical, idle->overhead.typical);
		fputs(")", line);
		cited[n++] = woken;
		cited[n++] = idle;
	}
	if (n == 0)
		return;
	fputs(". Poll by a timer (`BPF_RB_NO_WAKEUP`, a perf watermark), or wake once in many "
	      "events.",
	      line);
	report_cite(a->r, line, cited, n);
	page_note(&a->r->page);
}

/* Ring buffer or perf buffer, if the same one is cheaper wherever they differ. */
static void advise_buffer(struct advisor *a)
{
	const struct record_cell *cited[8];
	size_t ring = 0, perf = 0, open = 0, n = 0;
	FILE *line;

	for (size_t i = 0; i < a->r->n_arms; i++) {
		const struct record_cell *p = a->r->arms[i], *q;

		if (strcmp(p->body, "perf") != 0)
			continue;
		q = report_cell(a->r, p->hook, "ringbuf", p->drain);
		if (!q)
			continue;
		ring += surely_below(q, p);
		perf += surely_below(p, q);
		open += !surely_below(q, p) && !surely_below(p, q);
		if ((surely_below(q, p) || surely_below(p, q)) && n < 8) {
			cited[n++] = p;
			cited[n++] = q;
		}
	}
	if ((ring == 0) == (perf == 0))
		return;
	line = begin(a, ring ? "Send through a ring buffer." : "Send through a perf buffer.");
	fprintf(line,
		"It is surely cheaper than the other in %zu of %zu pairs (same hook and drain "
		"state), "
		"and surely dearer in none; in %zu the intervals overlap.",
		ring + perf, ring + perf + open, open);
	report_cite(a->r, line, cited, n);
	page_note(&a->r->page);
}

/* A cheaper hook, and what it costs everybody else. */
static void advise_hook(struct advisor *a)
{
	const struct record_cell *best = NULL, *dear = NULL;
	FILE *line;

	for (size_t i = 0; i < a->r->n_arms; i++) {
		const struct record_cell *cell = a->r->arms[i];

		if (strcmp(cell->body, "empty") != 0)
			continue;
		if (!best || cell->overhead.typical.value < best->overhead.typical.value)
			best = cell;
		if (strcmp(cell->hook, "kprobe") == 0 ||
		    (strcmp(cell->hook, "tracepoint") == 0 && !dear))
			dear = cell;
	}
	if (!surely_below(best, dear))
		return;
	line = begin(a, "Another hook is cheaper for the calls that it watches.");
	quote_part(line, best->hook, RENDER_MARKDOWN);
	fputs(" instead of ", line);
	quote_part(line, dear->hook, RENDER_MARKDOWN);
	fputs(": empty programs cost ", line);
	put_cost(line, best);
	fputs(" and ", line);
	put_cost(line, dear);
	fputs(".", line);
	report_cite(a->r, line, (const struct record_cell *[]){best, dear}, 2);
	if (other_syscalls_pay(best->hook)) {
		struct configuration c = {
			.cell = best,
			.others_cpu = other_syscalls_cpu(a->r->e, best, &a->r->v.others)};

		fputs(" But ", line);
		verdict_say_others(line, &a->r->v, &c, RENDER_MARKDOWN);
		fputs(".", line);
	}
	page_note(&a->r->page);
}

/* The rate at which the mean price alone fills a share of one CPU. */
static void advise_rate(struct advisor *a)
{
	const struct budget *b = &a->r->v.budget;
	size_t told = 0;
	FILE *line = NULL;

	for (size_t i = 0; i < a->r->v.n; i++) {
		const struct configuration *c = &a->r->v.rows[i];
		double share = b->cpu_percent.green / 100 * 1e9;

		if (c->cell->status != CELL_MEASURED || !(c->budget_ns.lo > 0))
			continue;
		if (told == 0) {
			line = begin(a, "Rate thresholds from the price alone.");
			fprintf(line,
				"The producer's mean cost fills %g %% of one CPU at this many "
				"events/s, reader and other syscalls not counted: ",
				b->cpu_percent.green);
		}
		fputs(told++ ? "; " : "", line);
		verdict_say_name(line, c->cell, RENDER_MARKDOWN);
		fprintf(line, " %.2g to %.2g", share / c->budget_ns.hi, share / c->budget_ns.lo);
	}
	if (told == 0)
		return;
	fputs(". Above it sample, or add up in the kernel (a per-CPU map read by a timer) and send "
	      "sums. \\[mean costs, Budget check\\]",
	      line);
	page_note(&a->r->page);
}

static double loss_lo(const struct event_point *p)
{
	return p->received > p->produced ? NAN
					 : verdict_loss(p->produced - p->received, p->produced).lo;
}

/* From the sweep: the lowest rate that surely loses more than the budget allows. */
static void advise_loss(struct advisor *a)
{
	double green = a->r->v.budget.loss_percent.green;
	const struct event_point *first = NULL;
	FILE *line;

	for (size_t i = 0; i < a->r->e->n_runs; i++) {
		const struct record *rec = a->r->e->runs[i].record;

		for (size_t k = 0; k < rec->n_event_points; k++) {
			const struct event_point *p = &rec->event_points[k];

			/* with the buffer full on purpose all is lost */
			if (p->status == CELL_MEASURED && strcmp(p->scenario, "sweep") == 0 &&
			    strcmp(p->drain, "none") != 0 && loss_lo(p) > green &&
			    (!first || p->rate_achieved < first->rate_achieved))
				first = p;
		}
	}
	if (!first)
		return;
	line = begin(a, "Fallback under overload.");
	fprintf(line,
		"From %.3g events/s events are lost (%.3g %%, at least %.2g %%): below that rate "
		"switch "
		"to sampling, or batch in the kernel, for ",
		first->rate_achieved,
		100 * (double)(first->produced - first->received) / (double)first->produced,
		loss_lo(first));
	quote_part(line, first->variant, RENDER_MARKDOWN);
	fputs(" \\[", line);
	quote_part(line, first->id, RENDER_MARKDOWN);
	fputs("\\].", line);
	page_note(&a->r->page);
}

/* The knees of all records, and which of them stand when all curves of the report are counted. */
struct knees {
	const struct knee **knee;
	bool *stands;
	size_t n, tested, found;
};

static int collect_knees(const struct evidence *e, struct knees *all)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_runs; i++)
		n += e->runs[i].record->n_knees;
	all->knee = (const struct knee **)calloc(n + 1, sizeof(struct knee *));
	all->stands = calloc(n + 1, sizeof(*all->stands));
	if (!all->knee || !all->stands)
		return -ENOMEM;
	for (size_t i = 0; i < e->n_runs; i++)
		for (size_t k = 0; k < e->runs[i].record->n_knees; k++)
			all->knee[all->n++] = &e->runs[i].record->knees[k];
	all->found = knee_family_holm(all->knee, all->n, all->stands, &all->tested);
	return 0;
}

/* The earliest of a quantity, by the lower end of its interval. */
static const struct knee *first_knee(const struct knees *all, const char *quantity)
{
	const struct knee *first = NULL;

	for (size_t i = 0; i < all->n; i++)
		if (all->stands[i] && !isnan(all->knee[i]->rate.lo) &&
		    strcmp(all->knee[i]->quantity, quantity) == 0 &&
		    (!first || all->knee[i]->rate.lo < first->rate.lo))
			first = all->knee[i];
	return first;
}

static void advise_knees(struct advisor *a)
{
	static const char *const quantities[] = {"loss", "overhead", "cpu"};
	struct knees all = {NULL, NULL, 0, 0, 0};
	int err = collect_knees(a->r->e, &all);

	for (size_t q = 0; q < sizeof(quantities) / sizeof(*quantities) && !err; q++) {
		const struct knee *knee = first_knee(&all, quantities[q]);
		FILE *line;

		if (!knee)
			continue;
		line = begin(a, "Stay below a knee.");
		fprintf(line,
			"Of %zu curves tested %zu bend for the worse; the first of %s does between "
			"%.3g and %.3g events/s \\[",
			all.tested, all.found, quantities[q], knee->rate.lo, knee->rate.hi);
		quote_part(line, knee->curve, RENDER_MARKDOWN);
		fputs("\\].", line);
		page_note(&a->r->page);
	}
	free((void *)all.knee);
	free(all.stands);
}

/* A probe whose instructions differ much between kernels. */
static void advise_kernels(struct advisor *a)
{
	const struct evidence *e = a->r->e;
	static const char *const hooks[] = {"kprobe", "tracepoint", "raw_tp", "fentry"};

	for (size_t h = 0; h < sizeof(hooks) / sizeof(*hooks); h++) {
		const struct record *cheap = NULL, *dear = NULL;
		double least = INFINITY, most = 0;
		char id[128];
		FILE *line;

		snprintf(id, sizeof(id), "%s_empty/munmap_einval/-/hot", hooks[h]);
		for (size_t k = 0; k < e->n_labs; k++) {
			const struct record_cell *cell = record_find_cell(e->labs[k].record, id);
			double n = cell && cell->status == CELL_MEASURED ? cell->overhead.p50.value
									 : NAN;

			if (n < least) {
				least = n;
				cheap = e->labs[k].record;
			}
			if (n > most) {
				most = n;
				dear = e->labs[k].record;
			}
		}
		if (!cheap || !dear || !(most > KERNELS_DIFFER * least))
			continue;
		line = begin(a, "The kernel matters.");
		fprintf(line, "An empty %s takes %.0f instructions on ", hooks[h], least);
		quote_print(line, cheap->host.kernel, RENDER_MARKDOWN);
		fprintf(line, " and %.0f on ", most);
		quote_print(line, dear->host.kernel, RENDER_MARKDOWN);
		fprintf(line, ": measure again after an upgrade \\[%s, in both lab records\\].",
			id);
		page_note(&a->r->page);
	}
}

static void advise_isolation(struct advisor *a)
{
	const struct record *rec = a->r->rec;
	FILE *line;

	if (rec->n_degraded == 0)
		return;
	line = begin(a, "Measure again on a quieter machine before signing.");
	fprintf(line, "%zu condition%s degraded this run, the first: ", rec->n_degraded,
		rec->n_degraded == 1 ? "" : "s");
	quote_part(line, rec->degraded[0], RENDER_MARKDOWN);
	fputs(". `bpftoll doctor` says what would mend it, `--isolate` does what it can.", line);
	page_note(&a->r->page);
}

int report_advice(struct report *r)
{
	struct advisor a = {.r = r};

	report_section(r, "Recommendations");
	report_text(
		r,
		"Each follows from a rule over the records; one whose evidence is not there is not "
		"given. A difference counts only where two intervals do not touch.");
	advise_configuration(&a);
	advise_drain(&a);
	advise_buffer(&a);
	advise_hook(&a);
	advise_rate(&a);
	advise_loss(&a);
	advise_knees(&a);
	advise_kernels(&a);
	advise_isolation(&a);
	if (a.fired == 0)
		report_text(r, "No rule found its evidence in these records.");
	report_heading(r, "What would settle what is open");
	fputc('\n', r->page.out);
	matrix_settle(&r->page, &r->v);
	return 0;
}
