/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/judge/agree.h"
#include "reports/show/verdict/diff_print.h"
#include "reports/show/figure.h"
#include "reports/show/verdict/matrix.h"
#include "reports/document/report_parts.h"
#include "reports/show/verdict/verdict_words.h"

#define CLAIM_PROBE_NS	  500.0
#define CLAIM_CPU_PERCENT 1.0

static const char *cost(struct report *r, const struct record_result *result)
{
	return page_effect(&r->page, result->overhead.typical, result->unit, FIGURE_PLUS_MINUS);
}

static int put_verdict(struct report *r)
{
	const struct verdicts *v = &r->v;
	struct agreement agreement;
	int err = agree_record_set(r->e, &agreement);
	FILE *line;

	if (err)
		return err;
	line = page_line(&r->page);
	fputs("**Verdict: ", line);
	verdict_say(line, v, RENDER_MARKDOWN);
	fputs(".** It holds for this machine, kernel and load, and for nothing else.", line);
	page_note(&r->page);
	line = page_line(&r->page);
	fputs("**Runs disagree: ", line);
	if (agree_say(line, &agreement, RENDER_MARKDOWN)) {
		fputs(".**", line);
		page_note(&r->page);
	}
	agree_free(&agreement);
	line = page_line(&r->page);
	fputs("Other configurations: ", line);
	if (verdict_say_changes(line, v, RENDER_MARKDOWN)) {
		fputs(".", line);
		page_note(&r->page);
	}
	return 0;
}

/* A bullet; the line holds it. */
static void bullet(struct report *r)
{
	fputc('\0', r->page.line);
	fflush(r->page.line);
	fprintf(r->page.out, "- %s\n", r->page.text);
}

static void put_dispatch(struct report *r)
{
	const struct record_result *cited[16];
	FILE *line = page_line(&r->page);
	size_t n = 0;

	for (size_t i = 0; i < r->n_configs && n < 16; i++) {
		if (strcmp(r->configs[i]->body, "empty") != 0)
			continue;
		fprintf(line, "%s%s %s %s",
			n ? ", "
			  : "An attached program that does nothing adds to the typical call: ",
			page_quote(&r->page, r->configs[i]->hook), cost(r, r->configs[i]),
			unit_name(r->configs[i]->unit));
		cited[n++] = r->configs[i];
	}
	if (n == 0)
		return;
	fputs(".", line);
	report_cite(r, line, cited, n);
	bullet(r);
}

/* The cheapest and the dearest of a wakeup policy, by typical cost. */
static void put_range(struct report *r, const char *wakeup, const char *what)
{
	const struct record_result *least = NULL, *most = NULL;
	FILE *line;

	for (size_t i = 0; i < r->n_configs; i++) {
		const struct record_result *result = r->configs[i];

		if (strcmp(result->wakeup, wakeup) != 0 || isnan(result->overhead.typical.value))
			continue;
		if (!least || result->overhead.typical.value < least->overhead.typical.value)
			least = result;
		if (!most || result->overhead.typical.value > most->overhead.typical.value)
			most = result;
	}
	if (!least || least == most)
		return;
	line = page_line(&r->page);
	fprintf(line, "The complete probe, %s, adds from %s %s (%s) to %s %s (%s).", what,
		cost(r, least), unit_name(least->unit), page_quote(&r->page, least->variant),
		cost(r, most), unit_name(most->unit), page_quote(&r->page, most->variant));
	report_cite(r, line, (const struct record_result *[]){least, most}, 2);
	bullet(r);
}

static const char *against(struct effect e, double claim)
{
	if (isnan(e.lo))
		return "has no interval to hold against it";
	if (e.hi < claim)
		return "is below it";
	return e.lo > claim ? "is above it" : "cannot be told from it";
}

/* The probe under test where it can run, else what stands in for it, named as that. */
static void put_claim(struct report *r)
{
	static const struct {
		const char *hook, *body;
	} probes[] = {{"kprobe", "as_written"}, {"kprobe", "perf"}, {"tracepoint", "perf"}};
	static const char *const wakeups[] = {"caught_up", "idle"};
	const struct record_result *cited[2] = {NULL, NULL};
	const char *hook = NULL;
	FILE *line;

	for (size_t i = 0; i < 3 && !hook; i++)
		for (size_t d = 0; d < 2; d++) {
			cited[d] = report_result(r, probes[i].hook, probes[i].body, wakeups[d]);
			hook = cited[d] ? probes[i].hook : hook;
		}
	if (!hook)
		return;
	line = page_line(&r->page);
	fprintf(line, "Claimed: about %.0f ns a probe. ", CLAIM_PROBE_NS);
	if (strcmp(hook, "kprobe") != 0)
		fprintf(line,
			"The probe under test, a kprobe, was not measured here; %s stands in its "
			"place. ",
			hook);
	for (size_t d = 0, told = 0; d < 2; d++) {
		if (!cited[d])
			continue;
		fprintf(line, "%s %s, perf buffer %s, %s %s %s", told++ ? "; with" : "With", hook,
			d ? "and nobody woken" : "at its default (each event wakes the reader)",
			cost(r, cited[d]), unit_name(cited[d]->unit),
			against(cited[d]->overhead.typical, CLAIM_PROBE_NS));
	}
	fputs(".", line);
	report_cite(r, line, cited, 2);
	bullet(r);
}

static void put_cpu_claim(struct report *r)
{
	size_t below = 0, above = 0, open = 0, parts = 0;
	FILE *line;

	for (size_t i = 0; i < r->v.n; i++) {
		const struct judgement *j = &r->v.rows[i].by[CRITERION_CPU];

		if (r->v.rows[i].result->status != RESULT_MEASURED)
			continue;
		parts += j->part;
		if (!j->part && j->measured.hi < CLAIM_CPU_PERCENT)
			below++;
		else if (j->measured.lo > CLAIM_CPU_PERCENT)
			above++;
		else
			open++;
	}
	if (below + above + open == 0)
		return;
	line = page_line(&r->page);
	fprintf(line,
		"Claimed: under %g %% system overhead. At %.0f events/s, in %% of one CPU: %zu "
		"configurations are surely below, %zu surely above, %zu undecided",
		CLAIM_CPU_PERCENT, r->v.budget.rate, below, above, open);
	if (parts)
		fprintf(line,
			" (of %zu a part was not measured: producer, reader or other syscalls)",
			parts);
	fputs(". The rows are those of the decision matrix.", line);
	bullet(r);
}

static void put_unmeasured(struct report *r)
{
	const char *told[16];
	size_t n = 0, counted = 0;
	FILE *line = page_line(&r->page);

	for (size_t i = 0; i < r->v.n; i++) {
		const struct configuration *c = &r->v.rows[i];
		bool seen = false;

		if (c->result->status == RESULT_MEASURED)
			continue;
		counted += !isnan(c->instructions);
		for (size_t k = 0; k < n; k++)
			seen |= strcmp(told[k], c->result->hook) == 0;
		if (!seen && n < 16)
			told[n++] = c->result->hook;
	}
	if (n == 0)
		return;
	for (size_t k = 0; k < n; k++)
		fprintf(line, "%s%s", k ? ", " : "", page_quote(&r->page, told[k]));
	fputs(" could not be measured on this machine: INCONCLUSIVE, with the reasons in the "
	      "section on probe types",
	      line);
	if (counted)
		fprintf(line,
			", and exact instruction counts for %zu of these configurations, which are "
			"no statement about time",
			counted);
	fputs(".", line);
	bullet(r);
}

static void put_trust(struct report *r)
{
	FILE *line = page_line(&r->page);

	if (r->rec->n_warnings) {
		fprintf(line,
			"The run has %zu warning%s (Appendix): the intervals cover scatter, not a "
			"bias that lasted the whole run.",
			r->rec->n_warnings, r->rec->n_warnings == 1 ? "" : "s");
		bullet(r);
	}
	if (r->rec->partial) {
		fputs("The run was stopped before its plan was done.", page_line(&r->page));
		bullet(r);
	}
}

/* A bullet for each hook on the way of all syscalls, whether its price was measured or not. */
static void put_others(struct report *r)
{
	for (size_t i = 0; i < r->v.n; i++)
		if (verdict_first_of_hook(&r->v, i)) {
			verdict_say_others(page_line(&r->page), &r->v, &r->v.rows[i],
					   RENDER_MARKDOWN);
			fputs(".", r->page.line);
			bullet(r);
		}
}

int report_summary(struct report *r)
{
	int err;

	report_section(r, "Summary");
	err = put_verdict(r);
	if (err)
		return err;
	report_data_summary(r);
	fputc('\n', r->page.out);
	put_others(r);
	put_dispatch(r);
	put_range(r, "idle", "when an event wakes nobody");
	put_range(r, "caught_up", "when each event wakes the reader");
	put_claim(r);
	put_cpu_claim(r);
	put_unmeasured(r);
	put_trust(r);
	report_heading(r, "Decision matrix");
	matrix_budget(&r->page, &r->v);
	page_gap(&r->page);
	err = matrix_table(&r->page, &r->v);
	if (err)
		return err;
	report_text(r,
		    "Median and p99 shift: differences of quantiles. The cost's p99 lies between "
		    "two bounds, however the cost depends on the call; the shift of p99s is no "
		    "bound. CPU: producer, reader and what other syscalls pay (its own column), %% "
		    "of one CPU; &ge;: a part was not measured. \"-\": not measured; a loss of 0 "
		    "is shown only where the events filled the buffer ten times in ten seconds.");
	report_heading(r, "Budget check");
	return matrix_check(&r->page, &r->v);
}
