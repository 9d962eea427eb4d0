/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/record/cache_state.h"
#include "reports/record/wakeup_name.h"
#include "reports/judge/costs/claims.h"
#include "reports/stats/combine.h"
#include "reports/stats/equivalence.h"
#include "reports/judge/cpu_cost.h"
#include "reports/judge/costs/prices.h"
#include "reports/record/record_rows.h"
#include "reports/judge/costs/waterfall.h"

#define WORKLOAD  "munmap_einval"
#define CPU_RATE  10e3
#define ABOUT(ns) ((ns) * (1 - CLAIMS_ABOUT)), ((ns) * (1 + CLAIMS_ABOUT))

/* A helper's claim: the price that answers it, and the incremental programs's step where there is
 * none. */
static const struct helper_claim {
	const char *what, *claimed;
	double from, to;
	const char *helper, *size;
	enum increments_step step;
} helper_claims[] = {
	{"get_current_pid_tgid", "20", ABOUT(20), "get_current_pid_tgid", NULL, STEP_PID},
	{"hash lookup", "50", ABOUT(50), "lookup_hit", "1024 entries", STEP_LOOKUP},
	{"argument by probe_read", "10", ABOUT(10), "arg_probe_read", NULL, STEP_ARGUMENT},
	{"ktime_get_ns", "20", ABOUT(20), "ktime_get_ns", NULL, STEP_CLOCK},
	{"perf_event_output", "200..400", 200, 400, "perf_event_output", "40 bytes", STEP_OUTPUT},
};

/* The measured results that the claims are about: one workload, hot, in ns. */
struct scene {
	const struct record *rec;
	const struct record_result **results;
	size_t n;
	struct claim_row *rows;
	size_t used, most;
};

static enum claim_verdict verdict_of(enum equivalence outcome)
{
	static const enum claim_verdict verdicts[] = {
		[EQUIVALENCE_OPEN] = CLAIM_UNDECIDED,
		[EQUIVALENCE_WITHIN] = CLAIM_CONFIRMED,
		[EQUIVALENCE_BELOW] = CLAIM_CHEAPER,
		[EQUIVALENCE_ABOVE] = CLAIM_DEARER,
	};

	return verdicts[outcome];
}

/* All rows at once: each alone would be wrong in one of twenty. */
static void judge_rows(struct claim_row *rows, size_t n)
{
	struct equivalence_test *tests = calloc(n + 1, sizeof(*tests));

	for (size_t i = 0; tests && i < n; i++)
		tests[i] = (struct equivalence_test){
			.e = rows[i].measured, .from = rows[i].from, .to = rows[i].to};
	if (!tests || equivalence_holm(tests, n)) {
		free(tests);
		return;
	}
	for (size_t i = 0; i < n; i++)
		rows[i].verdict = verdict_of(tests[i].outcome);
	free(tests);
}

const char *claims_verdict_name(enum claim_verdict verdict)
{
	static const char *const names[] = {
		[CLAIM_CONFIRMED] = "CONFIRMED",
		[CLAIM_CHEAPER] = "REFUTED, cheaper",
		[CLAIM_DEARER] = "REFUTED, dearer",
		[CLAIM_UNDECIDED] = "UNDECIDED",
	};

	return names[verdict];
}

double claims_ratio(const struct claim_row *row)
{
	double claimed = isinf(row->from) ? row->to : (row->from + row->to) / 2;

	return row->measured.value / claimed;
}

/* NULL when there is no room for more. */
static struct claim_row *add(struct scene *s, const char *what, const char *claimed, double from,
			     double to, struct effect measured)
{
	struct claim_row *row;

	if (s->used == s->most)
		return NULL;
	row = &s->rows[s->used++];
	*row = (struct claim_row){
		.what = what, .claimed = claimed, .unit = "ns", .from = from, .to = to};
	row->measured = measured;
	row->verdict = CLAIM_UNDECIDED; /* judge_rows */
	return row;
}

static bool is_read(const char *wakeup)
{
	return strcmp(wakeup, "none") != 0; /* nothing is sent then */
}

static void name_price(struct claim_row *row, const struct slope *p)
{
	bool sized = strcmp(p->size, "-") != 0, sends = strcmp(p->wakeup, "-") != 0;
	struct wakeup_name wakeup = wakeup_name(p->wakeup);

	snprintf(row->by, sizeof(row->by), "%s, %s%s%s%s%s", prices_kind(p), p->host_program,
		 sized ? ", " : "", sized ? p->size : "", sends ? ", " : "",
		 sends ? wakeup.text : "");
	row->price = p;
}

/* By prices, one row a wakeup policy, each on the first host program that has it. Returns how many.
 */
static size_t by_prices(struct scene *s, const struct helper_claim *claim)
{
	size_t n = 0;

	for (size_t i = 0; i < s->rec->n_slopes; i++) {
		const struct slope *p = &s->rec->slopes[i];
		struct claim_row *row;

		if (p->unit != UNIT_NS || !is_read(p->wakeup) ||
		    prices_find(s->rec, claim->helper, claim->size, p->wakeup) != p)
			continue;
		row = add(s, claim->what, claim->claimed, claim->from, claim->to,
			  prices_first_call(p));
		if (row)
			name_price(row, p);
		n++;
	}
	return n;
}

/* The hook of the probe under test where it could be measured, else each once, in the record's
 * order. */
static const char *next_hook(const struct scene *s, size_t *at)
{
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->results[i]->hook, "kprobe") == 0)
			return (*at)++ == 0 ? "kprobe" : NULL;
	}
	for (; *at < s->n; (*at)++) {
		const char *hook = s->results[*at]->hook;
		size_t before = 0;

		while (before < *at && strcmp(s->results[before]->hook, hook) != 0)
			before++;
		if (before == *at) {
			(*at)++;
			return hook;
		}
	}
	return NULL;
}

/* By the incremental programs of the first hook that has the step. */
static void by_increments(struct scene *s, const struct helper_claim *claim)
{
	const char *hook;
	size_t at = 0;

	while ((hook = next_hook(s, &at))) {
		struct claim_row *row;
		struct waterfall w;

		waterfall_of(s->results, s->n, hook, &w);
		if (w.programs < WATERFALL_PROGRAMS_LEAST || claim->step == STEP_OUTPUT ||
		    !w.program[claim->step] || !w.program[claim->step - 1])
			continue;
		row = add(s, claim->what, claim->claimed, claim->from, claim->to,
			  w.step[claim->step]);
		if (row)
			snprintf(row->by, sizeof(row->by), "incremental programs on %s", hook);
		return;
	}
}

static void whole_probe(struct scene *s)
{
	const char *hook;
	size_t at = 0;

	while ((hook = next_hook(s, &at))) {
		for (size_t i = 0; i < s->n; i++) {
			const struct record_result *result = s->results[i];
			struct claim_row *row;

			if (strcmp(result->hook, hook) != 0 || strcmp(result->body, "perf") != 0 ||
			    !is_read(result->wakeup))
				continue;
			row = add(s, "the complete probe", "500", ABOUT(500),
				  result->overhead.typical);
			if (!row)
				return;
			snprintf(row->by, sizeof(row->by), "%s, %s", result->variant,
				 wakeup_name(result->wakeup).text);
			row->probe = result;
		}
	}
}

static bool is_system(const struct event_point *p)
{
	return p->status == RESULT_MEASURED && strcmp(p->scenario, "sweep") == 0 && !p->saturated &&
	       strcmp(p->body, "perf") == 0 && is_read(p->wakeup) &&
	       cpu_cost_rate_same(p->rate_target, CPU_RATE);
}

static void system_overhead(struct scene *s)
{
	bool kprobe = false;

	for (size_t i = 0; i < s->rec->n_event_points; i++)
		kprobe |= is_system(&s->rec->event_points[i]) &&
			  strcmp(s->rec->event_points[i].hook, "kprobe") == 0;
	for (size_t i = 0; i < s->rec->n_event_points; i++) {
		const struct event_point *p = &s->rec->event_points[i];
		struct claim_row *row;

		if (!is_system(p) || (kprobe && strcmp(p->hook, "kprobe") != 0))
			continue;
		row = add(s, "the system at 10 K/s", "< 1", -INFINITY, 1,
			  cpu_cost_sum(p->producer_cpu, p->consumer_cpu));
		if (!row)
			return;
		row->unit = "% of a CPU";
		snprintf(row->by, sizeof(row->by), "%s, %s", p->variant,
			 wakeup_name(p->wakeup).text);
	}
}

static bool belongs(const struct record *rec, const struct record_result *result)
{
	return result->status == RESULT_MEASURED && result->unit == UNIT_NS &&
	       strcmp(result->hook, "none") != 0 && strcmp(result->workload, WORKLOAD) == 0 &&
	       cache_shown(rec, result);
}

size_t claims_collect(const struct record *rec, struct claim_row *rows, size_t most)
{
	struct scene s = {.rec = rec, .rows = rows, .most = most};

	s.results = (const struct record_result **)calloc(rec->n_results + 1,
							  sizeof(struct record_result *));
	if (!s.results)
		return 0;
	for (size_t i = 0; i < rec->n_results; i++) {
		if (belongs(rec, rec->results[i]))
			s.results[s.n++] = rec->results[i];
	}
	for (size_t i = 0; i < sizeof(helper_claims) / sizeof(*helper_claims); i++) {
		if (!by_prices(&s, &helper_claims[i]))
			by_increments(&s, &helper_claims[i]);
	}
	/* a record without helpers or events is about something else */
	if (s.used > 0)
		whole_probe(&s);
	system_overhead(&s);
	judge_rows(rows, s.used);
	free((void *)s.results);
	return s.used;
}
