/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What events cost at the rates asked: a row a rate, buffer and wakeup policy. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/suites/answer_events.h"
#include "reports/answer/answers.h"
#include "reports/judge/budget.h"
#include "reports/judge/costs/policies.h"
#include "reports/judge/cpu_cost.h"
#include "reports/judge/loss.h"
#include "reports/record/treatment.h"
#include "reports/record/wakeup_name.h"
#include "reports/record/text_stream.h"

#define AGE_EVENTS_LEAST 100 /* below, the 99th percentile is the largest of few */

bool events_withdrawn(const struct event_point *p)
{
	static const char *const unsure[] = {"busy", "idle", "sleeping"};

	for (size_t i = 0; i < sizeof(unsure) / sizeof(*unsure); i++)
		if (!treatment_known(&p->reader) && !strcmp(p->wakeup, unsure[i]))
			return true;
	return false;
}

bool events_point(const struct event_point *p, const char *scenario)
{
	return p->status == RESULT_MEASURED && scenario && !strcmp(p->scenario, scenario) &&
	       strcmp(p->variant, "none") != 0 && !events_withdrawn(p);
}

void events_say(FILE *out, const struct events_of *of, const struct event_point *p)
{
	const char *how = strcmp(p->policy, "-") ? p->policy : wakeup_name(p->wakeup).text;

	fprintf(out, "%s, %s", of->hook && !strcmp(p->hook, of->hook) ? p->body : p->variant, how);
}

/* ---- which rows ---- */

/* Sorts behind all rates of the budget. */
static int rate_rank(const struct budget *budget, double rate)
{
	return cpu_cost_rate_same(rate, budget->rate)		 ? 0
	       : cpu_cost_rate_same(rate, budget->overload_rate) ? 1
								 : 2;
}

/* The budget's rates first, then the others, the highest first. */
static void add_rate(struct events_of *of, const struct budget *budget, double rate)
{
	size_t at = of->n_rates;

	for (size_t i = 0; i < of->n_rates; i++)
		if (cpu_cost_rate_same(of->rate[i], rate))
			return;
	if (!(rate > 0) || at == EVENTS_RATES_MOST)
		return;
	of->n_rates++;
	for (; at > 0; at--) {
		int mine = rate_rank(budget, rate), its = rate_rank(budget, of->rate[at - 1]);

		if (its < mine || (its == mine && of->rate[at - 1] > rate))
			break;
		of->rate[at] = of->rate[at - 1];
	}
	of->rate[at] = rate;
}

static void choose(const struct record *rec, struct events_of *of)
{
	static const char *const scenarios[] = {"sweep", "wakeup", "same_cpu", "buffer"};
	struct budget budget;

	budget_default(&budget);
	*of = (struct events_of){.one_hook = true};
	for (size_t s = 0; s < sizeof(scenarios) / sizeof(*scenarios) && !of->scenario; s++)
		for (size_t i = 0; i < rec->n_event_points; i++)
			if (events_point(&rec->event_points[i], scenarios[s]))
				of->scenario = scenarios[s];
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (!events_point(p, of->scenario ? of->scenario : p->scenario))
			continue;
		of->hook = of->hook ? of->hook : p->hook;
		of->one_hook &= !strcmp(p->hook, of->hook);
		if (of->scenario)
			add_rate(of, &budget, p->rate_target);
	}
}

/*
 * The design (perf buffer, each event wakes the reader) and its nearest relatives have a window
 * that bounds their loss; they come first, at the first two rates. Where nobody reads, last.
 */
static int class_of(const struct events_of *of, const struct event_point *p, size_t rate)
{
	bool named = (!strcmp(p->body, "perf") || !strcmp(p->body, "ringbuf")) &&
		     (!strcmp(p->wakeup, "caught_up") || !strcmp(p->wakeup, "polled_1ms"));

	if (!strcmp(p->wakeup, "none"))
		return 3;
	if (named && rate < 2)
		return !strcmp(p->hook, of->hook) ? 0 : 1;
	return 2;
}

/* ---- the table ---- */

#define FIRST_COLUMNS                                                     \
	{"rate", "rate/s", ANSWER_RATE, false},                           \
		{"configuration", "buffer, wakeup", ANSWER_WORDS, false}, \
	{                                                                 \
		"cpu", "CPU", ANSWER_PERCENT, false                       \
	}
#define LAST_COLUMNS                                                                       \
	{"loss", "loss", ANSWER_PERCENT, false}, {"age_p99", "age p99", ANSWER_NS, false}, \
		{"probe_cpu", "probe's CPU", ANSWER_PERCENT, true},                        \
		{"reader_cpu", "reader's CPU", ANSWER_PERCENT, true},                      \
		{"variant", "variant", ANSWER_WORDS, true},                                \
		{"wakeup", "wakeup", ANSWER_WORDS, true},

static const struct answer_column columns[] = {
	FIRST_COLUMNS, {"call", "a call", ANSWER_NS, false}, LAST_COLUMNS};

/* Policies with their intervals have long names. */
static const struct answer_column policy_columns[] = {
	FIRST_COLUMNS, {"call", "a call", ANSWER_NS, true}, LAST_COLUMNS};

static void put_loss(struct answer *a, const struct event_point *p)
{
	uint64_t lost = p->produced > p->received ? p->produced - p->received : 0;
	struct loss_bound bound;

	if (loss_bound(p, &bound) && !p->exposure_lost)
		answer_at_most(a, bound.percent.hi);
	else if (bound.shown)
		answer_effect(a, bound.percent);
	else if (lost)
		answer_number(a, 100 * (double)lost / (double)p->produced);
	else
		answer_absent(a, "no bound");
	if (lost || (bound.shown && p->exposure_lost))
		answer_mark(a, ANSWER_BAD);
}

static void put_age(struct answer *a, const struct event_point *p)
{
	if (p->saturated)
		answer_text(a, "%s", "");
	else if (p->received < AGE_EVENTS_LEAST)
		answer_absent(a, p->received ? "too few" : "none read");
	else
		answer_number(a, p->age_p99);
}

static void put_row(struct answer *a, const struct events_of *of, const struct event_point *p)
{
	size_t length;
	char *name = NULL;
	FILE *out = text_stream(&name, &length);

	if (!out)
		return;
	events_say(out, of, p);
	answer_row(a);
	answer_number(a, p->rate_target);
	answer_text(a, "%s", fclose(out) ? "" : name);
	free(name);
	/* what was measured is of another rate than the row's */
	if (p->saturated)
		answer_absent(a, "not reached");
	else
		answer_effect(a, policies_cpu(p));
	if (p->saturated)
		answer_text(a, "%s", "");
	else
		answer_effect(a, p->overhead);
	put_loss(a, p);
	put_age(a, p);
	answer_effect(a, p->producer_cpu);
	answer_effect(a, p->consumer_cpu);
	answer_text(a, "%s", p->variant);
	answer_text(a, "%s", wakeup_name(p->wakeup).text);
}

static void put_rates(struct answer *a, const struct record *rec, const struct events_of *of)
{
	answer_title(a, "Events of a probe on %s%s%s; CPU: probe + reader in %% of one", of->hook,
		     of->one_hook ? "" : " (others below)",
		     !strcmp(of->scenario, "same_cpu") ? ", reader on its CPU" : "");
	answer_table(a, "rates", NULL, strcmp(of->scenario, "wakeup") ? columns : policy_columns,
		     sizeof(columns) / sizeof(*columns));
	for (int class = 0; class <= 3; class ++)
		for (size_t r = 0; r < of->n_rates; r++)
			for (size_t i = 0; i < rec->n_event_points; i++) {
				const struct event_point *p = &rec->event_points[i];

				if (events_point(p, of->scenario) &&
				    cpu_cost_rate_same(p->rate_target, of->rate[r]) &&
				    class_of(of, p, r) == class)
					put_row(a, of, p);
			}
	answer_note(a, "a call: added to one; loss: 95 %% bound; age: from the event until it is "
		       "read");
}

/* ---- other scenarios alone ---- */

static void put_load(struct answer *a, const struct event_point *p)
{
	unsigned long long kib = p->buffer_bytes >> 10;

	if (p->burst)
		answer_text(a, "%llu calls at once", (unsigned long long)p->burst);
	else if (isfinite(p->stopped_ms))
		answer_text(a, "stopped %g ms", p->stopped_ms);
	else if (p->producers > 1)
		answer_text(a, "%u CPUs", p->producers);
	else
		answer_text(a, "%s", "1 CPU");
	answer_text(a, "%llu KiB", kib);
}

static size_t put_others(struct answer *a, const struct record *rec, const struct events_of *of)
{
	static const struct answer_column others[] = {
		{"scenario", "scenario", ANSWER_WORDS, false},
		{"configuration", "buffer, wakeup", ANSWER_WORDS, false},
		{"load", "load", ANSWER_WORDS, false},
		{"buffer", "size", ANSWER_WORDS, false},
		{"lost", "lost", ANSWER_PERCENT, false},
		{"events", "events", ANSWER_COUNT, true},
		{"throughput", "events/s", ANSWER_RATE, true},
	};
	size_t rows = 0;

	answer_title(a, "Events of a probe%s%s, under load", of->hook ? " on " : "",
		     of->hook ? of->hook : "");
	answer_table(a, "loads", NULL, others, sizeof(others) / sizeof(*others));
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];
		double lost = (double)p->produced - (double)p->received;
		size_t length;
		char *name = NULL;
		FILE *out;

		if (!events_point(p, p->scenario) || !p->produced)
			continue;
		out = text_stream(&name, &length);
		if (!out)
			return rows;
		rows++;
		events_say(out, of, p);
		answer_row(a);
		answer_text(a, "%s", p->scenario);
		answer_text(a, "%s", fclose(out) ? "" : name);
		free(name);
		put_load(a, p);
		answer_number(a, 100 * lost / (double)p->produced);
		answer_number(a, (double)p->produced);
		answer_number(a, p->throughput.value);
	}
	return rows;
}

void answer_events(struct answer *a, const struct record *rec)
{
	struct events_of of;

	choose(rec, &of);
	if (of.n_rates)
		put_rates(a, rec, &of);
	else if (!put_others(a, rec, &of))
		answer_line(a, "Summary", "nothing was measured with a probe");
	events_lines(a, rec, &of);
}
