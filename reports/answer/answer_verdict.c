/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/answer/answer_verdict.h"
#include "reports/answer/sentence.h"
#include "reports/judge/verdict.h"
#include "reports/record/cache_state.h"
#include "reports/record/wakeup_name.h"
#include "reports/show/figure.h"

bool verdict_row_measured(const struct configuration *c)
{
	return c && c->result->status == RESULT_MEASURED;
}

/* "kprobe_perf, per-event", with the cache state where it is not the default's. */
const char *verdict_row_name(const struct configuration *c, char *out)
{
	const char *cache = c->result->cache;
	bool usual = strcmp(cache, CACHE_STIRRED_NAME) == 0 || strcmp(cache, CACHE_HOT_NAME) == 0;

	snprintf(out, VERDICT_NAME, "%s, %s%s%s", c->result->variant,
		 wakeup_name(c->result->wakeup).text, usual ? "" : ", ", usual ? "" : cache);
	return out;
}

static enum answer_mark mark_of(enum verdict verdict)
{
	return verdict == VERDICT_GREEN ? ANSWER_GOOD
	       : verdict == VERDICT_RED ? ANSWER_BAD
					: ANSWER_UNSURE;
}

/* What is judged first: the probe under test, or the worst of those asked for. NULL: neither. */
const struct configuration *verdict_judged(const struct verdicts *v)
{
	return v->narrowed ? v->worst : v->under_test;
}

/* A reason without what stands in brackets, which the full output has. */
const char *verdict_brief(const char *reason, char *out, size_t len)
{
	const char *text = reason && *reason ? reason : "no reason was kept";
	const char *bracket = strstr(text, " (");

	snprintf(out, len, "%.*s", bracket ? (int)(bracket - text) : (int)strlen(text), text);
	return out;
}

/* "10,000" */
const char *verdict_count(double count, char *out, size_t len)
{
	FILE *to = fmemopen(out, len, "w");

	*out = '\0';
	if (to) {
		figure_whole(to, count);
		fclose(to);
	}
	return out;
}

/* ---- question and decision ---- */

static void ask(struct answer *a, const struct verdicts *v)
{
	const char *syscall = v->workload ? v->workload : "no syscall";

	if (v->narrowed)
		answer_head(a, "Question",
			    v->n == 1 ? "is the configuration asked for within the budget, on %s?"
				      : "are all configurations asked for within the budget, on "
					"%s?",
			    syscall);
	else
		answer_head(a, "Question", "is %s (%s, %s) within the budget?",
			    v->under_test_variant, wakeup_name(VERDICT_UNDER_TEST_WAKEUP).text,
			    syscall);
}

static const char *proceed(const struct verdicts *v)
{
	switch (v->run) {
	case VERDICT_GREEN:
		return v->narrowed ? "all three criteria hold" : "proceed with the probe as it is";
	case VERDICT_YELLOW:
		return "proceed with changes";
	case VERDICT_INCONCLUSIVE:
		return "too little was measured to decide";
	case VERDICT_RED:
		break;
	}
	return "redesign; no other configuration is shown to pass";
}

static void decide(struct answer *a, const struct verdicts *v)
{
	const struct configuration *c = verdict_judged(v);
	char name[VERDICT_NAME], change[VERDICT_NAME + 8] = "", reason[256];

	if (!c)
		answer_head(a, "Decision", "%s: these records do not have %s", verdict_name(v->run),
			    v->narrowed ? "a program that sends events, of those asked for" : "it");
	else if (!verdict_row_measured(c))
		answer_head(a, "Decision", "%s: %s here: %s", verdict_name(v->run),
			    result_status_name(c->result->status),
			    verdict_brief(c->result->reason, reason, sizeof(reason)));
	else {
		if (v->run == VERDICT_YELLOW && !v->narrowed && v->change)
			snprintf(change, sizeof(change), ": take %s",
				 verdict_row_name(v->change, name));
		if (v->narrowed && c->verdict != VERDICT_GREEN)
			answer_head(a, "Decision", "%s: the worst is %s, by its %s",
				    verdict_name(v->run), verdict_row_name(c, name),
				    criterion_name(c->decided));
		else if (c->verdict == VERDICT_GREEN)
			answer_head(a, "Decision", "%s: %s%s", verdict_name(v->run), proceed(v),
				    change);
		else
			answer_head(a, "Decision", "%s: %s%s. %s is %s by its %s",
				    verdict_name(v->run), proceed(v), change,
				    verdict_row_name(c, name), verdict_name(c->verdict),
				    criterion_name(c->decided));
	}
	answer_mark(a, mark_of(v->run));
}

/* ---- the criteria of what is judged ---- */

static void put_measured(struct answer *a, const struct configuration *c, enum criterion k)
{
	const struct judgement *j = &c->by[k];
	/* a lower bound is all that is known */
	bool open_above = k == CRITERION_P99 ? isnan(j->measured.hi) : j->part;

	if (isnan(j->measured.lo) && isnan(j->measured.hi))
		answer_absent(a, "unknown");
	else if (open_above && !(j->measured.lo > 0))
		answer_absent(a, "unresolved");
	else if (k == CRITERION_LOSS && !(j->measured.value > 0))
		answer_at_most(a, j->measured.hi);
	else if (k == CRITERION_CPU && !j->part)
		answer_effect(a, j->measured);
	else
		answer_range(a, j->measured.lo, k == CRITERION_CPU ? NAN : j->measured.hi);
}

static void say_bound(FILE *out, double bound)
{
	if (isfinite(bound))
		fprintf(out, "%.6g", bound);
	else
		fputs("none", out);
}

static void say_budget(struct answer *a, const struct verdicts *v, const char *rate)
{
	static const char *const units[] = {"ns", "%", "%"};
	const struct bounds *bounds[CRITERIA] = {&v->budget.p99_ns, &v->budget.cpu_percent,
						 &v->budget.loss_percent};
	struct sentence s;

	if (sentence_open(&s))
		return;
	fputs("GREEN/RED:", s.out);
	for (size_t k = 0; k < CRITERIA; k++) {
		fprintf(s.out, "%s %s ", k ? "," : "", criterion_name((enum criterion)k));
		say_bound(s.out, bounds[k]->green);
		fputc('/', s.out);
		say_bound(s.out, bounds[k]->red);
		fprintf(s.out, " %s", units[k]);
	}
	fprintf(s.out, " at %s/s", rate);
	sentence_line(&s, a, "Budget");
}

static void put_criteria(struct answer *a, const struct verdicts *v)
{
	static const struct answer_column columns[] = {
		{"criterion", "", ANSWER_WORDS, false},
		{"measured", "measured", ANSWER_NS, false},
		{"green_below", "GREEN below", ANSWER_NS, false},
		{"red_above", "RED above", ANSWER_NS, false},
		{"result", "result", ANSWER_WORDS, false},
	};
	const struct configuration *c = verdict_judged(v);
	const struct bounds *bounds[CRITERIA] = {&v->budget.p99_ns, &v->budget.cpu_percent,
						 &v->budget.loss_percent};
	char name[VERDICT_NAME], rate[32];

	verdict_count(v->budget.rate, rate, sizeof(rate));
	if (!verdict_row_measured(c)) {
		say_budget(a, v, rate);
		return;
	}
	answer_table(a, "criteria", verdict_row_name(c, name), columns,
		     sizeof(columns) / sizeof(*columns));
	for (size_t k = 0; k < CRITERIA; k++) {
		enum answer_unit unit = k == CRITERION_P99 ? ANSWER_NS : ANSWER_PERCENT;

		answer_row(a);
		if (k == CRITERION_P99)
			answer_text(a, "p99 of a call's cost");
		else
			answer_text(a, "%s at %s/s", criterion_name((enum criterion)k), rate);
		put_measured(a, c, (enum criterion)k);
		answer_in(a, unit);
		answer_number(a, bounds[k]->green);
		answer_in(a, unit);
		answer_number(a, bounds[k]->red);
		answer_in(a, unit);
		answer_text(a, "%s", verdict_name(c->by[k].verdict));
		answer_mark(a, mark_of(c->by[k].verdict));
	}
}

/* ---- the others ---- */

static double least_of(double a, double b)
{
	return isfinite(a) ? a : b;
}

/* By the verdict, then by the p99, of which the upper bound counts where there is one. */
static int by_verdict(const void *left, const void *right)
{
	const struct configuration *a = *(const struct configuration *const *)left;
	const struct configuration *b = *(const struct configuration *const *)right;
	double x = least_of(a->by[CRITERION_P99].measured.hi, INFINITY);
	double y = least_of(b->by[CRITERION_P99].measured.hi, INFINITY);

	if (a->verdict != b->verdict)
		return a->verdict < b->verdict ? -1 : 1;
	return x < y ? -1 : x > y ? 1 : strcmp(a->result->id, b->result->id);
}

static void put_result(struct answer *a, const struct configuration *c)
{
	answer_text(a, "%s",
		    c->verdict == VERDICT_INCONCLUSIVE ? "undecided" : verdict_name(c->verdict));
	answer_mark(a, mark_of(c->verdict));
}

static void put_other(struct answer *a, const struct configuration *c)
{
	char name[VERDICT_NAME];

	answer_row(a);
	answer_text(a, "%s", verdict_row_name(c, name));
	for (size_t k = 0; k < CRITERIA; k++)
		put_measured(a, c, (enum criterion)k);
	put_result(a, c);
}

/* Those that pass by their CPU, then those that are undecided. Returns how many pass. */
static size_t list_others(const struct verdicts *v, const struct configuration **list, size_t *n)
{
	size_t passing = v->narrowed ? 0 : verdict_passing(v, list, v->n);

	*n = passing;
	for (size_t i = 0; i < v->n; i++) {
		const struct configuration *c = &v->rows[i];

		if (verdict_row_measured(c) && c != verdict_judged(v) &&
		    (v->narrowed ||
		     (c->verdict == VERDICT_INCONCLUSIVE && !verdict_is_under_test(v, c->result))))
			list[(*n)++] = c;
	}
	qsort((void *)(list + passing), *n - passing, sizeof(const struct configuration *),
	      by_verdict);
	return passing;
}

static size_t count_others(const struct verdicts *v, enum verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += v->rows[i].verdict == verdict && verdict_row_measured(&v->rows[i]) &&
		     !verdict_is_under_test(v, v->rows[i].result);
	return n;
}

static const char *heading_of(const struct verdicts *v, size_t passing, char *out, size_t len)
{
	size_t red = count_others(v, VERDICT_RED), open = count_others(v, VERDICT_INCONCLUSIVE);

	if (v->narrowed)
		snprintf(out, len, "The others that were asked for");
	else if (passing)
		snprintf(out, len,
			 "Better: %zu pass, sorted by CPU; %zu undecided, sorted by p99; %zu RED",
			 passing, open, red);
	else
		snprintf(out, len,
			 "%s: none is shown to pass; %zu undecided, sorted by p99; %zu RED",
			 v->run == VERDICT_GREEN ? "The others" : "Better", open, red);
	return out;
}

static int put_others(struct answer *a, const struct verdicts *v)
{
	static const struct answer_column columns[] = {
		{"configuration", "", ANSWER_WORDS, false},
		{"p99", "p99 of cost", ANSWER_NS, false},
		{"cpu", "CPU", ANSWER_PERCENT, false},
		{"loss", "loss", ANSWER_PERCENT, false},
		{"result", "result", ANSWER_WORDS, false},
	};
	const struct configuration **list =
		(const struct configuration **)calloc(v->n + 1, sizeof(struct configuration *));
	size_t n, passing, red = count_others(v, VERDICT_RED);
	char heading[128];

	if (!list)
		return -ENOMEM;
	passing = list_others(v, list, &n);
	if (n)
		answer_table(a, "others", heading_of(v, passing, heading, sizeof(heading)), columns,
			     sizeof(columns) / sizeof(*columns));
	else if (red && !v->narrowed)
		answer_line(a, "Better", "none passes: the %zu other configurations are RED", red);
	for (size_t i = 0; i < n; i++)
		put_other(a, list[i]);
	free((void *)list);
	return 0;
}

int answer_of_verdict(const struct verdicts *v, struct answer **out)
{
	struct answer *a = answer_open("verdict", NULL);
	int err = 0;

	*out = a;
	if (!a)
		return -ENOMEM;
	ask(a, v);
	decide(a, v);
	if (v->record_set->n_runs)
		answer_host(a, v->record_set->runs[0].record);
	put_criteria(a, v);
	err = put_others(a, v);
	if (!err)
		err = verdict_put_elsewhere(a, v);
	if (!err)
		err = verdict_put_unmeasured(a, v);
	verdict_put_next(a, v);
	if (!err)
		err = verdict_put_conditions(a, v);
	if (!err)
		err = verdict_put_where(a, v);
	if (err) {
		answer_close(a);
		*out = NULL;
	}
	return err;
}
