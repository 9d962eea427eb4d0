/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/answer/answer_verdict.h"
#include "reports/answer/answers.h"
#include "reports/answer/sentence.h"
#include "reports/judge/agree.h"
#include "reports/show/figure.h"
#include "reports/show/verdict/verdict_words.h"
#include "reports/record/wakeup_name.h"

#define REASONS_TOLD 3

/* ---- what was not judged, and what to do ---- */

static bool same_reason(const struct configuration *a, const struct configuration *b)
{
	const char *x = a->result->reason, *y = b->result->reason;

	return !verdict_row_measured(a) && !verdict_row_measured(b) &&
	       strcmp(x ? x : "", y ? y : "") == 0;
}

static bool is_first(const struct verdicts *v, size_t row, bool with_hook)
{
	for (size_t i = 0; i < row; i++)
		if (same_reason(&v->rows[i], &v->rows[row]) &&
		    (!with_hook || strcmp(v->rows[i].result->hook, v->rows[row].result->hook) == 0))
			return false;
	return true;
}

/* "kprobe and 3 more hooks: kernel built without CONFIG_KPROBES" */
static void put_reason(struct answer *a, const struct verdicts *v, size_t row)
{
	const char *second = "";
	size_t more = 0;
	char reason[256], others[64] = "";

	for (size_t i = row + 1; i < v->n; i++)
		if (same_reason(&v->rows[i], &v->rows[row]) && is_first(v, i, true))
			second = more++ ? "" : v->rows[i].result->hook;
	if (more > 1)
		snprintf(others, sizeof(others), " and %zu more hooks", more);
	answer_line(a, "Not judged", "%s%s%s%s: %s", v->rows[row].result->hook, *second ? ", " : "",
		    second, others,
		    verdict_brief(v->rows[row].result->reason, reason, sizeof(reason)));
}

/* The criteria that are open, of how many of the configurations. */
static int put_open(struct answer *a, const struct verdicts *v)
{
	const char *comma = "";
	struct sentence s;

	if (sentence_open(&s))
		return -ENOMEM;
	for (size_t k = 0; k < CRITERIA; k++) {
		size_t open = 0;

		for (size_t i = 0; i < v->n; i++)
			open += verdict_row_measured(&v->rows[i]) &&
				v->rows[i].by[k].verdict == VERDICT_INCONCLUSIVE;
		if (open) {
			fprintf(s.out, "%s%s of %zu", *comma ? comma : "the ",
				criterion_name((enum criterion)k), open);
			comma = ", ";
		}
	}
	fprintf(s.out, ", of %zu measured configurations", verdict_measured(v));
	if (*comma)
		sentence_line(&s, a, "Not judged");
	else
		sentence_drop(&s);
	return 0;
}

/* What is judged was not measured, and a lab record has its instructions. */
static int put_predicted(struct answer *a, const struct verdicts *v)
{
	struct sentence s;
	int err;

	if (sentence_open(&s))
		return -ENOMEM;
	err = verdict_say_predicted(s.out, v, verdict_judged(v), RENDER_TEXT);
	if (err)
		sentence_drop(&s);
	else
		sentence_line(&s, a, "Predicted");
	return err == -ENOMEM ? err : 0;
}

int verdict_put_unmeasured(struct answer *a, const struct verdicts *v)
{
	int err = put_predicted(a, v);

	size_t reasons = 0;

	for (size_t i = 0; i < v->n; i++)
		if (!verdict_row_measured(&v->rows[i]) && is_first(v, i, false) &&
		    reasons++ < REASONS_TOLD)
			put_reason(a, v, i);
	if (reasons > REASONS_TOLD)
		answer_line(a, "Not judged", "and more, for %zu other reasons",
			    reasons - REASONS_TOLD);
	return err ? err : put_open(a, v);
}

/* What every other syscall pays, a hook each. */
int verdict_put_elsewhere(struct answer *a, const struct verdicts *v)
{
	const char *comma = "";
	struct sentence s;
	char rate[32];

	if (sentence_open(&s))
		return -ENOMEM;
	for (size_t i = 0; i < v->n; i++) {
		const struct record_result *result = v->rows[i].result, *control;

		bool told = !verdict_row_measured(&v->rows[i]) || !other_syscalls_pay(result->hook);

		for (size_t k = 0; k < i && !told; k++)
			told = verdict_row_measured(&v->rows[k]) &&
			       strcmp(v->rows[k].result->hook, result->hook) == 0;
		if (told)
			continue;
		control = other_syscalls_result(v->record_set, result);
		fprintf(s.out, "%s%s ",
			*comma ? comma : "every other syscall pays, on average: ", result->hook);
		if (control && effect_holds_zero(control->overhead.mean)) {
			fputs("not resolved", s.out);
		} else if (control) {
			figure_effect(s.out, control->overhead.mean, control->unit,
				      FIGURE_PLUS_MINUS);
			fputs(" ns", s.out);
		} else {
			fputs("not measured", s.out);
		}
		comma = ", ";
	}
	if (!*comma) {
		sentence_drop(&s);
		return 0;
	}
	fprintf(s.out, " (in the CPU at %s/s, %s)",
		verdict_count(v->others.rate, rate, sizeof(rate)),
		v->others.source == OTHER_ASSUMED ? "assumed"
		: v->others.source == OTHER_ASKED ? "as stated"
						  : "measured");
	sentence_line(&s, a, "Elsewhere");
	return 0;
}

/* The command in what would settle a criterion, without what follows it; "": there is none. */
static const char *command_of(const struct judgement *j, char *out, size_t len)
{
	const char *command =
		j->verdict == VERDICT_INCONCLUSIVE ? strstr(j->settle, "bpftoll ") : NULL;

	snprintf(out, len, "%.*s", command ? (int)strcspn(command, ",;") : 0,
		 command ? command : "");
	return out;
}

/* The command that settles most of what is open in the others; 0: none does. */
static size_t most_wanted(const struct verdicts *v, char *out, size_t len)
{
	char command[512], other[512];
	size_t most = 0;

	for (size_t i = 0; i < v->n * CRITERIA; i++) {
		size_t n = 0;

		if (!verdict_row_measured(&v->rows[i / CRITERIA]) ||
		    !*command_of(&v->rows[i / CRITERIA].by[i % CRITERIA], command, sizeof(command)))
			continue;
		for (size_t k = i; k < v->n * CRITERIA; k++)
			n += verdict_row_measured(&v->rows[k / CRITERIA]) &&
			     strcmp(command, command_of(&v->rows[k / CRITERIA].by[k % CRITERIA],
							other, sizeof(other))) == 0;
		if (n > most) {
			most = n;
			snprintf(out, len, "%s", command);
		}
	}
	return most;
}

void verdict_put_next(struct answer *a, const struct verdicts *v)
{
	const struct configuration *c = verdict_judged(v);
	char own[512] = "", most[512] = "";
	size_t n;

	if (!v->narrowed && c && !verdict_row_measured(c))
		answer_line(a, "Next", "bpftoll lab --variant %s (counts its instructions)",
			    v->under_test_variant);
	else if (!v->narrowed && !c)
		answer_line(a, "Next", "bpftoll run --variant %s --wakeup-policy %s",
			    v->under_test_variant, wakeup_name(VERDICT_UNDER_TEST_WAKEUP).text);
	else if (verdict_row_measured(c))
		command_of(&c->by[c->decided], own, sizeof(own));
	if (*own)
		answer_line(a, "Next", "%s", own);
	if (v->run == VERDICT_GREEN)
		return;
	n = most_wanted(v, most, sizeof(most));
	if (n && strcmp(own, most) != 0)
		answer_line(a, "Next", "%s (%zu open criteria)", most, n);
}

/* ---- conditions ---- */

int verdict_put_conditions(struct answer *a, const struct verdicts *v)
{
	const struct record_set *e = v->record_set;
	const struct record *worst = NULL; /* the run with the most warnings */
	struct agreement agreement;
	int err = agree_record_set(e, &agreement);

	if (err)
		return err;
	if (agreement.n_apart)
		answer_line(a, "Disagree",
			    "the runs do, beyond their intervals, on %zu of %zu results; most on "
			    "%s: every figure covers its own run alone",
			    agreement.n_apart, agreement.results, agreement.apart->low->id);
	agree_free(&agreement);
	for (size_t r = 0; r < e->n_runs; r++)
		if (!worst || e->runs[r].record->n_warnings > worst->n_warnings)
			worst = e->runs[r].record;
	if (worst)
		answer_quality(a, worst);
	return 0;
}

int verdict_put_where(struct answer *a, const struct verdicts *v)
{
	struct sentence s;

	if (sentence_open(&s))
		return -ENOMEM;
	fputs("bpftoll verdict --full", s.out);
	for (size_t r = 0; r < v->record_set->n_runs; r++)
		fprintf(s.out, " %s", v->record_set->runs[r].dir);
	sentence_line(&s, a, "Everything");
	return 0;
}
