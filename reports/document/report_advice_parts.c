/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recommendations about the design's parts, and about where the conclusions hold. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/document/report_draft.h"
#include "reports/document/report_words.h"
#include "reports/judge/loss.h"
#include "reports/show/escape.h"
#include "reports/show/figure.h"
#include "reports/stats/breakpoint_family.h"
#include "reports/stats/combine.h"

#define KERNELS_DIFFER 1.1 /* instructions of the dearest kernel over those of the cheapest */

static bool surely_below(const struct record_result *a, const struct record_result *b)
{
	return a && b && a->overhead.typical.hi < b->overhead.typical.lo;
}

/* ---- the design's parts: each only where the goal has it ---- */

/* Wherever one hook and program was measured with a wakeup for each event and with none. */
static size_t count_wakeups(const struct report *r, size_t *pairs)
{
	size_t dearer = 0;

	*pairs = 0;
	for (size_t i = 0; i < r->n_configs; i++) {
		const struct record_result *woken = r->configs[i], *idle;

		if (strcmp(woken->wakeup, "caught_up") != 0)
			continue;
		idle = report_result(r, woken->hook, woken->body, "idle");
		*pairs += idle != NULL;
		dearer += surely_below(idle, woken);
	}
	return dearer;
}

static void advise_wakeup(struct report *r)
{
	const struct record_result *result = draft_goal(r) ? draft_goal(r)->result : NULL, *woken;
	size_t pairs, dearer = count_wakeups(r, &pairs);
	struct draft d;

	if (!result || strcmp(result->wakeup, "caught_up") == 0)
		return;
	woken = report_result(r, result->hook, result->body, "caught_up");
	if (!surely_below(result, woken) || !draft_open(r, &d))
		return;
	fputs("Do not wake the reader for each event.", d.title);
	fputs("With ", d.text);
	words_name(d.text, result);
	fputs(", an event costs ", d.text);
	words_cost(d.text, result->overhead.typical, result->unit);
	fputs("; with a wakeup it costs ", d.text);
	words_cost(d.text, woken->overhead.typical, woken->unit);
	fprintf(d.text, ". A wakeup is surely dearer than none in %zu of %zu pairs.", dearer,
		pairs);
	fputs("Holds where events may wait for the reader's next look.", d.when);
	draft_cite(r, &d, result);
	draft_cite(r, &d, woken);
	words_command(d.command, result, "");
	draft_close(&d);
}

/* Ring buffer or perf buffer, if the goal's is cheaper wherever they differ. */
static void advise_buffer(struct report *r)
{
	const struct record_result *result = draft_goal(r) ? draft_goal(r)->result : NULL;
	bool ring = result && strcmp(result->body, "ringbuf") == 0;
	size_t cheaper = 0, dearer = 0, pairs = 0;
	struct draft d;

	if (!result || (!ring && strcmp(result->body, "perf") != 0))
		return;
	for (size_t i = 0; i < r->n_configs; i++) {
		const struct record_result *p = r->configs[i], *q;

		if (strcmp(p->body, result->body) != 0 || strcmp(p->wakeup, "-") == 0)
			continue;
		q = report_result(r, p->hook, ring ? "perf" : "ringbuf", p->wakeup);
		pairs += q != NULL;
		cheaper += surely_below(p, q);
		dearer += surely_below(q, p);
	}
	if (!cheaper || dearer || !draft_open(r, &d))
		return;
	fprintf(d.title, "Send through a %s buffer.", ring ? "ring" : "perf");
	fprintf(d.text,
		"It is surely cheaper in %zu of %zu pairs of one hook and one wakeup policy, and "
		"surely dearer in none.",
		cheaper, pairs);
	fputs("Holds for one producer and this size of events.", d.when);
	draft_cite(r, &d, result);
	fputs(", and all pairs in results.csv", d.evidence);
	fputs("`bpftoll run --variant '*_perf' --variant '*_ringbuf'`", d.command);
	draft_close(&d);
}

/* Watched calls among all from which the saving pays for what the others lose: "1 in 2 to 9". */
static bool break_even(struct effect saved, struct effect lost, double *least, double *most)
{
	if (!(saved.lo > 0) || !(lost.lo > 0))
		return false;
	*least = 1 + saved.lo / lost.hi;
	*most = 1 + saved.hi / lost.lo;
	return true;
}

static void advise_hook(struct report *r)
{
	const struct record_result *have = r->best ? r->best->result : NULL;
	const struct record_result *other = r->cheapest ? r->cheapest->result : NULL;
	const struct record_result *a, *b;
	double least, most;
	struct draft d;

	if (r->v.run == VERDICT_GREEN || !surely_below(other, have))
		return;
	a = other_syscalls_result(r->e, have);
	b = other_syscalls_result(r->e, other);
	if (!a || !b ||
	    !break_even(combine_difference(have->overhead.typical, other->overhead.typical),
			combine_difference(b->overhead.mean, a->overhead.mean), &least, &most) ||
	    !draft_open(r, &d))
		return;
	fputs("Keep ", d.title);
	escape_part(d.title, have->hook, RENDER_MARKDOWN);
	fputs(" as the hook unless ", d.title);
	words_call(d.title, have->workload);
	fputs(" is a large part of all syscalls.", d.title);
	escape_part(d.text, other->hook, RENDER_MARKDOWN);
	fputs(" adds ", d.text);
	words_cost(d.text, other->overhead.typical, other->unit);
	fputs(" to a watched call instead of ", d.text);
	words_cost(d.text, have->overhead.typical, have->unit);
	fputs(". But each other syscall of the machine pays ", d.text);
	words_cost(d.text, b->overhead.mean, b->unit);
	fputs(" instead of ", d.text);
	words_cost(d.text, a->overhead.mean, a->unit);
	fputs(".", d.text);
	fprintf(d.when,
		"Holds while fewer than one syscall in %.1f is watched; from one in %.1f on the "
		"other hook is cheaper.",
		most, least);
	draft_cite(r, &d, other);
	draft_cite(r, &d, have);
	draft_cite(r, &d, b);
	draft_cite(r, &d, a);
	fputs("`bpftoll run --suite apps`", d.command);
	draft_close(&d);
}

/* ---- where it holds ---- */

static void advise_quiet(struct report *r)
{
	struct draft d;

	if (r->rec->n_warnings == 0 || !draft_open(r, &d))
		return;
	fputs("Measure again on a quieter machine before signing.", d.title);
	fprintf(d.text, "%zu warning%s in ", r->rec->n_warnings,
		r->rec->n_warnings == 1 ? " is" : "s are");
	words_record(d.text, r->e, r->rec);
	fputs(". The first: *", d.text);
	escape_part(d.text, r->rec->warnings[0], RENDER_MARKDOWN);
	fputs("*.", d.text);
	fputs("Holds where another machine or `--isolate` can be had.", d.when);
	fputs("the record's warnings, in the Appendix", d.evidence);
	fputs("`bpftoll doctor`", d.command);
	draft_close(&d);
}

/* The rate at which the mean price alone fills the budget's share of one CPU. */
static void advise_rate(struct report *r)
{
	const struct budget *b = &r->v.budget;
	const struct configuration *c = draft_goal(r);
	double share = b->cpu_percent.green / 100 * 1e9;
	struct draft d;

	/* where reader and other syscalls have it spent at the budget's rate, no more is told */
	if (!draft_measured(c) || !(c->budget_ns.lo > 0) ||
	    c->by[CRITERION_CPU].measured.lo > b->cpu_percent.green || !draft_open(r, &d))
		return;
	fputs("Stay below the rate that the budget can pay for.", d.title);
	fprintf(d.text, "The caller's mean cost alone fills %g %% of a CPU at ",
		b->cpu_percent.green);
	figure_rate(d.text, share / c->budget_ns.hi);
	fputs(" to ", d.text);
	figure_rate(d.text, share / c->budget_ns.lo);
	fputs(" events a second, with ", d.text);
	words_name(d.text, c->result);
	fputs(".", d.text);
	fputs("Reader and other syscalls come on top, so the true limit is lower. Sampling and "
	      "sums in the kernel, for higher rates, were not measured.",
	      d.when);
	draft_cite(r, &d, c->result);
	words_command(d.command, c->result, " --suite events");
	draft_close(&d);
}

static double loss_lo(const struct event_point *p)
{
	return p->received > p->produced ? NAN
					 : loss_share(p->produced - p->received, p->produced).lo;
}

static bool is_of(const struct event_point *p, const struct configuration *c)
{
	return c && strcmp(p->variant, c->result->variant) == 0 &&
	       strcmp(p->wakeup, c->result->wakeup) == 0;
}

/* From the sweep of the goal: the lowest rate that surely loses more than the budget allows. */
static void advise_loss(struct report *r)
{
	const struct event_point *first = NULL;
	struct draft d;

	for (size_t i = 0; i < r->e->n_runs; i++) {
		const struct record *rec = r->e->runs[i].record;

		for (size_t k = 0; k < rec->n_event_points; k++) {
			const struct event_point *p = &rec->event_points[k];

			if (p->status == RESULT_MEASURED && strcmp(p->scenario, "sweep") == 0 &&
			    is_of(p, draft_goal(r)) &&
			    loss_lo(p) > r->v.budget.loss_percent.green &&
			    (!first || p->rate_achieved < first->rate_achieved))
				first = p;
		}
	}
	if (!first || !draft_open(r, &d))
		return;
	fputs("Plan for lost events under overload.", d.title);
	fputs("At ", d.text);
	figure_rate(d.text, first->rate_achieved);
	fprintf(d.text, " events a second at least %.2g %% were lost.", loss_lo(first));
	fputs("Holds for this buffer size. Larger buffers, sampling and batches were not compared.",
	      d.when);
	words_code(d.evidence, first->id);
	fputs("`bpftoll run --suite events --scenario buffer`", d.command);
	draft_close(&d);
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

/* The earliest, by the lower end of its interval. */
static const struct breakpoint *first_breakpoint(const struct breakpoints *all)
{
	const struct breakpoint *first = NULL;

	for (size_t i = 0; i < all->n; i++)
		if (all->stands[i] && !isnan(all->breakpoint[i]->rate.lo) &&
		    (!first || all->breakpoint[i]->rate.lo < first->rate.lo))
			first = all->breakpoint[i];
	return first;
}

static void advise_breakpoints(struct report *r)
{
	struct breakpoints all = {NULL, NULL, 0, 0, 0};
	int err = collect_breakpoints(r->e, &all);
	const struct breakpoint *first = err ? NULL : first_breakpoint(&all);
	struct draft d;

	if (first && draft_open(r, &d)) {
		fputs("Stay below the first breakpoint.", d.title);
		fprintf(d.text, "Of %zu curves tested, %zu bend%s for the worse. The first, of ",
			all.tested, all.found, all.found == 1 ? "s" : "");
		escape_part(d.text, first->quantity, RENDER_MARKDOWN);
		fputs(", does between ", d.text);
		figure_rate(d.text, first->rate.lo);
		fputs(" and ", d.text);
		figure_rate(d.text, first->rate.hi);
		fputs(" events a second.", d.text);
		fputs("Holds for the configuration of that curve.", d.when);
		words_code(d.evidence, first->curve);
		draft_close(&d);
	}
	free((void *)all.breakpoint);
	free(all.stands);
}

/* The lab records with the fewest and the most instructions of an empty program on that hook. */
static bool kernels_apart(const struct report *r, const char *hook, size_t *cheap, size_t *dear,
			  double *least, double *most)
{
	char id[128];

	*least = INFINITY;
	*most = 0;
	snprintf(id, sizeof(id), "%s_empty/munmap_einval/-/hot", hook);
	for (size_t k = 0; k < r->e->n_labs; k++) {
		const struct record_result *result = record_find_result(r->e->labs[k].record, id);
		double n = result && result->status == RESULT_MEASURED ? result->overhead.p50.value
								       : NAN;

		if (!record_set_lab_fits(r->e, k))
			continue;
		if (n < *least) {
			*least = n;
			*cheap = k;
		}
		if (n > *most) {
			*most = n;
			*dear = k;
		}
	}
	return *most > KERNELS_DIFFER * *least;
}

static void advise_kernels(struct report *r)
{
	static const char *const hooks[] = {"kprobe", "tracepoint", "raw_tp", "fentry"};
	size_t told = 0, cheap = 0, dear = 0;
	double least, most;
	struct draft d;

	for (size_t h = 0; h < sizeof(hooks) / sizeof(*hooks); h++) {
		if (!kernels_apart(r, hooks[h], &cheap, &dear, &least, &most))
			continue;
		if (!told && !draft_open(r, &d))
			return;
		if (told++ == 0)
			fputs("Measure again after an upgrade of the kernel.", d.title);
		fprintf(d.text, "%sAn empty %s takes %.0f instructions on kernel ",
			told > 1 ? " " : "", hooks[h], least);
		escape_print(d.text, r->e->labs[cheap].record->host.kernel, RENDER_MARKDOWN);
		fprintf(d.text, " and %.0f on ", most);
		escape_print(d.text, r->e->labs[dear].record->host.kernel, RENDER_MARKDOWN);
		fputs(".", d.text);
		fprintf(d.evidence, "%s`%s_empty/munmap_einval/-/hot` (lab records L%zu and L%zu)",
			told > 1 ? ", " : "", hooks[h], cheap + 1, dear + 1);
	}
	if (!told)
		return;
	fputs("Counts of instructions are no statement about time.", d.when);
	fputs("`bpftoll lab`", d.command);
	draft_close(&d);
}

void advise_parts(struct report *r)
{
	advise_wakeup(r);
	advise_buffer(r);
	advise_hook(r);
}

void advise_where(struct report *r)
{
	advise_quiet(r);
	advise_rate(r);
	advise_loss(r);
	advise_breakpoints(r);
	advise_kernels(r);
}
