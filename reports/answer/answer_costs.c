/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What probes add to one syscall: a row a hook where the record has several hooks with the same
 * programs, else a row a configuration.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answer_costs.h"
#include "reports/answer/answers.h"
#include "reports/answer/missing.h"
#include "reports/answer/suites/answer_prediction.h"
#include "reports/judge/costs/other_syscalls.h"
#include "reports/predict/predicted.h"
#include "reports/record/wakeup_name.h"
#include "reports/show/costs/data_table.h"
#include "reports/record/text_stream.h"

static bool is_probe(const struct record_result *result)
{
	return result->status == RESULT_MEASURED && strcmp(result->hook, "none") != 0 &&
	       strcmp(result->body, "aa") != 0 && strcmp(result->body, "bb") != 0;
}

const struct record_result *costs_find(const struct record *rec, const struct costs_of *of,
				       const char *hook, const char *body, const char *wakeup)
{
	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];

		if (is_probe(result) && !strcmp(result->workload, of->workload) &&
		    !strcmp(result->cache, of->cache) && (!hook || !strcmp(result->hook, hook)) &&
		    (!body || !strcmp(result->body, body)) &&
		    (!wakeup || !strcmp(result->wakeup, wakeup)))
			return result;
	}
	return NULL;
}

/* munmap_einval, where all suites measure most, else the first that is no control. */
static bool choose(const struct record *rec, struct costs_of *of)
{
	static const char *const preferred[] = {"munmap_einval", NULL, OTHER_SYSCALLS_CONTROL};

	for (size_t p = 0; p < sizeof(preferred) / sizeof(*preferred); p++)
		for (size_t i = 0; i < rec->n_results; i++) {
			const struct record_result *result = rec->results[i];

			if (!is_probe(result) ||
			    (preferred[p] && strcmp(result->workload, preferred[p]) != 0) ||
			    (!preferred[p] && !strcmp(result->workload, OTHER_SYSCALLS_CONTROL)))
				continue;
			*of = (struct costs_of){result->workload, result->cache};
			return true;
		}
	return false;
}

static bool hook_before(const struct record *rec, const struct costs_of *of, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		const struct record_result *result = rec->results[i];

		if (is_probe(result) && !strcmp(result->workload, of->workload) &&
		    !strcmp(result->cache, of->cache) &&
		    !strcmp(result->hook, rec->results[at]->hook))
			return true;
	}
	return false;
}

size_t costs_hooks(const struct record *rec, const struct costs_of *of, const char **out,
		   size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < rec->n_results && n < most; i++) {
		const struct record_result *result = rec->results[i];

		if (is_probe(result) && !strcmp(result->workload, of->workload) &&
		    !strcmp(result->cache, of->cache) && !hook_before(rec, of, i))
			out[n++] = result->hook;
	}
	return n;
}

static const struct effect unknown = {NAN, NAN, NAN};

static struct effect typical(const struct record_result *result)
{
	return result ? result->overhead.typical : unknown;
}

/* What a syscall that the probe doesn't name pays for the hook. */
static const struct record_result *others(const struct record *rec, const struct costs_of *of,
					  const char *hook)
{
	struct costs_of control = {OTHER_SYSCALLS_CONTROL, of->cache};
	const struct record_result *result = costs_find(rec, &control, hook, "lookup_miss", NULL);

	return result ? result : costs_find(rec, &control, hook, "empty", NULL);
}

/* A figure of one round has no interval, and alone it would look exact. */
static void put_cost(struct answer *a, struct effect cost)
{
	if (isfinite(cost.value) && !isfinite(cost.lo) && !isfinite(cost.hi))
		answer_absent(a, "one round");
	else
		answer_effect(a, cost);
}

static const struct answer_column by_hook[] = {
	{"hook", "hook", ANSWER_WORDS, false},
	{"empty", "empty", ANSWER_NS, false},
	{"ringbuf_none", "ring buffer", ANSWER_NS, false},
	{"perf_none", "perf buffer", ANSWER_NS, false},
	{"perf_per_event", "perf+wakeup", ANSWER_NS, false},
	{"other_syscalls", "other calls", ANSWER_NS, false},
	{"ringbuf_per_event", "ring buffer+wakeup", ANSWER_NS, true},
	{"lookup_miss", "lookup, miss", ANSWER_NS, true},
	{"perf_p99", "perf p99 shift", ANSWER_NS, true},
};

#define HOOKS_MOST 16

static void put_predicted(struct answer *a, const struct prediction_row *row)
{
	if (row)
		answer_predict(a, row->ns.lo, row->ns.hi);
	else
		answer_effect(a, unknown);
}

/* Prices are those of one syscall and cache state. */
static bool predicts(const struct predicted *predicted, const struct costs_of *of)
{
	return predicted && predicted->asked && !predicted->err &&
	       !strcmp(of->workload, PREDICTION_WORKLOAD) &&
	       !strcmp(of->cache, predicted->of.cache);
}

/* Hooks that the run tried and did not measure: a row each, of those that have a range. False: none
 * has. */
static bool pivot_predicted(struct answer *a, const struct costs_of *of,
			    const struct predicted *predicted)
{
	size_t rows = 0;

	for (size_t i = 0; predicts(predicted, of) && i < predicted->of.n_rows; i++) {
		const struct prediction_row *row = &predicted->of.rows[i];
		const char *hook = row->lab->hook;

		if (strcmp(row->lab->body, "empty") != 0 || *row->withheld ||
		    !prediction_tried(&predicted->of, hook) ||
		    prediction_has_measured(&predicted->of, hook))
			continue;
		answer_row(a);
		answer_text(a, "%s", hook);
		put_predicted(a, row);
		put_predicted(a, predicted_find(predicted, hook, "ringbuf", "idle"));
		put_predicted(a, predicted_find(predicted, hook, "perf", "idle"));
		for (size_t c = 0; c < 3; c++)
			answer_effect(a, unknown);
		put_predicted(a, predicted_find(predicted, hook, "lookup_miss", "-"));
		answer_effect(a, unknown);
		rows++;
	}
	return rows > 0;
}

/* In two lines, or the screen gives up rows. */
static void note_pivot(struct answer *a, const struct predicted *predicted)
{
	char series[32];

	if (!predicted) {
		answer_note(a, "empty: does nothing; buffers: an event, nobody woken; perf+wakeup: "
			       "it wakes its reader; other calls: paid by every other syscall");
		return;
	}
	prediction_series(predicted->of.lab->host.kernel, series, sizeof(series));
	answer_note(
		a,
		"≈, in ns: predicted by instructions of kernel %s, not measured; buffers: nobody "
		"woken; perf+wakeup: reader woken; other calls: paid by all others",
		series);
}

static void pivot(struct answer *a, const struct record *rec, const struct costs_of *of,
		  const char *const *hooks, size_t n, const struct predicted *predicted)
{
	answer_table(a, "costs", NULL, by_hook, sizeof(by_hook) / sizeof(*by_hook));
	for (size_t i = 0; i < n; i++) {
		const struct record_result *perf = costs_find(rec, of, hooks[i], "perf", "idle");

		answer_row(a);
		answer_text(a, "%s", hooks[i]);
		put_cost(a, typical(costs_find(rec, of, hooks[i], "empty", NULL)));
		put_cost(a, typical(costs_find(rec, of, hooks[i], "ringbuf", "idle")));
		put_cost(a, typical(perf));
		put_cost(a, typical(costs_find(rec, of, hooks[i], "perf", "caught_up")));
		put_cost(a, typical(others(rec, of, hooks[i])));
		put_cost(a, typical(costs_find(rec, of, hooks[i], "ringbuf", "caught_up")));
		put_cost(a, typical(costs_find(rec, of, hooks[i], "lookup_miss", NULL)));
		put_cost(a, perf ? perf->overhead.p99 : unknown);
	}
	note_pivot(a, pivot_predicted(a, of, predicted) ? predicted : NULL);
}

static const struct answer_column by_configuration[] = {
	{"variant", "configuration", ANSWER_WORDS, false},
	{"wakeup", "wakeup", ANSWER_WORDS, false},
	{"syscall", "syscall", ANSWER_WORDS, false},
	{"typical", "typical", ANSWER_NS, false},
	{"p99_shift", "p99 shift", ANSWER_NS, false},
	{"mean", "mean", ANSWER_NS, true},
	{"p50_shift", "p50 shift", ANSWER_NS, true},
	{"cache", "cache", ANSWER_WORDS, true},
};

static void list(struct answer *a, const struct record *rec)
{
	answer_table(a, "costs", NULL, by_configuration,
		     sizeof(by_configuration) / sizeof(*by_configuration));
	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];

		if (!is_probe(result))
			continue;
		answer_row(a);
		answer_text(a, "%s", result->variant);
		answer_text(a, "%s", wakeup_name(result->wakeup).text);
		answer_text(a, "%s", result->workload);
		put_cost(a, result->overhead.typical);
		put_cost(a, result->overhead.p99);
		put_cost(a, result->overhead.mean);
		put_cost(a, result->overhead.p50);
		answer_text(a, "%s", result->cache);
	}
}

/* The length of the call with nothing attached, of the configuration that is the first row. */
static void title(struct answer *a, const struct record *rec, const struct costs_of *of)
{
	const struct record_result *result = costs_find(rec, of, NULL, NULL, NULL);
	bool exact = result->unit == UNIT_INSTRUCTIONS;

	for (size_t i = 0; i < rec->n_results; i++)
		if (!strcmp(rec->results[i]->workload, of->workload) &&
		    !strcmp(rec->results[i]->cache, of->cache) && is_probe(rec->results[i]) &&
		    isfinite(rec->results[i]->baseline.typical)) {
			result = rec->results[i];
			break;
		}
	answer_title(a, "Added to one %s (%.0f %s without a probe)%s", of->workload,
		     result->baseline.typical, unit_name(result->unit),
		     exact ? "" : "; typical, 95 % CI");
}

static void missing(struct answer *a, const struct record *rec)
{
	struct missing *rows = calloc(rec->n_results + 1, sizeof(*rows));

	for (size_t i = 0; rows && i < rec->n_results; i++)
		rows[i] = (struct missing){rec->results[i]->hook, rec->results[i]->reason,
					   rec->results[i]->status};
	if (rows)
		missing_say(a, rows, rec->n_results);
	free(rows);
}

/* Why hooks that the run lacks have no range. */
static void say_unpredicted(struct answer *a, const struct predicted *predicted)
{
	if (!predicted || !predicted->asked)
		return;
	if (predicted->err)
		answer_line(a, "Withheld", "predictions: %s", predicted->why.text);
	else
		prediction_say_withheld(a, &predicted->of, NULL, true);
}

void answer_costs(struct answer *a, const struct record *rec, const struct predicted *predicted)
{
	const char *hooks[HOOKS_MOST];
	struct costs_of of;
	size_t n;

	if (!choose(rec, &of)) {
		answer_table(a, "costs", NULL, by_configuration, 1);
		answer_note(a, "Nothing was measured.");
		missing(a, rec);
		say_unpredicted(a, predicted);
		answer_quality(a, rec);
		return;
	}
	title(a, rec, &of);
	n = costs_hooks(rec, &of, hooks, HOOKS_MOST);
	if (n > 1 && costs_find(rec, &of, NULL, "empty", NULL) &&
	    (costs_find(rec, &of, NULL, "ringbuf", "idle") ||
	     costs_find(rec, &of, NULL, "perf", "idle")))
		pivot(a, rec, &of, hooks, n, predicted);
	else
		list(a, rec);
	answer_costs_lines(a, rec, &of);
	missing(a, rec);
	say_unpredicted(a, predicted);
	answer_costs_next(a, rec);
}
