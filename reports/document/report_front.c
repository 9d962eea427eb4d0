/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The first page, which is what is signed: question, decision, three rows, three reasons, a
 * picture, the limits, what to do first. A reason has one number; the same figure of a
 * configuration (its typical cost) stands here and in the recommendations.
 */
#include <math.h>
#include <string.h>

#include "reports/document/report_parts.h"
#include "reports/document/report_words.h"
#include "reports/judge/agree.h"
#include "reports/judge/null_test.h"
#include "reports/predict/lean.h"
#include "reports/record/cache_state.h"
#include "reports/show/escape.h"
#include "reports/show/figure.h"

#define ACTIONS 3
#define DAY	10 /* "2026-11-24" */

static bool measured(const struct configuration *c)
{
	return c && c->result->status == RESULT_MEASURED;
}

static size_t count(const struct verdicts *v, enum verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += measured(&v->rows[i]) && v->rows[i].verdict == verdict &&
		     !verdict_is_under_test(v, v->rows[i].result);
	return n;
}

/* "virtual machine (kvm)"; nothing for a machine of its own. */
static void put_host(FILE *line, const struct record_host *host)
{
	fputs("**Host** ", line);
	escape_print(line, host->cpu, RENDER_MARKDOWN);
	fprintf(line, ", %u CPU%s", host->cpus, host->cpus == 1 ? "" : "s");
	if (host->virtualization && strcmp(host->virtualization, "none") != 0 &&
	    *host->virtualization)
		fputs(", virtual machine", line);
	fputs(" · **Kernel** ", line);
	escape_print(line, host->kernel, RENDER_MARKDOWN);
	if (host->arch) {
		fputc(' ', line);
		escape_part(line, host->arch, RENDER_MARKDOWN);
	}
}

static void put_head(struct report *r)
{
	char day[DAY + 1];
	FILE *line;

	fputs("# What a probe on ", r->page.out);
	words_call(r->page.out, r->v.workload);
	fputs(" costs\n", r->page.out);
	line = page_line(&r->page);
	put_host(line, &r->rec->host);
	snprintf(day, sizeof(day), "%s", r->rec->created ? r->rec->created : "unknown");
	fputs(" · **Measured** ", line);
	escape_part(line, day, RENDER_MARKDOWN);
	fputs(" · **bpftoll** ", line);
	escape_part(line, r->rec->version ? r->rec->version : "older than 0.3", RENDER_MARKDOWN);
	page_note(&r->page);
}

static void put_question(struct report *r)
{
	const struct budget *b = &r->v.budget;
	FILE *line = page_line(&r->page);

	fputs("**Question.** Can a probe watch ", line);
	words_call(line, r->v.workload);
	fputs(" at ", line);
	figure_whole(line, b->rate);
	fputs(" events a second within its budget? The budget is a p99 of the cost below ", line);
	fprintf(line, "%g ns, less than %g %% of a CPU, and less than %g %% of the events lost.",
		b->p99_ns.green, b->cpu_percent.green, b->loss_percent.green);
	page_note(&r->page);
}

/* "Of the alternatives, X passes." */
static void put_alternatives(struct report *r, FILE *line)
{
	const struct verdicts *v = &r->v;
	size_t red = count(v, VERDICT_RED), open = count(v, VERDICT_INCONCLUSIVE);

	if (v->change) {
		fputs(" The best alternative is ", line);
		words_name(line, v->change->result);
		if (v->change->verdict == VERDICT_GREEN)
			fputs(": it meets all three limits.", line);
		else
			fprintf(line, ": it is surely not RED, but not GREEN for its %s.",
				criterion_name(v->change->decided));
	} else if (red + open) {
		fprintf(line, " No alternative is shown to pass: %zu %s RED and %zu undecided.",
			red, red == 1 ? "is" : "are", open);
	}
}

static void put_unmeasured(struct report *r, FILE *line)
{
	const struct record_result *result = r->v.under_test ? r->v.under_test->result : NULL;

	if (!result) {
		fputs(" The probe as designed is in none of these records.", line);
		return;
	}
	fprintf(line, " The probe as designed was %s here: ", result_status_name(result->status));
	escape_part(line, result->reason ? result->reason : "no reason was kept", RENDER_MARKDOWN);
	fputs(".", line);
}

/* The prediction as the trail of a verdict that stays what it is. */
static void put_lean(struct report *r, FILE *line)
{
	const struct configuration *c = r->v.under_test, *like;
	struct lean lean;

	if (!c || lean_find(&r->predicted, c->result->variant, &lean))
		return;
	if (*lean.withheld) {
		fputs(" Nothing is predicted for it: ", line);
		escape_part(line, lean.withheld, RENDER_MARKDOWN);
		fputs(".", line);
		return;
	}
	fputs(" Predicted, not measured: *≈ ", line);
	figure_predicted(line, lean.ns.lo, lean.ns.hi);
	fputs(" ns* for the typical call where nobody is woken.", line);
	like = lean_on(&r->v, c, &lean);
	if (!like) {
		fputs(" What verdict that would be is open.", line);
		return;
	}
	fprintf(line,
		" The measured configuration most alike is %s: ", verdict_name(like->verdict));
	words_name(line, like->result);
	fputs(".", line);
}

static void put_decision(struct report *r)
{
	static const char *const decisions[] = {
		[VERDICT_GREEN] = "proceed with the probe as designed",
		[VERDICT_YELLOW] = "proceed with changes",
		[VERDICT_INCONCLUSIVE] = "measure more before deciding",
		[VERDICT_RED] = "redesign",
	};
	const struct verdicts *v = &r->v;
	FILE *line = page_line(&r->page);

	fprintf(line, "**Decision: %s: %s.**", verdict_name(v->run), decisions[v->run]);
	if (!measured(v->under_test)) {
		put_unmeasured(r, line);
		put_lean(r, line);
	} else if (v->under_test->verdict == VERDICT_GREEN)
		fputs(" It meets all three limits.", line);
	else
		fprintf(line, " The probe as designed is %s for its %s.",
			v->under_test->verdict == VERDICT_INCONCLUSIVE
				? "undecided"
				: verdict_name(v->under_test->verdict),
			criterion_name(v->under_test->decided));
	if (v->run != VERDICT_GREEN)
		put_alternatives(r, line);
	page_note(&r->page);
}

static void put_wrong_data(struct report *r)
{
	const struct record *from;
	const struct record_result *result = report_wrong_data(r, &from);
	FILE *line = page_line(&r->page);

	if (!result)
		return;
	fputs("**Wrong data.** The code as written does not report the length, by a test with "
	      "known calls (",
	      line);
	words_record(line, r->e, from);
	fputs("). ", line);
	if (result->data.note) {
		fputs("It found: *", line);
		escape_part(line, result->data.note, RENDER_MARKDOWN);
		fputs("*.", line);
	}
	page_note(&r->page);
}

static void put_row(struct report *r, const char *what, const struct configuration *c)
{
	FILE *out = r->page.out;

	fprintf(out, "| **%s:** ", what);
	if (!c) {
		fputs("none in these records | - | - | - | - |\n", out);
		return;
	}
	words_name(out, c->result);
	if (!measured(c)) {
		fputs(" | not measured | not measured | not measured | INCONCLUSIVE |\n", out);
		return;
	}
	fputs(" | ", out);
	words_p99(out, c->by[CRITERION_P99].measured);
	fputs(" | ", out);
	words_cpu(out, c);
	fputs(" | ", out);
	words_loss(out, c);
	fprintf(out, " | %s", verdict_name(c->verdict));
	if (c->verdict != VERDICT_GREEN)
		fprintf(out, " by its %s", criterion_name(c->decided));
	fputs(" |\n", out);
}

static void put_rows(struct report *r)
{
	FILE *out = r->page.out;

	fputs("\n| configuration | p99 of the cost | CPU at ", out);
	figure_rate(out, r->v.budget.rate);
	fputs("/s | lost | result |\n| --- | ---: | ---: | ---: | --- |\n", out);
	put_row(r, "As designed", r->v.under_test);
	put_row(r, "Best alternative", r->best);
	if (r->best && r->cheapest == r->best)
		fputs("| **Cheapest hook:** the best alternative's own | | | | |\n", out);
	else
		put_row(r, "Cheapest hook", r->cheapest);
}

/* What stands for the probe as designed where it could not be measured: another hook with the same
 * buffer and wakeup policy. */
static const struct record_result *stand_in(const struct report *r)
{
	const struct record_result *result = report_result(r, "tracepoint", "perf", "caught_up");

	return result ? result : report_result(r, NULL, "perf", "caught_up");
}

static void put_why_designed(struct report *r)
{
	bool itself = measured(r->v.under_test);
	const struct record_result *result = itself ? r->v.under_test->result : stand_in(r);
	FILE *line = page_line(&r->page);

	if (!result)
		return;
	if (itself) {
		fputs("As designed, the probe adds ", line);
	} else {
		fputs("What comes nearest to the design, ", line);
		words_name(line, result);
		fputs(", adds ", line);
	}
	words_cost(line, result->overhead.typical, result->unit);
	fputs(" to the typical call.", line);
	report_bullet(r);
}

static void put_why_cpu(struct report *r, const struct configuration *c)
{
	const struct judgement *j = &c->by[CRITERION_CPU];
	FILE *line = page_line(&r->page);

	if (!isnan(j->measured.value) && !j->part) {
		fputs("With its reader it takes ", line);
		words_share(line, j->measured);
		fputs(" of a CPU at the budget's rate.", line);
	} else if (other_syscalls_pay(c->result->hook) && !isnan(c->others_cpu.value)) {
		fputs("Every other syscall of the machine pays for its hook: ", line);
		words_share(line, c->others_cpu);
		fputs(" of a CPU.", line);
	} else {
		fputs("Its CPU was not measured in full.", line);
	}
	report_bullet(r);
}

static void put_why(struct report *r)
{
	FILE *line;

	fputs("\n**Why**\n\n", r->page.out);
	put_why_designed(r);
	if (r->v.run == VERDICT_GREEN)
		put_why_cpu(r, r->v.under_test);
	if (!r->best) {
		fputs("No alternative has costs of calls in these records.", page_line(&r->page));
		report_bullet(r);
		return;
	}
	line = page_line(&r->page);
	fputs("The best alternative, ", line);
	words_name(line, r->best->result);
	fputs(", adds ", line);
	words_cost(line, r->best->result->overhead.typical, r->best->result->unit);
	fputs(".", line);
	report_bullet(r);
	if (r->v.run != VERDICT_GREEN)
		put_why_cpu(r, r->best);
}

static int put_disagreement(struct report *r)
{
	struct agreement agreement;
	int err = agree_record_set(r->e, &agreement);
	FILE *line = page_line(&r->page);

	if (err)
		return err;
	if (agreement.n_apart) {
		fprintf(line,
			"The records disagree on %zu of the %zu results that several have, beyond "
			"their intervals. Each figure here is of one record.",
			agreement.n_apart, agreement.results);
		report_bullet(r);
	}
	agree_free(&agreement);
	return 0;
}

static void put_null_tests(struct report *r)
{
	size_t fails = 0;

	for (size_t i = 0; i < r->rec->n_results; i++) {
		const struct record_result *result = r->rec->results[i];
		struct null_test test;

		fails += null_test_is_one(result) && !null_test_of(r->rec, result, &test) &&
			 test.verdict == NULL_FAILS;
	}
	if (!fails)
		return;
	fprintf(page_line(&r->page),
		"%zu null test%s: differences of those syscalls are not to be trusted.", fails,
		fails == 1 ? " fails" : "s fail");
	report_bullet(r);
}

static int put_limits(struct report *r)
{
	size_t warnings = 0;
	bool partial = false;
	FILE *line;
	int err;

	fputs("\n**What this is no evidence for**\n\n", r->page.out);
	line = page_line(&r->page);
	fputs("Any other kernel, CPU or load", line);
	if (!r->rec->host.pmu)
		fputs("; nor what the CPU's counters would say: there were none", line);
	fputs(".", line);
	report_bullet(r);
	for (size_t i = 0; i < r->e->n_runs; i++) {
		warnings += r->e->runs[i].record->n_warnings;
		partial |= r->e->runs[i].record->partial;
	}
	if (warnings) {
		fprintf(page_line(&r->page),
			"A bias that lasted a whole run: intervals cover scatter alone, and the "
			"records carry %zu warning%s (Appendix).",
			warnings, warnings == 1 ? "" : "s");
		report_bullet(r);
	}
	if (r->v.others.source == OTHER_ASSUMED && r->best &&
	    other_syscalls_pay(r->best->result->hook)) {
		line = page_line(&r->page);
		fputs("A machine with another load of syscalls: ", line);
		figure_whole(line, r->v.others.rate);
		fputs(" a second are assumed.", line);
		report_bullet(r);
	}
	if (partial) {
		fputs("What was planned but not measured: a run was stopped before its end.",
		      page_line(&r->page));
		report_bullet(r);
	}
	put_null_tests(r);
	err = put_disagreement(r);
	return err;
}

static void put_actions(struct report *r)
{
	fputs("\n**Do first** (all in Recommendations)\n\n", r->page.out);
	for (size_t i = 0; i < r->n_advice && i < ACTIONS; i++) {
		const struct advice *advice = &r->advice[i];
		bool command = advice->command && *advice->command;

		fprintf(r->page.out, "%zu. %s%s%s\n", i + 1, advice->title ? advice->title : "",
			command ? " " : "", command ? advice->command : "");
	}
	if (r->n_advice == 0)
		fputs("1. Measure: these records have nothing that could be judged. `bpftoll "
		      "run`\n",
		      r->page.out);
}

int report_front(struct report *r)
{
	int err;

	report_choose(r);
	report_advise(r);
	put_head(r);
	put_question(r);
	put_decision(r);
	put_wrong_data(r);
	put_rows(r);
	put_why(r);
	picture_hooks(r);
	err = put_limits(r);
	put_actions(r);
	fputs("\n| Measured by | Decided by |\n| --- | --- |\n| &nbsp; | &nbsp; |\n"
	      "| Name, date | Name, date |\n",
	      r->page.out);
	return err;
}

/* ---- what the page is about ---- */

static size_t open_criteria(const struct configuration *c)
{
	size_t n = 0;

	for (size_t k = 0; k < CRITERIA; k++)
		n += c->by[k].verdict != VERDICT_GREEN;
	return n;
}

/* The verdict, then the fewest criteria that are not met, then the typical cost. */
static bool nearer(const struct configuration *a, const struct configuration *b)
{
	if (a->verdict != b->verdict)
		return a->verdict < b->verdict;
	if (open_criteria(a) != open_criteria(b))
		return open_criteria(a) < open_criteria(b);
	return a->result->overhead.typical.value < b->result->overhead.typical.value;
}

static bool is_candidate(const struct verdicts *v, const struct configuration *c)
{
	return measured(c) && !verdict_is_under_test(v, c->result) &&
	       strcmp(c->result->cache, "cold") != 0;
}

void report_choose(struct report *r)
{
	const struct verdicts *v = &r->v;

	r->best = v->change;
	for (size_t i = 0; i < v->n && !v->change; i++)
		if (is_candidate(v, &v->rows[i]) && (!r->best || nearer(&v->rows[i], r->best)))
			r->best = &v->rows[i];
	r->cheapest = r->best;
	for (size_t i = 0; i < v->n && r->best; i++) {
		const struct configuration *c = &v->rows[i];

		if (is_candidate(v, c) && strcmp(c->result->body, r->best->result->body) == 0 &&
		    strcmp(c->result->wakeup, r->best->result->wakeup) == 0 &&
		    strcmp(c->result->cache, r->best->result->cache) == 0 &&
		    c->result->overhead.typical.value < r->cheapest->result->overhead.typical.value)
			r->cheapest = c;
	}
}
