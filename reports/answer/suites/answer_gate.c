/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a change to an object make its programs dearer, or break one on a kernel? */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/answer/sentence.h"
#include "reports/judge/gate/gate.h"

static const struct answer_column columns[] = {
	{"program", "program", ANSWER_WORDS, false},
	{"kernel", "kernel", ANSWER_WORDS, false},
	{"before", "before", ANSWER_INSTRUCTIONS, false},
	{"after", "after", ANSWER_INSTRUCTIONS, false},
	{"verified", "verified", ANSWER_WORDS, false},
	{"stack", "stack", ANSWER_WORDS, false},
	{"outcome", "", ANSWER_WORDS, false},
	{"operation", "operation", ANSWER_WORDS, true},
};

static const struct record_result *any(const struct gate_row *row)
{
	return row->a ? row->a : row->b;
}

static void put_count(struct answer *a, double value)
{
	if (isfinite(value))
		answer_number(a, value);
	else
		answer_absent(a, "-");
}

/* "34", "34 to 35", "-" */
static void put_step(struct answer *a, const struct gate_figure *f)
{
	if (isnan(f->before) && isnan(f->after))
		answer_text(a, "-");
	else if (isnan(f->before) || isnan(f->after) || !(fabs(f->after - f->before) > 0))
		answer_text(a, "%.0f", isnan(f->after) ? f->before : f->after);
	else
		answer_text(a, "%.0f to %.0f", f->before, f->after);
	if (f->fails)
		answer_mark(a, ANSWER_BAD);
}

static enum answer_mark mark_of(enum gate_outcome outcome)
{
	return gate_fails(outcome)	  ? ANSWER_BAD
	       : outcome == GATE_LESS	  ? ANSWER_GOOD
	       : outcome == GATE_UNPROVEN ? ANSWER_UNSURE
					  : ANSWER_PLAIN;
}

static void put_row(struct answer *a, const struct gate_row *row)
{
	answer_row(a);
	answer_text(a, "%s", any(row)->variant);
	answer_text(a, "%s", row->kernel);
	put_count(a, row->cost.before);
	put_count(a, row->cost.after);
	if (row->cost.fails)
		answer_mark(a, ANSWER_BAD);
	put_step(a, &row->verified);
	put_step(a, &row->stack);
	answer_text(a, "%s", gate_outcome_words(row->outcome));
	answer_mark(a, mark_of(row->outcome));
	answer_text(a, "%s", any(row)->workload);
}

static size_t count(const struct gate *g, enum gate_outcome outcome)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		n += g->rows[i].outcome == outcome;
	return n;
}

static void decide(struct answer *a, const struct gate *g)
{
	char limit[48];

	snprintf(limit, sizeof(limit), "%g %s", g->limit.above,
		 g->limit.percent      ? "%"
		 : g->limit.above == 1 ? "instruction"
				       : "instructions");
	answer_head(a, "Question", "does a program grow by more than %s, or work on fewer kernels?",
		    limit);
	if (g->failed)
		answer_head(a, "Decision", "FAILS: %zu of %zu results (a program on a kernel)",
			    g->failed, g->n);
	else
		answer_head(a, "Decision", "passes: none of %zu results (a program on a kernel)",
			    g->n);
	answer_mark(a, g->failed ? ANSWER_BAD : ANSWER_GOOD);
}

/* The kernel's words, once for all programs that they are about. */
static void put_reasons(struct answer *a, const struct gate *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct gate_row *row = &g->rows[i];
		bool before = false;

		if (!row->reason)
			continue;
		for (size_t k = 0; k < i && !before; k++)
			before = g->rows[k].reason && !strcmp(g->rows[k].reason, row->reason);
		if (before)
			continue;
		if (row->outcome == GATE_OTHER)
			answer_line(a, "Operation",
				    "%s was measured with %s, and is now with %s: not comparable; "
				    "name one with --trigger",
				    row->a->variant, row->a->workload, row->reason);
		else
			answer_line(a, "Lost", "%s on %s: %s", row->a->variant, row->kernel,
				    row->reason);
	}
}

static int put_rest(struct answer *a, const struct gate *g)
{
	static const struct {
		enum gate_outcome outcome;
		const char *words;
	} rest[] = {{GATE_SAME, "the same to the instruction"},
		    {GATE_LESS, "less"},
		    {GATE_WITHIN, "more within the limit"},
		    {GATE_UNPROVEN, "differ by no more than their rounds do"},
		    {GATE_NEW, "new"},
		    {GATE_GONE, "removed"}};
	const char *comma = "";
	struct sentence s;

	if (sentence_open(&s))
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(rest) / sizeof(*rest); i++) {
		size_t n = count(g, rest[i].outcome);

		if (!n)
			continue;
		fprintf(s.out, "%s%zu %s", comma, n, rest[i].words);
		comma = ", ";
	}
	if (g->neither)
		fprintf(s.out, "%s%zu measured on neither side", *comma ? "; " : "", g->neither);
	if (*comma || g->neither)
		sentence_line(&s, a, "Others");
	else
		sentence_drop(&s);
	return 0;
}

int answer_of_gate(const struct gate *g, const char *where, struct answer **out)
{
	struct answer *a = answer_open("gate", where);
	int err;

	*out = a;
	if (!a)
		return -ENOMEM;
	decide(a, g);
	answer_table(a, "results", "Instructions added to one call; verified; bytes of stack",
		     columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; i < g->n; i++)
		if (g->rows[i].outcome != GATE_SAME)
			put_row(a, &g->rows[i]);
	put_reasons(a, g);
	err = put_rest(a, g);
	if (g->other_build) {
		answer_line(
			a, "Kernels",
			"a kernel is of another build than before: a difference may be its own");
		answer_mark(a, ANSWER_UNSURE);
	}
	if (g->unmatched)
		answer_line(a, "Kernels", "%zu of the record compared with %s not run now",
			    g->unmatched, g->unmatched == 1 ? "was" : "were");
	if (g->blind) {
		answer_line(a, "Kernels",
			    "%zu brought no record back of what is compared with: nothing on it "
			    "was compared",
			    g->blind);
		answer_mark(a, ANSWER_BAD);
	}
	if (where)
		answer_line(a, "Record", "%s", where);
	if (err) {
		answer_close(a);
		*out = NULL;
	}
	return err;
}
