/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recommendations, in the order in which they are to be done: first what makes the decision, then
 * the design, then where it holds. Each is a rule over the records that says nothing where its data
 * are missing. None speaks against another: all of them lead to the configuration that the first
 * page calls the best alternative (or to the design as it is, where that passes), and a rule that
 * leads elsewhere keeps silent. A difference counts only where the two intervals do not touch.
 */
#include <math.h>
#include <string.h>

#include "reports/document/report_draft.h"
#include "reports/document/report_words.h"
#include "reports/record/wakeup_name.h"
#include "reports/show/costs/data_table.h"
#include "reports/show/escape.h"
#include "reports/show/figure.h"

/* ---- the data ---- */

static void advise_data(struct report *r)
{
	const struct record *from;
	const struct record_result *wrong = report_wrong_data(r, &from);
	struct draft d;

	if (!wrong || !draft_open(r, &d))
		return;
	fputs("Mend what the probe reports.", d.title);
	fputs("The code as written does not report the length, by a test with known calls.",
	      d.text);
	if (r->best && strcmp(data_of_hook(r->rec, r->best->result->hook), "right") == 0) {
		fputs(" The corrected program on ", d.text);
		escape_part(d.text, r->best->result->hook, RENDER_MARKDOWN);
		fputs(" passes that test here.", d.text);
		draft_cite(r, &d, r->best->result);
	}
	fputs("Holds for the code as written, whatever it costs.", d.when);
	draft_cite(r, &d, wrong);
	if (from == r->rec)
		words_command(d.command, wrong, " --seconds 10");
	else
		fputs("`bpftoll lab --variant 'kprobe_*'`", d.command);
	draft_close(&d);
}

/* ---- the decision ---- */

static void advise_measuring(struct report *r)
{
	const struct record_result *result = r->v.under_test ? r->v.under_test->result : NULL;
	struct draft d;

	if (draft_measured(r->v.under_test) || !draft_open(r, &d))
		return;
	fputs(result ? "Measure the probe as designed on a kernel that can run it."
		     : "Measure the probe as designed.",
	      d.title);
	if (result) {
		fputs("It is undecided because this kernel could not: ", d.text);
		escape_part(d.text, result->reason ? result->reason : "no reason was kept",
			    RENDER_MARKDOWN);
		fputs(".", d.text);
		draft_cite(r, &d, result);
	} else {
		fputs("It is in none of these records.", d.text);
	}
	fputs("Holds if the design is to stay as it is.", d.when);
	fprintf(d.command, "`bpftoll run --variant %s --wakeup-policy %s`", r->v.under_test_variant,
		wakeup_name(VERDICT_UNDER_TEST_WAKEUP).text);
	draft_close(&d);
}

/* "p99 367 to 800 ns, CPU 2.7 ±0.3 %, lost below 0.003 %" */
static void put_figures(FILE *out, const struct configuration *c)
{
	fputs("p99 ", out);
	words_p99(out, c->by[CRITERION_P99].measured);
	fputs(", CPU ", out);
	words_cpu(out, c);
	fputs(", lost ", out);
	words_loss(out, c);
}

static void cite_criteria(struct draft *d, const struct configuration *c)
{
	for (size_t k = 0; k < CRITERIA; k++) {
		bool told = !c->by[k].rests[0];

		for (size_t i = 0; i < k; i++)
			told |= strcmp(c->by[i].rests, c->by[k].rests) == 0;
		if (told)
			continue;
		fputs(ftell(d->evidence) > 0 ? ", " : "", d->evidence);
		words_code(d->evidence, c->by[k].rests);
	}
}

static void put_rate_condition(const struct report *r, FILE *out)
{
	fputs("Holds on this machine, up to ", out);
	figure_whole(out, r->v.budget.rate);
	fputs(" events a second.", out);
}

static void advise_design(struct report *r)
{
	const struct verdicts *v = &r->v;
	const struct configuration *c = v->run == VERDICT_GREEN ? v->under_test : v->change;
	struct draft d;

	if (v->run == VERDICT_GREEN) {
		if (!draft_open(r, &d))
			return;
		fputs("Proceed with the probe as designed.", d.title);
	} else if (v->change) {
		if (!draft_open(r, &d))
			return;
		/* beside measuring the design, it is another way */
		fputs(v->run == VERDICT_INCONCLUSIVE ? "Or change the design to "
						     : "Change the design to ",
		      d.title);
		words_name(d.title, c->result);
		fputs(".", d.title);
	} else {
		return;
	}
	fputs(c->verdict == VERDICT_GREEN ? "It meets all three limits: "
					  : "It is surely not RED: ",
	      d.text);
	put_figures(d.text, c);
	fputs(".", d.text);
	if (c->verdict != VERDICT_GREEN)
		fprintf(d.text, " It is not GREEN for its %s.", criterion_name(c->decided));
	put_rate_condition(r, d.when);
	cite_criteria(&d, c);
	words_command(d.command, c->result, "");
	draft_close(&d);
}

static void advise_redesign(struct report *r)
{
	struct draft d;

	if (r->v.run != VERDICT_RED || !draft_open(r, &d))
		return;
	fputs("Redesign: nothing that was measured passes.", d.title);
	fprintf(d.text, "The probe as designed is RED for its %s: ",
		criterion_name(r->v.under_test->decided));
	put_figures(d.text, r->v.under_test);
	fputs(".", d.text);
	put_rate_condition(r, d.when);
	cite_criteria(&d, r->v.under_test);
	draft_close(&d);
}

/* The command within what would settle a criterion. */
static const char *command_of(const char *settle)
{
	const char *at = settle, *last = NULL;

	while ((at = strstr(at, "bpftoll "))) {
		last = at;
		at++;
	}
	return last;
}

/* One command settles CPU and loss; the p99's has its number of rounds. */
static void put_settling(struct report *r, struct draft *d, const struct configuration *c)
{
	const char *p99 = command_of(c->by[CRITERION_P99].settle);
	bool events = c->by[CRITERION_CPU].verdict == VERDICT_INCONCLUSIVE ||
		      c->by[CRITERION_LOSS].verdict == VERDICT_INCONCLUSIVE;
	char more[64];

	if (c->by[CRITERION_P99].verdict == VERDICT_INCONCLUSIVE && p99)
		words_code(d->command, p99);
	if (!events)
		return;
	fputs(ftell(d->command) > 0 ? " " : "", d->command);
	snprintf(more, sizeof(more), " --suite events --rate %.0f", r->v.budget.rate);
	words_command(d->command, c->result, more);
}

/* What is open of one configuration; the probe as designed where it was measured, and the best. */
static void advise_settling(struct report *r, const struct configuration *c, const char *what)
{
	size_t open = 0;
	struct draft d;

	for (size_t k = 0; draft_measured(c) && k < CRITERIA; k++)
		open += c->by[k].verdict == VERDICT_INCONCLUSIVE;
	if (!open || c->verdict != VERDICT_INCONCLUSIVE || !draft_open(r, &d))
		return;
	fprintf(d.title, "Settle what is open of %s.", what);
	fputs("It is ", d.text);
	words_name(d.text, c->result);
	fputs(". ", d.text);
	for (size_t k = 0, told = 0; k < CRITERIA; k++) {
		if (c->by[k].verdict != VERDICT_INCONCLUSIVE)
			continue;
		fprintf(d.text, "%s%s",
			told++ ? ", " : "Open: ", criterion_name((enum criterion)k));
	}
	fputs(". Measured: ", d.text);
	put_figures(d.text, c);
	fputs(".", d.text);
	put_rate_condition(r, d.when);
	cite_criteria(&d, c);
	put_settling(r, &d, c);
	draft_close(&d);
}

void report_advise(struct report *r)
{
	advise_data(r);
	advise_measuring(r);
	advise_design(r);
	advise_redesign(r);
	if (r->v.run != VERDICT_GREEN) {
		advise_settling(r, r->v.under_test, "the probe as designed");
		if (!r->v.change)
			advise_settling(r, r->best, "the best alternative");
	}
	advise_parts(r);
	advise_where(r);
}

int report_advice(struct report *r)
{
	report_section(r, "Recommendations");
	if (r->n_advice == 0) {
		report_text(r, "No rule found its data in these records.");
		return 0;
	}
	report_text(r, "In the order in which they are to be done. Each follows from a rule over "
		       "the records. A rule without data says nothing. A difference counts only "
		       "where two intervals do not touch.");
	for (size_t i = 0; i < r->n_advice; i++) {
		const struct advice *a = &r->advice[i];

		fprintf(r->page.out, "\n%zu. **%s** %s", i + 1, a->title, a->text);
		if (*a->evidence)
			fprintf(r->page.out, "[^%zu]", i + 1);
		fprintf(r->page.out, "\n\n    *Condition:* %s", a->when);
		fprintf(r->page.out, *a->command ? " *Command:* %s\n" : "%s\n", a->command);
	}
	fputc('\n', r->page.out);
	for (size_t i = 0; i < r->n_advice; i++)
		if (*r->advice[i].evidence)
			fprintf(r->page.out, "[^%zu]: Evidence: %s.\n", i + 1,
				r->advice[i].evidence);
	return 0;
}
