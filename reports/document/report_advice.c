/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recommendations: each is a rule over the record. A rule that finds no record set says nothing;
 * one that fires names the results. A difference counts only where the two intervals do not touch.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/judge/loss.h"
#include "reports/show/figure.h"
#include "reports/stats/breakpoint_family.h"
#include "reports/show/verdict/matrix.h"
#include "reports/show/escape.h"
#include "reports/record/record_rows.h"
#include "reports/document/report_parts.h"
#include "reports/show/verdict/verdict_words.h"

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

static void put_cost(FILE *line, const struct record_result *result)
{
	escape_part(line, result->variant, RENDER_MARKDOWN);
	fputs(" ", line);
	figure_effect(line, result->overhead.typical, result->unit, FIGURE_PLUS_MINUS);
	fprintf(line, " %s", unit_name(result->unit));
}

static bool surely_below(const struct record_result *a, const struct record_result *b)
{
	return a && b && a->overhead.typical.hi < b->overhead.typical.lo;
}

/* What the verdict rests on: the probe under test where it passes, else the cheapest change that
 * does. */
static void advise_configuration(struct advisor *a)
{
	const struct verdicts *v = &a->r->v;
	bool unchanged = v->under_test && v->under_test->verdict == VERDICT_GREEN;
	const struct configuration *c = unchanged ? v->under_test : v->change;
	FILE *line;

	if (!c)
		return;
	line = begin(a,
		     unchanged ? "Proceed with the probe as it is." : "Change the probe to this.");
	verdict_say_name(line, c->result, RENDER_MARKDOWN);
	if (c->verdict == VERDICT_YELLOW)
		fprintf(line, ": YELLOW for its %s", criterion_name(c->decided));
	else
		fputs(": within all three criteria", line);
	if (!unchanged)
		fputs(", the cheapest of those that pass", line);
	fputs(".", line);
	for (size_t k = 0; k < CRITERIA; k++) {
		fputs(k ? "; " : " \\[", line);
		escape_part(line, c->by[k].rests, RENDER_MARKDOWN);
	}
	fputs("\\]", line);
	if (other_syscalls_pay(c->result->hook)) {
		fputs(" But ", line);
		verdict_say_others(line, v, c, RENDER_MARKDOWN);
		fputs(".", line);
	}
	page_note(&a->r->page);
}

static void advise_wakeup(struct advisor *a)
{
	const struct record_result *cited[8];
	size_t n = 0;
	FILE *line = NULL;

	for (size_t i = 0; i < a->r->n_configs && n < 8; i++) {
		const struct record_result *woken = a->r->configs[i], *idle;

		if (strcmp(woken->wakeup, "caught_up") != 0)
			continue;
		idle = report_result(a->r, woken->hook, woken->body, "idle");
		if (!surely_below(idle, woken))
			continue;
		if (n == 0)
			line = begin(a, "Do not wake the reader for each event.");
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
	const struct record_result *cited[8];
	size_t ring = 0, perf = 0, open = 0, n = 0;
	FILE *line;

	for (size_t i = 0; i < a->r->n_configs; i++) {
		const struct record_result *p = a->r->configs[i], *q;

		if (strcmp(p->body, "perf") != 0)
			continue;
		q = report_result(a->r, p->hook, "ringbuf", p->wakeup);
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
		"It is surely cheaper than the other in %zu of %zu pairs (same hook and wakeup "
		"policy) and surely dearer in none; in %zu the intervals overlap.",
		ring + perf, ring + perf + open, open);
	report_cite(a->r, line, cited, n);
	page_note(&a->r->page);
}

/* A cheaper hook, and what it costs everybody else. */
static void advise_hook(struct advisor *a)
{
	const struct record_result *best = NULL, *dear = NULL;
	FILE *line;

	for (size_t i = 0; i < a->r->n_configs; i++) {
		const struct record_result *result = a->r->configs[i];

		if (strcmp(result->body, "empty") != 0)
			continue;
		if (!best || result->overhead.typical.value < best->overhead.typical.value)
			best = result;
		if (strcmp(result->hook, "kprobe") == 0 ||
		    (strcmp(result->hook, "tracepoint") == 0 && !dear))
			dear = result;
	}
	if (!surely_below(best, dear))
		return;
	line = begin(a, "Another hook is cheaper for the calls that it watches.");
	escape_part(line, best->hook, RENDER_MARKDOWN);
	fputs(" instead of ", line);
	escape_part(line, dear->hook, RENDER_MARKDOWN);
	fputs(": empty programs cost ", line);
	put_cost(line, best);
	fputs(" and ", line);
	put_cost(line, dear);
	fputs(".", line);
	report_cite(a->r, line, (const struct record_result *[]){best, dear}, 2);
	if (other_syscalls_pay(best->hook)) {
		struct configuration c = {
			.result = best,
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

		if (c->result->status != RESULT_MEASURED || !(c->budget_ns.lo > 0))
			continue;
		if (told == 0) {
			line = begin(a, "Rate thresholds from the price alone.");
			fprintf(line,
				"The producer's mean cost fills %g %% of one CPU at this many "
				"events/s, reader and other syscalls not counted: ",
				b->cpu_percent.green);
		}
		fputs(told++ ? "; " : "", line);
		verdict_say_name(line, c->result, RENDER_MARKDOWN);
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
					 : loss_share(p->produced - p->received, p->produced).lo;
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
			if (p->status == RESULT_MEASURED && strcmp(p->scenario, "sweep") == 0 &&
			    strcmp(p->wakeup, "none") != 0 && loss_lo(p) > green &&
			    (!first || p->rate_achieved < first->rate_achieved))
				first = p;
		}
	}
	if (!first)
		return;
	line = begin(a, "Fallback under overload.");
	fprintf(line,
		"From %.3g events/s events are lost (%.3g %%, at least %.2g %%): below that rate "
		"switch to sampling, or batch in the kernel, for ",
		first->rate_achieved,
		100 * (double)(first->produced - first->received) / (double)first->produced,
		loss_lo(first));
	escape_part(line, first->variant, RENDER_MARKDOWN);
	fputs(" \\[", line);
	escape_part(line, first->id, RENDER_MARKDOWN);
	fputs("\\].", line);
	page_note(&a->r->page);
}

/* The breakpoints of all records, and which of them stand when all curves of the report are
 * counted. */
struct breakpoints {
	const struct breakpoint **breakpoint;
	bool *stands;
	size_t n, tested, found;
};

static int collect_breakpoints(const struct record_set *e, struct breakpoints *all)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_runs; i++)
		n += e->runs[i].record->n_breakpoints;
	all->breakpoint = (const struct breakpoint **)calloc(n + 1, sizeof(struct breakpoint *));
	all->stands = calloc(n + 1, sizeof(*all->stands));
	if (!all->breakpoint || !all->stands)
		return -ENOMEM;
	for (size_t i = 0; i < e->n_runs; i++)
		for (size_t k = 0; k < e->runs[i].record->n_breakpoints; k++)
			all->breakpoint[all->n++] = &e->runs[i].record->breakpoints[k];
	all->found = breakpoint_family_holm(all->breakpoint, all->n, all->stands, &all->tested);
	return 0;
}

/* The earliest of a quantity, by the lower end of its interval. */
static const struct breakpoint *first_breakpoint(const struct breakpoints *all,
						 const char *quantity)
{
	const struct breakpoint *first = NULL;

	for (size_t i = 0; i < all->n; i++)
		if (all->stands[i] && !isnan(all->breakpoint[i]->rate.lo) &&
		    strcmp(all->breakpoint[i]->quantity, quantity) == 0 &&
		    (!first || all->breakpoint[i]->rate.lo < first->rate.lo))
			first = all->breakpoint[i];
	return first;
}

static void advise_breakpoints(struct advisor *a)
{
	static const char *const quantities[] = {"loss", "overhead", "cpu"};
	struct breakpoints all = {NULL, NULL, 0, 0, 0};
	int err = collect_breakpoints(a->r->e, &all);

	for (size_t q = 0; q < sizeof(quantities) / sizeof(*quantities) && !err; q++) {
		const struct breakpoint *breakpoint = first_breakpoint(&all, quantities[q]);
		FILE *line;

		if (!breakpoint)
			continue;
		line = begin(a, "Stay below a breakpoint.");
		fprintf(line,
			"Of %zu curves tested %zu bend for the worse; the first of %s does between "
			"%.3g and %.3g events/s \\[",
			all.tested, all.found, quantities[q], breakpoint->rate.lo,
			breakpoint->rate.hi);
		escape_part(line, breakpoint->curve, RENDER_MARKDOWN);
		fputs("\\].", line);
		page_note(&a->r->page);
	}
	free((void *)all.breakpoint);
	free(all.stands);
}

/* A probe whose instructions differ much between kernels. */
static void advise_kernels(struct advisor *a)
{
	const struct record_set *e = a->r->e;
	static const char *const hooks[] = {"kprobe", "tracepoint", "raw_tp", "fentry"};

	for (size_t h = 0; h < sizeof(hooks) / sizeof(*hooks); h++) {
		const struct record *cheap = NULL, *dear = NULL;
		double least = INFINITY, most = 0;
		char id[128];
		FILE *line;

		snprintf(id, sizeof(id), "%s_empty/munmap_einval/-/hot", hooks[h]);
		for (size_t k = 0; k < e->n_labs; k++) {
			const struct record_result *result =
				record_find_result(e->labs[k].record, id);
			double n = result && result->status == RESULT_MEASURED
					   ? result->overhead.p50.value
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
		escape_print(line, cheap->host.kernel, RENDER_MARKDOWN);
		fprintf(line, " and %.0f on ", most);
		escape_print(line, dear->host.kernel, RENDER_MARKDOWN);
		fprintf(line, ": measure again after an upgrade \\[%s, in both lab records\\].",
			id);
		page_note(&a->r->page);
	}
}

static void advise_isolation(struct advisor *a)
{
	const struct record *rec = a->r->rec;
	FILE *line;

	if (rec->n_warnings == 0)
		return;
	line = begin(a, "Measure again on a quieter machine before signing.");
	fprintf(line, "This run has %zu warning%s, the first: ", rec->n_warnings,
		rec->n_warnings == 1 ? "" : "s");
	escape_part(line, rec->warnings[0], RENDER_MARKDOWN);
	fputs(". `bpftoll doctor` says what would help; `--isolate` does what can be done for one "
	      "run.",
	      line);
	page_note(&a->r->page);
}

int report_advice(struct report *r)
{
	struct advisor a = {.r = r};

	report_section(r, "Recommendations");
	report_text(r, "Each follows from a rule over the records; a rule whose data are missing "
		       "is left out. A difference counts only where two intervals do not touch.");
	advise_configuration(&a);
	advise_wakeup(&a);
	advise_buffer(&a);
	advise_hook(&a);
	advise_rate(&a);
	advise_loss(&a);
	advise_breakpoints(&a);
	advise_kernels(&a);
	advise_isolation(&a);
	if (a.fired == 0)
		report_text(r, "No rule found its data in these records.");
	report_heading(r, "What would settle what is open");
	fputc('\n', r->page.out);
	matrix_settle(&r->page, &r->v);
	return 0;
}
