/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/answer/sentence.h"
#include "reports/judge/agree.h"
#include "reports/judge/verdict.h"
#include "reports/record/cache_state.h"
#include "reports/record/wakeup_name.h"
#include "reports/show/figure.h"

#define NAME_LEN     160
#define REASONS_TOLD 3

static bool is_measured(const struct configuration *c)
{
	return c && c->result->status == RESULT_MEASURED;
}

/* "kprobe_perf, per-event", with the cache state where it is not the default's. */
static const char *name_of(const struct configuration *c, char *out)
{
	const char *cache = c->result->cache;
	bool usual = strcmp(cache, CACHE_STIRRED_NAME) == 0 || strcmp(cache, CACHE_HOT_NAME) == 0;

	snprintf(out, NAME_LEN, "%s, %s%s%s", c->result->variant,
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
static const struct configuration *judged(const struct verdicts *v)
{
	return v->narrowed ? v->worst : v->under_test;
}

/* A reason without what stands in brackets, which the full output has. */
static const char *brief(const char *reason, char *out, size_t len)
{
	const char *text = reason && *reason ? reason : "no reason was kept";
	const char *bracket = strstr(text, " (");

	snprintf(out, len, "%.*s", bracket ? (int)(bracket - text) : (int)strlen(text), text);
	return out;
}

/* "10,000" */
static const char *count_text(double count, char *out, size_t len)
{
	FILE *to = fmemopen(out, len, "w");

	*out = '\0';
	if (to) {
		figure_count(to, (uint64_t)llround(count));
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
			    "are the %zu configurations asked for within the budget, on %s?", v->n,
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
	const struct configuration *c = judged(v);
	char name[NAME_LEN], change[NAME_LEN + 8] = "", reason[256];

	if (!c)
		answer_head(a, "Decision", "%s: these records do not have %s", verdict_name(v->run),
			    v->narrowed ? "what was asked for" : "it");
	else if (!is_measured(c))
		answer_head(a, "Decision", "%s: %s here: %s", verdict_name(v->run),
			    result_status_name(c->result->status),
			    brief(c->result->reason, reason, sizeof(reason)));
	else {
		if (v->run == VERDICT_YELLOW && !v->narrowed && v->change)
			snprintf(change, sizeof(change), ": take %s", name_of(v->change, name));
		if (v->narrowed && c->verdict != VERDICT_GREEN)
			answer_head(a, "Decision", "%s: the worst is %s, by its %s",
				    verdict_name(v->run), name_of(c, name),
				    criterion_name(c->decided));
		else if (c->verdict == VERDICT_GREEN)
			answer_head(a, "Decision", "%s: %s%s", verdict_name(v->run), proceed(v),
				    change);
		else
			answer_head(a, "Decision", "%s: %s%s. %s is %s by its %s",
				    verdict_name(v->run), proceed(v), change, name_of(c, name),
				    verdict_name(c->verdict), criterion_name(c->decided));
	}
	answer_mark(a, mark_of(v->run));
}

/* ---- the criteria of what is judged ---- */

static void put_measured(struct answer *a, const struct configuration *c, enum criterion k)
{
	const struct judgement *j = &c->by[k];

	if (isnan(j->measured.lo) && isnan(j->measured.hi))
		answer_absent(a, "unknown");
	else if (k == CRITERION_P99 && isnan(j->measured.hi) && !(j->measured.lo > 0))
		answer_absent(a, "unresolved");
	else if (k == CRITERION_P99)
		answer_range(a, j->measured.lo, j->measured.hi);
	else if (j->part && !(j->measured.lo > 0))
		answer_absent(a, "unresolved");
	else if (j->part)
		answer_range(a, j->measured.lo, NAN);
	else if (k == CRITERION_LOSS && !(j->measured.value > 0))
		answer_at_most(a, j->measured.hi);
	else if (k == CRITERION_LOSS)
		answer_range(a, j->measured.lo, j->measured.hi);
	else
		answer_effect(a, j->measured);
}

static void say_bound(FILE *out, double bound)
{
	if (isfinite(bound))
		fprintf(out, "%.6g", bound);
	else
		fputc('-', out);
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
	const struct configuration *c = judged(v);
	const struct bounds *bounds[CRITERIA] = {&v->budget.p99_ns, &v->budget.cpu_percent,
						 &v->budget.loss_percent};
	char name[NAME_LEN], rate[32];

	count_text(v->budget.rate, rate, sizeof(rate));
	if (!is_measured(c)) {
		say_budget(a, v, rate);
		return;
	}
	answer_table(a, "criteria", name_of(c, name), columns, sizeof(columns) / sizeof(*columns));
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
	char name[NAME_LEN];

	answer_row(a);
	answer_text(a, "%s", name_of(c, name));
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

		if (is_measured(c) && c != judged(v) &&
		    (v->narrowed ||
		     (c->verdict == VERDICT_INCONCLUSIVE && !verdict_is_under_test(v, c->result))))
			list[(*n)++] = c;
	}
	qsort(list + passing, *n - passing, sizeof(*list), by_verdict);
	return passing;
}

static size_t count_others(const struct verdicts *v, enum verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += v->rows[i].verdict == verdict && is_measured(&v->rows[i]) &&
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
			 "Better: %zu pass, by their CPU; %zu undecided, by their p99; %zu RED",
			 passing, open, red);
	else
		snprintf(out, len,
			 "%s: none is shown to pass; %zu undecided, by their p99; %zu RED",
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
	const struct configuration **list = calloc(v->n + 1, sizeof(*list));
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
	free(list);
	return 0;
}

/* ---- what was not judged, and what to do ---- */

static bool same_reason(const struct configuration *a, const struct configuration *b)
{
	const char *x = a->result->reason, *y = b->result->reason;

	return !is_measured(a) && !is_measured(b) && strcmp(x ? x : "", y ? y : "") == 0;
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
		    second, others, brief(v->rows[row].result->reason, reason, sizeof(reason)));
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
			open += is_measured(&v->rows[i]) &&
				v->rows[i].by[k].verdict == VERDICT_INCONCLUSIVE;
		if (open) {
			fprintf(s.out, "%s%s of %zu", comma, criterion_name((enum criterion)k),
				open);
			comma = ", ";
		}
	}
	fprintf(s.out, " of the %zu measured configurations", verdict_measured(v));
	if (*comma)
		sentence_line(&s, a, "Not judged");
	else
		sentence_drop(&s);
	return 0;
}

static int put_unmeasured(struct answer *a, const struct verdicts *v)
{
	size_t reasons = 0;

	for (size_t i = 0; i < v->n; i++)
		if (!is_measured(&v->rows[i]) && is_first(v, i, false) && reasons++ < REASONS_TOLD)
			put_reason(a, v, i);
	if (reasons > REASONS_TOLD)
		answer_line(a, "Not judged", "and more, for %zu other reasons",
			    reasons - REASONS_TOLD);
	return put_open(a, v);
}

/* What every other syscall pays, a hook each. */
static int put_elsewhere(struct answer *a, const struct verdicts *v)
{
	const char *comma = "";
	struct sentence s;
	char rate[32];

	if (sentence_open(&s))
		return -ENOMEM;
	for (size_t i = 0; i < v->n; i++) {
		const struct record_result *result = v->rows[i].result, *control;

		bool told = !is_measured(&v->rows[i]) || !other_syscalls_pay(result->hook);

		for (size_t k = 0; k < i && !told; k++)
			told = is_measured(&v->rows[k]) &&
			       strcmp(v->rows[k].result->hook, result->hook) == 0;
		if (told)
			continue;
		control = other_syscalls_result(v->record_set, result);
		fprintf(s.out, "%s%s ",
			*comma ? comma : "every other syscall pays: ", result->hook);
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
	fprintf(s.out, " (in the CPU at %s/s, %s)", count_text(v->others.rate, rate, sizeof(rate)),
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

		if (!is_measured(&v->rows[i / CRITERIA]) ||
		    !*command_of(&v->rows[i / CRITERIA].by[i % CRITERIA], command, sizeof(command)))
			continue;
		for (size_t k = i; k < v->n * CRITERIA; k++)
			n += is_measured(&v->rows[k / CRITERIA]) &&
			     strcmp(command, command_of(&v->rows[k / CRITERIA].by[k % CRITERIA],
							other, sizeof(other))) == 0;
		if (n > most) {
			most = n;
			snprintf(out, len, "%s", command);
		}
	}
	return most;
}

static void put_next(struct answer *a, const struct verdicts *v)
{
	const struct configuration *c = judged(v);
	char own[512] = "", most[512] = "";
	size_t n;

	if (!v->narrowed && c && !is_measured(c))
		answer_line(a, "Next", "bpftoll lab --variant %s (counts its instructions)",
			    v->under_test_variant);
	else if (!v->narrowed && !c)
		answer_line(a, "Next", "bpftoll run --variant %s --wakeup-policy %s",
			    v->under_test_variant, wakeup_name(VERDICT_UNDER_TEST_WAKEUP).text);
	else if (is_measured(c))
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

static int put_conditions(struct answer *a, const struct verdicts *v)
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

static int put_where(struct answer *a, const struct verdicts *v)
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
		err = put_elsewhere(a, v);
	if (!err)
		err = put_unmeasured(a, v);
	put_next(a, v);
	if (!err)
		err = put_conditions(a, v);
	if (!err)
		err = put_where(a, v);
	if (err) {
		answer_close(a);
		*out = NULL;
	}
	return err;
}
