/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reports/judge/cpu_cost.h"
#include "reports/judge/loss.h"
#include "reports/record/treatment.h"
#include "reports/judge/verdict_criteria.h"
#include "reports/judge/costs/other_syscalls.h"
#include "reports/record/wakeup_name.h"
#include "reports/stats/stats.h"

#define UNITS_ABSURD 1000
#define PROCESS_S    10.0 /* a worker process of a run of 80 s or more: kit/probes/harness.h */

static const struct effect unknown = {NAN, NAN, NAN};

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {"GREEN", "YELLOW", "INCONCLUSIVE", "RED"};

	return names[verdict];
}

const char *criterion_name(enum criterion criterion)
{
	static const char *const names[] = {"p99", "CPU", "loss"};

	return names[criterion];
}

enum verdict verdict_of(struct effect measured, struct bounds bounds)
{
	double last = isnan(bounds.red) ? bounds.green : bounds.red;

	if (isnan(measured.value) || isnan(measured.lo) || isnan(measured.hi))
		return VERDICT_INCONCLUSIVE;
	if (measured.hi < bounds.green)
		return VERDICT_GREEN;
	if (measured.lo > last)
		return isnan(bounds.red) ? VERDICT_YELLOW : VERDICT_RED;
	return measured.hi > last ? VERDICT_INCONCLUSIVE : VERDICT_YELLOW;
}

bool criteria_under_test(const char *variant, const struct record_result *result)
{
	return result && strcmp(result->variant, variant) == 0 &&
	       strcmp(result->wakeup, VERDICT_UNDER_TEST_WAKEUP) == 0;
}

/* ---- p99 ---- */

/*
 * What stands in the way of GREEN (or of not being RED) is the upper bound: a longer run where its
 * scatter does, a quieter CPU where its value does. The interval is over worker processes, so it is
 * of those that there must be more; a run of ten seconds or more a process starts a further one.
 */
static int settle_by_length(const struct record_result *result, double off, double threshold,
			    char *out, size_t len, char *length, size_t length_len)
{
	bool processes = result->workers > 1;
	size_t n = processes ? result->workers : result->rounds;
	struct effect most = result->p99_bound;
	double needed = stats_units_needed(most.value + off, most.hi - most.value, n, threshold);

	snprintf(length, length_len, "--seconds 80");
	if (isnan(needed))
		return snprintf(out, len, "at least 367 calls over 2 rounds: ");
	if (most.value + off >= threshold || needed > UNITS_ABSURD) {
		snprintf(length, length_len, "--isolate --seconds 80");
		return snprintf(out, len,
				"the bound %+.0f ns is %s %g ns, however long the run: a quieter "
				"CPU, or a syscall under test that varies less: ",
				most.value + off,
				most.value + off >= threshold ? "above" : "too near to", threshold);
	}
	needed = fmax(needed, (double)n + 1);
	if (processes)
		snprintf(length, length_len, "--seconds %.0f", needed * PROCESS_S);
	else
		snprintf(length, length_len, "--rounds %.0f", needed);
	return snprintf(out, len,
			"about %.0f %s (%zu were too few; four such runs in five settle it): ",
			needed, processes ? "worker processes" : "rounds", n);
}

static void settle_p99(const struct record_result *result, double off, double threshold, char *out,
		       size_t len)
{
	char length[64] = "--seconds 80";
	int used;

	if (isnan(result->p99_bound.value) && !isnan(result->overhead.p99.value))
		used = snprintf(out, len,
				"a record that bounds the p99 of the cost (this one has shifts "
				"only, or too many calls were left out): ");
	else
		used = settle_by_length(result, off, threshold, out, len, length, sizeof(length));
	if (used < 0 || (size_t)used >= len)
		return;
	snprintf(out + used, len - (size_t)used,
		 "bpftoll run --variant %s --syscall %s --wakeup-policy %s %s", result->variant,
		 result->workload, wakeup_name(result->wakeup).text, length);
}

/*
 * The lower end: the record's own, else (older records) from p99(cost) >= Q_config(0.5) -
 * Q_baseline(0.51), where the baseline's p90 stands for its p51.
 */
static double p99_at_least(const struct record_result *result)
{
	if (!isnan(result->p99_least.lo))
		return result->p99_least.lo;
	return result->overhead.p50.lo - (result->baseline.p90 - result->baseline.p50);
}

static void show_p99(const struct record_result *result, double least, char *out, size_t len)
{
	struct effect shift = result->overhead.p99, most = result->p99_bound;
	int used = snprintf(out, len, "shift of the p99s %+.0f [%+.0f, %+.0f] ns", shift.value,
			    shift.lo, shift.hi);

	if (used > 0 && (size_t)used < len)
		used += snprintf(out + used, len - (size_t)used,
				 isnan(most.hi) ? "; no upper bound of the cost's p99 in the record"
						: "; p99 of the cost at most %+.0f (95 %%: %+.0f)",
				 most.value, most.hi);
	if (used > 0 && (size_t)used < len && least > 0)
		snprintf(out + used, len - (size_t)used, ", at least %+.0f ns", least);
}

void verdict_p99(const struct criteria *by, const struct record_result *result, struct judgement *j)
{
	struct bounds bounds = by->budget.p99_ns;
	double last = isnan(bounds.red) ? bounds.green : bounds.red, off = by->aa_p99_off;
	double least = p99_at_least(result) - off, most = result->p99_bound.hi + off;

	j->measured = (struct effect){result->overhead.p99.value, least, most};
	if (!isnan(least) && !isnan(most))
		j->verdict = verdict_of((struct effect){least, least, most}, bounds);
	else if (least > last)
		j->verdict = isnan(bounds.red) ? VERDICT_YELLOW : VERDICT_RED;
	snprintf(j->rests, sizeof(j->rests), "%s", result->id);
	if (!isnan(result->overhead.p99.value))
		show_p99(result, least, j->shows, sizeof(j->shows));
	if (j->verdict == VERDICT_INCONCLUSIVE)
		settle_p99(result, off, last, j->settle, sizeof(j->settle));
	else if (j->verdict == VERDICT_YELLOW && least < bounds.green)
		settle_p99(result, off, bounds.green, j->settle, sizeof(j->settle));
}

/* ---- points of an event run ---- */

static bool at_rate(const struct event_point *p, const struct record_result *result, double rate)
{
	return p->status == RESULT_MEASURED && strcmp(p->scenario, "sweep") == 0 &&
	       strcmp(p->policy, "-") == 0 && treatment_same(result, p) &&
	       cpu_cost_rate_same(p->rate_target, rate);
}

/* Walks the event points of a configuration at a rate; *run and *at start at 0. */
static const struct event_point *next_point(const struct record_set *e,
					    const struct record_result *result, double rate,
					    size_t *run, size_t *at)
{
	for (; *run < e->n_runs; (*run)++, *at = 0) {
		const struct record *rec = e->runs[*run].record;

		while (*at < rec->n_event_points) {
			const struct event_point *p = &rec->event_points[(*at)++];

			if (at_rate(p, result, rate))
				return p;
		}
	}
	return NULL;
}

/*
 * Of two judgements of one criterion, the one that counts: the one that lacks nothing (unless the
 * other proves RED all the same), then the worse, then the one that reaches further up.
 */
static void keep_worse(struct judgement *kept, const struct judgement *other)
{
	bool take = other->verdict > kept->verdict ||
		    (other->verdict == kept->verdict && other->measured.hi > kept->measured.hi);

	if (other->part != kept->part && other->verdict != VERDICT_RED &&
	    kept->verdict != VERDICT_RED)
		take = kept->part;
	if (kept->rests[0] == '\0' || take)
		*kept = *other;
}

/* With names for the probe under test only, so that the same advice to many configurations is
 * printed once. */
static void settle_events(const struct criteria *by, const struct record_result *result,
			  const char *why, char *out, size_t len)
{
	if (result->reader.wait && strcmp(result->reader.wait, "caller") == 0)
		snprintf(out, len,
			 "a wakeup policy with a reader, without which neither the reader's CPU "
			 "nor the loss can be measured: bpftoll run --variant %s --wakeup-policy "
			 "polled-1ms, and the same with --suite events --rate %.0f",
			 result->variant, by->budget.rate);
	else if (criteria_under_test(by->under_test_variant, result))
		snprintf(out, len,
			 "%sbpftoll run --suite events --variant %s --wakeup-policy %s --rate %.0f",
			 why, result->variant, wakeup_name(result->wakeup).text, by->budget.rate);
	else
		snprintf(out, len, "%sbpftoll run --suite events --rate %.0f", why,
			 by->budget.rate);
}

/* ---- CPU ---- */

/* A part that is not known adds nothing, and is told. */
static struct effect cpu_sum(const struct effect *parts, size_t n, bool *part)
{
	struct effect sum = {0, 0, 0};

	for (size_t i = 0; i < n; i++)
		if (isnan(parts[i].value) || isnan(parts[i].lo))
			*part = true;
		else
			sum = cpu_cost_sum(sum, parts[i]);
	return sum;
}

/* Whose CPU is judged, and what other syscalls pay for it. */
struct payer {
	const struct record_result *result;
	struct effect others_cpu;
};

static void settle_cpu(const struct criteria *by, const struct payer *c,
		       const struct event_point *p, bool typical, struct judgement *j)
{
	char *out = j->settle;
	size_t len = sizeof(j->settle);

	if (p && p->saturated)
		snprintf(out, len, "a machine that reaches the rate: here it was %.0f calls/s",
			 p->rate_achieved);
	else if (isnan(c->others_cpu.value))
		snprintf(out, len,
			 "what each other syscall pays was not measured: bpftoll run --variant "
			 "'%s_*' --syscall " OTHER_SYSCALLS_CONTROL,
			 c->result->hook);
	else if (!p)
		settle_events(by, c->result, "the reader's CPU is not in it: ", out, len);
	else if (typical)
		settle_events(by, c->result,
			      "the record has the producer's typical cost, not the mean that a CPU "
			      "pays: ",
			      out, len);
	else if (j->part)
		settle_events(by, c->result,
			      "the producer's or the reader's CPU was not measured: ", out, len);
	else
		settle_events(by, c->result, "a longer or quieter run: ", out, len);
}

static void show_cpu(const struct effect parts[3], bool typical, char *out, size_t len)
{
	static const char *const names[] = {"producer", "reader", "other syscalls"};
	size_t used = 0;

	for (size_t i = 0; i < 3; i++) {
		int n;

		if (isnan(parts[i].value))
			n = snprintf(out + used, len - used, "%s%s not measured", used ? ", " : "",
				     names[i]);
		else
			n = snprintf(out + used, len - used, "%s%s%s %.3g %%", used ? " + " : "",
				     names[i], i == 0 && typical ? " (typical)" : "",
				     parts[i].value);
		if (n < 0 || (used += (size_t)n) >= len)
			return;
	}
}

/* p NULL: the producer's price from the result, rate × mean. */
static void judge_cpu(const struct criteria *by, const struct payer *c, const struct event_point *p,
		      struct judgement *j)
{
	struct effect mean = c->result->overhead.mean;
	double percent = by->budget.rate * 1e-9 * 100;
	/* records from before readers were told have the typical cost there */
	bool typical = p && !treatment_known(&p->reader);
	struct effect parts[3] = {
		p ? p->producer_cpu
		  : (struct effect){mean.value * percent, mean.lo * percent, mean.hi * percent},
		p ? p->consumer_cpu : unknown,
		c->others_cpu,
	};

	if (isnan(parts[0].value) && isnan(parts[1].value)) {
		settle_cpu(by, c, p, typical, j);
		return;
	}
	snprintf(j->rests, sizeof(j->rests), "%s", p ? p->id : c->result->id);
	show_cpu(parts, typical, j->shows, sizeof(j->shows));
	j->part = typical;
	j->measured = cpu_sum(parts, 3, &j->part);
	j->verdict = verdict_of(j->measured, by->budget.cpu_percent);
	if (j->verdict != VERDICT_RED && (j->part || (p && p->saturated)))
		j->verdict = VERDICT_INCONCLUSIVE;
	if (j->verdict == VERDICT_INCONCLUSIVE)
		settle_cpu(by, c, p, typical, j);
}

void verdict_cpu(const struct criteria *by, const struct record_result *result,
		 struct effect others_cpu, struct judgement *j)
{
	const struct payer c = {result, others_cpu};
	const struct event_point *p;
	size_t run = 0, at = 0;

	while ((p = next_point(by->record_set, result, by->budget.rate, &run, &at))) {
		struct judgement other = {.measured = unknown, .verdict = VERDICT_INCONCLUSIVE};

		judge_cpu(by, &c, p, &other);
		keep_worse(j, &other);
	}
	if (j->rests[0] == '\0')
		judge_cpu(by, &c, NULL, j);
}

/* ---- loss ---- */

/*
 * Without exposure, in windows that may all fit into the buffer, what was lost was lost; all of it
 * may be one stall's, and up to 5.57 times as many might have come (Poisson, 97.5 %).
 */
#define ONE_STALL_MOST 5.57

static struct effect point_loss(const struct event_point *p)
{
	struct loss_bound bound;
	struct effect loss;

	if (loss_bound(p, &bound))
		return bound.percent;
	if (p->received >= p->produced)
		return unknown;
	loss = loss_share(p->produced - p->received, p->produced);
	loss.hi = fmin(100, fmax(loss.hi, loss.value * ONE_STALL_MOST));
	return loss;
}

/* Only what was lost for certain stands without exposure: below that nothing could be lost. */
static bool needs_exposure(enum verdict verdict, struct bounds bounds)
{
	return verdict == VERDICT_GREEN || (verdict == VERDICT_YELLOW && !isnan(bounds.red));
}

static void show_loss(const struct event_point *p, const struct loss_bound *bound, char *out,
		      size_t len)
{
	if (!bound->shown)
		snprintf(out, len, "%llu lost of %llu, in windows that prove no bound",
			 (unsigned long long)(p->produced - p->received),
			 (unsigned long long)p->produced);
	else
		snprintf(out, len,
			 "%llu lost of %llu in %.3g s, %.3g buffer fills, stalls of %.2g ms below "
			 "%.2g/s",
			 (unsigned long long)p->exposure_lost,
			 (unsigned long long)p->exposure_produced, p->exposure_s, p->buffer_fills,
			 bound->stall_ms, bound->stalls_per_s.hi);
}

static void settle_loss(const struct criteria *by, const struct record_result *result,
			const struct event_point *p, bool shown, struct judgement *j)
{
	double green = by->budget.loss_percent.green, needed = ceil(300 / green);
	char *out = j->settle;
	size_t len = sizeof(j->settle);

	if (p->saturated)
		snprintf(out, len, "a machine that reaches the rate: here it was %.0f calls/s",
			 p->rate_achieved);
	else if (!shown)
		settle_events(by, result,
			      "windows of 10 s and 10 buffer fills, in which a reader that stands "
			      "still must lose: ",
			      out, len);
	else if ((double)p->exposure_produced < needed)
		snprintf(out, len,
			 "%.0f events with none lost prove a loss below %g %%; %llu were sent: "
			 "bpftoll run --suite events --rate %.0f --seconds %.0f",
			 needed, green, (unsigned long long)p->exposure_produced, by->budget.rate,
			 ceil(needed / by->budget.rate) + 1);
	else
		snprintf(out, len, "more than %llu events: the loss lies near %g %%",
			 (unsigned long long)p->exposure_produced, green);
}

static void judge_point_loss(const struct criteria *by, const struct record_result *result,
			     const struct event_point *p, struct judgement *j)
{
	struct loss_bound bound;

	loss_bound(p, &bound);
	j->measured = point_loss(p);
	j->verdict = verdict_of(j->measured, by->budget.loss_percent);
	snprintf(j->rests, sizeof(j->rests), "%s", p->id);
	if (p->received <= p->produced)
		show_loss(p, &bound, j->shows, sizeof(j->shows));
	if (!bound.shown && needs_exposure(j->verdict, by->budget.loss_percent))
		j->verdict = VERDICT_INCONCLUSIVE;
	j->part = !bound.shown;
	if (p->saturated)
		j->verdict = VERDICT_INCONCLUSIVE;
	if (j->verdict == VERDICT_INCONCLUSIVE)
		settle_loss(by, result, p, bound.shown, j);
}

void verdict_lost(const struct criteria *by, const struct record_result *result,
		  struct judgement *j)
{
	const struct event_point *p;
	size_t run = 0, at = 0;

	while ((p = next_point(by->record_set, result, by->budget.rate, &run, &at))) {
		struct judgement other = {.measured = unknown, .verdict = VERDICT_INCONCLUSIVE};

		judge_point_loss(by, result, p, &other);
		keep_worse(j, &other);
	}
	if (j->rests[0] == '\0')
		settle_events(by, result, "an event run of the same configuration: ", j->settle,
			      sizeof(j->settle));
}

struct effect verdict_overload(const struct criteria *by, const struct record_result *result)
{
	struct effect worst = unknown;
	const struct event_point *p;
	size_t run = 0, at = 0;

	while ((p = next_point(by->record_set, result, by->budget.overload_rate, &run, &at))) {
		struct effect loss = point_loss(p);

		/* NAN: nothing is shown */
		if (!isnan(loss.value) && (isnan(worst.value) || loss.hi > worst.hi))
			worst = loss;
	}
	return worst;
}
