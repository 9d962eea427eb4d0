/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/record/cache_state.h"
#include "reports/record/wakeup_name.h"
#include "reports/judge/verdict.h"

/* The probe under test: a kprobe and a perf buffer that wakes its reader at each event. */
#define UNDER_TEST_VARIANT "kprobe_as_written"
#define UNDER_TEST_CLOSEST "kprobe_perf"

static bool is_configuration(const struct record_result *result)
{
	return strcmp(result->hook, "none") != 0 && strcmp(result->wakeup, "-") != 0 &&
	       strcmp(result->wakeup, "none") != 0;
}

static bool in_scope(const struct record_result *result, const struct verdict_scope *scope,
		     const char *workload)
{
	return is_configuration(result) && workload && strcmp(result->workload, workload) == 0 &&
	       (!scope->variant || fnmatch(scope->variant, result->variant, 0) == 0) &&
	       (!scope->wakeup || strcmp(scope->wakeup, result->wakeup) == 0);
}

static const char *pick_workload(const struct record_set *e, const struct verdict_scope *scope)
{
	const char *first = NULL;

	if (scope->workload)
		return scope->workload;
	for (size_t r = 0; r < e->n_runs; r++) {
		const struct record *rec = e->runs[r].record;

		for (size_t i = 0; i < rec->n_results; i++) {
			const struct record_result *result = rec->results[i];

			if (!is_configuration(result) || result->status != RESULT_MEASURED)
				continue;
			if (strcmp(result->workload, "munmap_einval") == 0)
				return result->workload;
			if (!first)
				first = result->workload;
		}
	}
	return first ? first : "munmap_einval";
}

/* The newest kernel's count, of this architecture: labs are in order of version. */
static void find_instructions(const struct record_set *e, struct configuration *c)
{
	for (size_t i = 0; i < e->n_labs; i++) {
		const struct record_result *result =
			cache_find(e->labs[i].record, c->result->variant, c->result->workload,
				   c->result->wakeup);

		if (!record_set_lab_fits(e, i) || !result || result->status != RESULT_MEASURED ||
		    isnan(result->overhead.p50.value))
			continue;
		c->instructions = result->overhead.p50.value;
		c->instructions_kernel = e->labs[i].record->host.kernel;
	}
}

static struct criteria criteria_of(const struct verdicts *v)
{
	return (struct criteria){v->budget, v->record_set, v->under_test_variant, v->aa_p99_off};
}

static bool contradict(enum verdict a, enum verdict b)
{
	return a != VERDICT_INCONCLUSIVE && b != VERDICT_INCONCLUSIVE &&
	       (a == VERDICT_RED) != (b == VERDICT_RED);
}

/* The run with the most calls decides, unless another one proves the contrary. */
static void judge_p99(const struct verdicts *v, const struct record_result *result,
		      struct judgement *j)
{
	const struct criteria by = criteria_of(v);

	verdict_p99(&by, result, j);
	for (size_t r = 0; r < v->record_set->n_runs; r++) {
		const struct record_result *again =
			record_find_result(v->record_set->runs[r].record, result->id);
		struct judgement other = {.verdict = VERDICT_INCONCLUSIVE};

		if (!again || again == result || again->status != RESULT_MEASURED)
			continue;
		verdict_p99(&by, again, &other);
		if (!contradict(j->verdict, other.verdict))
			continue;
		j->verdict = VERDICT_INCONCLUSIVE;
		snprintf(j->settle, sizeof(j->settle),
			 "what differs between the runs: one proves what another one excludes. Run "
			 "each again: bpftoll run --variant %s --syscall %s --wakeup-policy %s",
			 result->variant, result->workload, wakeup_name(result->wakeup).text);
	}
}

static void judge_measured(const struct verdicts *v, struct configuration *c)
{
	const struct criteria by = criteria_of(v);

	c->budget_ns = c->result->overhead.mean;
	c->others_cpu = other_syscalls_cpu(v->record_set, c->result, &v->others);
	judge_p99(v, c->result, &c->by[CRITERION_P99]);
	verdict_cpu(&by, c->result, c->others_cpu, &c->by[CRITERION_CPU]);
	verdict_lost(&by, c->result, &c->by[CRITERION_LOSS]);
	c->overload_loss = verdict_overload(&by, c->result);
}

static void judge(const struct verdicts *v, const struct record_result *result,
		  struct configuration *c)
{
	static const struct effect unknown = {NAN, NAN, NAN};

	*c = (struct configuration){.result = result,
				    .others_cpu = unknown,
				    .budget_ns = unknown,
				    .overload_loss = unknown,
				    .instructions = NAN};
	for (size_t k = 0; k < CRITERIA; k++) {
		c->by[k].measured = unknown;
		c->by[k].verdict = VERDICT_INCONCLUSIVE;
	}
	if (result->status == RESULT_MEASURED)
		judge_measured(v, c);
	else
		snprintf(c->by[CRITERION_P99].settle, sizeof(c->by[CRITERION_P99].settle),
			 "a kernel that can: here it was %s: %s",
			 result_status_name(result->status),
			 result->reason ? result->reason : "no reason kept");
	find_instructions(v->record_set, c);
	c->verdict = VERDICT_GREEN;
	for (size_t k = 0; k < CRITERIA; k++)
		if (c->by[k].verdict > c->verdict) {
			c->verdict = c->by[k].verdict;
			c->decided = (enum criterion)k;
		}
	if (c->verdict == VERDICT_GREEN)
		c->decided = CRITERION_P99;
}

/* The null test of the workload. */
static void look_at_aa(struct verdicts *v)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct record_result *aa;
		struct effect e;

		if (!v->rows[i].result || v->rows[i].result->status != RESULT_MEASURED)
			continue;
		aa = record_set_aa(v->record_set, v->rows[i].result);
		e = aa ? aa->overhead.p99 : (struct effect){NAN, NAN, NAN};
		v->aa_measured |= !isnan(e.lo);
		if (!isnan(e.lo) && !effect_holds_zero(e))
			v->aa_p99_off = fmax(v->aa_p99_off, fabs(e.value));
	}
}

static bool seen(const struct verdicts *v, const char *id)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->rows[i].result && strcmp(v->rows[i].result->id, id) == 0)
			return true;
	return false;
}

static void collect(struct verdicts *v, const struct record *rec, const struct verdict_scope *scope)
{
	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i], *best;

		if (!in_scope(result, scope, v->workload) || seen(v, result->id))
			continue;
		best = record_set_result(v->record_set, result->id);
		v->rows[v->n++].result = best ? best : result;
	}
}

static bool has_variant(const struct record_set *e, const char *variant, const char *workload)
{
	for (size_t r = 0; r < e->n_runs; r++) {
		const struct record *rec = e->runs[r].record;

		for (size_t i = 0; i < rec->n_results; i++)
			if (strcmp(rec->results[i]->variant, variant) == 0 &&
			    strcmp(rec->results[i]->workload, workload) == 0)
				return true;
	}
	return false;
}

size_t verdict_measured(const struct verdicts *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += v->rows[i].result->status == RESULT_MEASURED;
	return n;
}

bool verdict_is_under_test(const struct verdicts *v, const struct record_result *result)
{
	return criteria_under_test(v->under_test_variant, result);
}

static bool is_cold(const struct record_result *result)
{
	return result && strcmp(result->cache, "cold") == 0;
}

/* Its result: measured rather than not, stirred (whose mean repeats) rather than hot, never cold.
 */
static void find_under_test(struct verdicts *v)
{
	int best = 0;

	for (size_t i = 0; i < v->n; i++) {
		const struct record_result *result = v->rows[i].result;
		int rank;

		if (!result || !verdict_is_under_test(v, result) || is_cold(result))
			continue;
		rank = 1 + 2 * (result->status == RESULT_MEASURED) +
		       (strcmp(result->cache, "stirred") == 0);
		if (rank <= best)
			continue;
		best = rank;
		v->under_test = &v->rows[i];
	}
}

/* % of one CPU, by which the cheapest is found; what it is of its producer's price where no event
 * run is there. */
static double cpu_of(const struct verdicts *v, const struct configuration *c)
{
	double cpu = c->by[CRITERION_CPU].measured.value;

	return isnan(cpu) ? c->budget_ns.value * v->budget.rate * 1e-7 : cpu;
}

size_t verdict_passing(const struct verdicts *v, const struct configuration **out, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		const struct configuration *c = &v->rows[i];
		size_t at;

		if (c->verdict > VERDICT_YELLOW || verdict_is_under_test(v, c->result) ||
		    is_cold(c->result))
			continue;
		for (at = n < most ? n : most; at > 0; at--) {
			const struct configuration *before = out[at - 1];

			if (before->verdict < c->verdict ||
			    (before->verdict == c->verdict && cpu_of(v, before) <= cpu_of(v, c)))
				break;
			if (at < most)
				out[at] = before;
		}
		if (at < most)
			out[at] = c;
		n++;
	}
	return n;
}

/* Cold results count where nothing else was asked for: no event run joins them. */
static void find_worst(struct verdicts *v)
{
	for (int cold = 0; cold < 2 && !v->worst; cold++)
		for (size_t i = 0; i < v->n; i++)
			if (is_cold(v->rows[i].result) == (cold == 1) &&
			    (!v->worst || v->rows[i].verdict > v->worst->verdict))
				v->worst = &v->rows[i];
}

enum verdict verdict_asked(const struct verdicts *v)
{
	const struct configuration *asked = v->narrowed ? v->worst : v->under_test;

	return asked ? asked->verdict : VERDICT_INCONCLUSIVE;
}

static enum verdict conclude(const struct verdicts *v)
{
	enum verdict asked = verdict_asked(v);

	return !v->narrowed && asked == VERDICT_RED && v->change ? VERDICT_YELLOW : asked;
}

int verdict_judge(const struct record_set *e, const struct budget *budget,
		  const struct verdict_scope *scope, struct verdicts *out)
{
	const struct configuration *cheapest;
	size_t room = 1;

	*out = (struct verdicts){.budget = *budget, .record_set = e};
	out->workload = pick_workload(e, scope);
	out->narrowed = scope->variant || scope->wakeup;
	out->others = other_syscalls_rate(e, budget->other_syscalls);
	out->under_test_variant = has_variant(e, UNDER_TEST_CLOSEST, out->workload) &&
						  !has_variant(e, UNDER_TEST_VARIANT, out->workload)
					  ? UNDER_TEST_CLOSEST
					  : UNDER_TEST_VARIANT;
	for (size_t r = 0; r < e->n_runs; r++)
		room += e->runs[r].record->n_results;
	out->rows = calloc(room, sizeof(*out->rows));
	if (!out->rows)
		return -ENOMEM;
	for (size_t r = 0; r < e->n_runs; r++)
		collect(out, e->runs[r].record, scope);
	look_at_aa(out);
	for (size_t i = 0; i < out->n; i++)
		if (out->rows[i].result)
			judge(out, out->rows[i].result, &out->rows[i]);
	find_under_test(out);
	if (verdict_passing(out, &cheapest, 1))
		out->change = cheapest;
	find_worst(out);
	out->run = conclude(out);
	return 0;
}

void verdict_free(struct verdicts *v)
{
	free(v->rows);
	v->rows = NULL;
	v->n = 0;
}
