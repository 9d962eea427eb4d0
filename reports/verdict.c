/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/figure.h"
#include "reports/verdict.h"

#define TAIL	   0.05 /* of one side: method.md's 3/n */
#define RATE_ALIKE 0.02
#define NORMAL_LEAST \
	500 /* lost and not lost: Wilson's ends are then within 1e-3 of the exact ones */
#define ROUNDS_ABSURD 1e6
#define MARGIN \
	1.2 /* more rounds than the square-root law asks: the next run's scatter is another */

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

/* Where the beta distribution's P reaches p. By halving: GSL's own inverse gives up, and ends the program, for large n. */
static double beta_at(double p, double a, double b)
{
	double low = 0, high = 1;

	for (int i = 0; i < 100 && low < high; i++) {
		double middle = (low + high) / 2;

		if (gsl_cdf_beta_P(middle, a, b) < p)
			low = middle;
		else
			high = middle;
	}
	return high;
}

/* Wilson's (1927) interval, where the beta distribution of large counts is beyond GSL's accuracy. */
static struct effect wilson(double share, double n)
{
	double z = gsl_cdf_ugaussian_Qinv(TAIL), square = z * z / n;
	double middle = (share + square / 2) / (1 + square);
	double half = z * sqrt(share * (1 - share) / n + square / (4 * n)) / (1 + square);

	return (struct effect){100 * share, 100 * (middle - half), 100 * (middle + half)};
}

struct effect verdict_loss(unsigned long long lost, unsigned long long n)
{
	double k = (double)lost, all = (double)n;

	if (n == 0 || lost > n)
		return (struct effect){NAN, NAN, NAN};
	if (lost > NORMAL_LEAST && n - lost > NORMAL_LEAST)
		return wilson(k / all, all);
	return (struct effect){
		.value = 100 * k / all,
		.lo = lost ? 100 * beta_at(TAIL, k, all - k + 1) : 0,
		.hi = lost < n ? 100 * beta_at(1 - TAIL, k + 1, all - k) : 100,
	};
}

static bool is_configuration(const struct record_cell *cell)
{
	return strcmp(cell->hook, "none") != 0 && strcmp(cell->drain, "-") != 0 &&
	       strcmp(cell->drain, "none") != 0;
}

static bool in_scope(const struct record_cell *cell, const struct verdict_scope *scope,
		     const char *trigger)
{
	return is_configuration(cell) && trigger && strcmp(cell->trigger, trigger) == 0 &&
	       (!scope->variant || fnmatch(scope->variant, cell->variant, 0) == 0) &&
	       (!scope->drain || strcmp(scope->drain, cell->drain) == 0);
}

static const char *pick_trigger(const struct evidence *e, const struct verdict_scope *scope)
{
	const char *first = NULL;

	if (scope->trigger)
		return scope->trigger;
	for (size_t r = 0; r < e->n_runs; r++) {
		const struct record *rec = e->runs[r].record;

		for (size_t i = 0; i < rec->n_cells; i++) {
			const struct record_cell *cell = rec->cells[i];

			if (!is_configuration(cell) || cell->status != CELL_MEASURED)
				continue;
			if (strcmp(cell->trigger, "munmap_einval") == 0)
				return cell->trigger;
			if (!first)
				first = cell->trigger;
		}
	}
	return first ? first : "munmap_einval";
}

/* Rounds that would bring the end of the interval over the threshold, by the square-root law. */
static double rounds_needed(const struct record_cell *cell, struct effect e, double threshold)
{
	double half = threshold > e.value ? e.hi - e.value : e.value - e.lo;
	double ratio = half / fabs(threshold - e.value);

	return ceil(MARGIN * ratio * ratio * cell->rounds);
}

static void settle_p99(const struct record_cell *cell, struct effect e, double threshold, char *out,
		       size_t len)
{
	double rounds = isnan(e.value) || isnan(e.lo) ? NAN : rounds_needed(cell, e, threshold);

	if (isnan(rounds))
		snprintf(out, len,
			 "at least 367 calls over 2 rounds: run --variant %s --trigger %s --drain "
			 "%s "
			 "--rounds 20",
			 cell->variant, cell->trigger, cell->drain);
	else if (rounds > ROUNDS_ABSURD)
		snprintf(out, len,
			 "nothing: the p99 shift sits on the threshold of %g ns (only an interval "
			 "narrower than its distance would tell)",
			 threshold);
	else
		snprintf(out, len,
			 "about %.0f rounds of %zu calls (%.0f calls; %u rounds were too few): run "
			 "--variant %s --trigger %s --drain %s --rounds %.0f",
			 rounds, cell->calls_per_round, rounds * (double)cell->calls_per_round,
			 cell->rounds, cell->variant, cell->trigger, cell->drain, rounds);
}

static void judge_p99(const struct verdicts *v, const struct record_cell *cell, struct judgement *j)
{
	struct bounds bounds = v->budget.p99_ns;
	struct effect e = cell->overhead.p99;

	if (cell->status != CELL_MEASURED) {
		snprintf(j->settle, sizeof(j->settle), "a kernel that can: here it was %s: %s",
			 cell_status_name(cell->status),
			 cell->reason ? cell->reason : "no reason kept");
		return;
	}
	e.lo -= v->aa_p99_off;
	e.hi += v->aa_p99_off;
	j->measured = e;
	j->verdict = verdict_of(e, bounds);
	snprintf(j->rests, sizeof(j->rests), "%s", cell->id);
	if (j->verdict == VERDICT_INCONCLUSIVE)
		settle_p99(cell, e, isnan(bounds.red) ? bounds.green : bounds.red, j->settle,
			   sizeof(j->settle));
	else if (j->verdict == VERDICT_YELLOW && e.value < bounds.green)
		settle_p99(cell, e, bounds.green, j->settle, sizeof(j->settle));
}

static bool at_rate(const struct event_point *p, const struct record_cell *cell, double rate)
{
	return p->status == CELL_MEASURED && strcmp(p->scenario, "sweep") == 0 &&
	       strcmp(p->variant, cell->variant) == 0 && strcmp(p->drain, cell->drain) == 0 &&
	       fabs(p->rate_target - rate) <= RATE_ALIKE * rate;
}

/* Walks the event points of a configuration at a rate; *run and *at start at 0. */
static const struct event_point *next_point(const struct evidence *e,
					    const struct record_cell *cell, double rate,
					    size_t *run, size_t *at)
{
	for (; *run < e->n_runs; (*run)++, *at = 0) {
		const struct record *rec = e->runs[*run].record;

		while (*at < rec->n_event_points) {
			const struct event_point *p = &rec->event_points[(*at)++];

			if (at_rate(p, cell, rate))
				return p;
		}
	}
	return NULL;
}

/* Of two judgements of one criterion, the one that counts: the worse, then the one that reaches further up. */
static void keep_worse(struct judgement *kept, const struct judgement *other)
{
	if (kept->rests[0] == '\0' || other->verdict > kept->verdict ||
	    (other->verdict == kept->verdict && other->measured.hi > kept->measured.hi))
		*kept = *other;
}

/* Without names, so that the same advice to many configurations is printed once. */
static void settle_events(double rate, const char *why, char *out, size_t len)
{
	snprintf(out, len, "%srun --suite events --rate %.0f", why, rate);
}

static void judge_point_cpu(const struct verdicts *v, const struct event_point *p,
			    struct judgement *j)
{
	struct effect producer = p->producer_cpu, consumer = p->consumer_cpu;

	snprintf(j->rests, sizeof(j->rests), "%s", p->id);
	j->verdict = VERDICT_INCONCLUSIVE;
	if (isnan(producer.value)) {
		settle_events(v->budget.rate, "the producer's CPU was not measured: ", j->settle,
			      sizeof(j->settle));
		return;
	}
	j->part = isnan(consumer.value);
	if (j->part)
		consumer = (struct effect){0, 0, 0};
	/* The ends are added: wider than independent errors ask, and true of any. */
	j->measured = (struct effect){producer.value + consumer.value, producer.lo + consumer.lo,
				      producer.hi + consumer.hi};
	j->verdict = verdict_of(j->measured, v->budget.cpu_percent);
	if (j->verdict != VERDICT_RED && (p->saturated || j->part)) {
		j->verdict = VERDICT_INCONCLUSIVE;
		snprintf(j->settle, sizeof(j->settle),
			 p->saturated ? "a machine that reaches the rate: here it was %.0f calls/s"
				      : "the consumer's CPU time was not measured at %.0f calls/s",
			 p->rate_achieved);
	} else if (j->verdict == VERDICT_INCONCLUSIVE) {
		settle_events(v->budget.rate, "a longer or quieter ", j->settle, sizeof(j->settle));
	}
}

/* Producer's part alone, from the mean cost of a call. */
static void judge_price(const struct verdicts *v, const struct record_cell *cell,
			struct judgement *j)
{
	double percent = v->budget.rate * 1e-9 * 100;
	struct effect e = cell->overhead.mean;

	j->verdict = VERDICT_INCONCLUSIVE;
	settle_events(v->budget.rate, "the consumer's CPU is not in it: ", j->settle,
		      sizeof(j->settle));
	if (isnan(e.value))
		return;
	snprintf(j->rests, sizeof(j->rests), "%s", cell->id);
	j->part = true;
	j->measured = (struct effect){e.value * percent, e.lo * percent, e.hi * percent};
	if (verdict_of(j->measured, v->budget.cpu_percent) == VERDICT_RED) {
		j->verdict = VERDICT_RED;
		j->settle[0] = '\0';
	}
}

static void judge_cpu(const struct verdicts *v, const struct record_cell *cell, struct judgement *j)
{
	const struct event_point *p;
	size_t run = 0, at = 0;

	while ((p = next_point(v->evidence, cell, v->budget.rate, &run, &at))) {
		struct judgement other = {.measured = {NAN, NAN, NAN}};

		judge_point_cpu(v, p, &other);
		keep_worse(j, &other);
	}
	if (j->rests[0] == '\0')
		judge_price(v, cell, j);
}

static struct effect point_loss(const struct event_point *p)
{
	return p->received > p->produced ? (struct effect){NAN, NAN, NAN}
					 : verdict_loss(p->produced - p->received, p->produced);
}

static void judge_point_loss(const struct verdicts *v, const struct event_point *p,
			     struct judgement *j)
{
	double green = v->budget.loss_percent.green, needed = ceil(300 / green);

	j->measured = point_loss(p);
	j->verdict = verdict_of(j->measured, v->budget.loss_percent);
	snprintf(j->rests, sizeof(j->rests), "%s", p->id);
	if (p->saturated) {
		j->verdict = VERDICT_INCONCLUSIVE;
		snprintf(j->settle, sizeof(j->settle),
			 "a machine that reaches the rate: here it was %.0f calls/s",
			 p->rate_achieved);
	} else if (j->verdict == VERDICT_INCONCLUSIVE && (double)p->produced < needed) {
		snprintf(j->settle, sizeof(j->settle),
			 "%.0f events with none lost prove a loss below %g %%; %llu were sent: run "
			 "--suite events --seconds %.0f",
			 needed, green, (unsigned long long)p->produced,
			 ceil(needed / v->budget.rate) + 1);
	} else if (j->verdict == VERDICT_INCONCLUSIVE) {
		snprintf(j->settle, sizeof(j->settle),
			 "more than %llu events: the loss lies near %g %%",
			 (unsigned long long)p->produced, green);
	}
}

static void judge_loss(const struct verdicts *v, const struct record_cell *cell,
		       struct judgement *j)
{
	const struct event_point *p;
	size_t run = 0, at = 0;

	while ((p = next_point(v->evidence, cell, v->budget.rate, &run, &at))) {
		struct judgement other = {.measured = {NAN, NAN, NAN}};

		judge_point_loss(v, p, &other);
		keep_worse(j, &other);
	}
	if (j->rests[0] == '\0') {
		j->verdict = VERDICT_INCONCLUSIVE;
		settle_events(v->budget.rate, "loss was not measured at a known rate: ", j->settle,
			      sizeof(j->settle));
	}
}

static void find_overload(const struct verdicts *v, struct configuration *c)
{
	const struct event_point *p;
	size_t run = 0, at = 0;

	while ((p = next_point(v->evidence, c->cell, v->budget.overload_rate, &run, &at))) {
		struct effect loss = point_loss(p);

		if (isnan(c->overload_loss.value) || loss.hi > c->overload_loss.hi)
			c->overload_loss = loss;
	}
}

/* The newest kernel's count, of this architecture: labs are in order of version. */
static void find_instructions(const struct evidence *e, struct configuration *c)
{
	for (size_t i = 0; i < e->n_labs; i++) {
		const struct record_cell *cell = record_find_cell(e->labs[i].record, c->cell->id);

		if (!evidence_lab_fits(e, i) || !cell || cell->status != CELL_MEASURED ||
		    isnan(cell->overhead.p50.value))
			continue;
		c->instructions = cell->overhead.p50.value;
		c->instructions_kernel = e->labs[i].record->host.kernel;
	}
}

static void judge(const struct verdicts *v, const struct record_cell *cell, struct configuration *c)
{
	*c = (struct configuration){.cell = cell,
				    .budget_ns = {NAN, NAN, NAN},
				    .overload_loss = {NAN, NAN, NAN},
				    .instructions = NAN};
	for (size_t k = 0; k < CRITERIA; k++) {
		c->by[k].measured = (struct effect){NAN, NAN, NAN};
		c->by[k].verdict = VERDICT_INCONCLUSIVE;
	}
	if (cell->status == CELL_MEASURED)
		c->budget_ns = cell->overhead.mean;
	judge_p99(v, cell, &c->by[CRITERION_P99]);
	if (cell->status == CELL_MEASURED) {
		judge_cpu(v, cell, &c->by[CRITERION_CPU]);
		judge_loss(v, cell, &c->by[CRITERION_LOSS]);
		find_overload(v, c);
	}
	find_instructions(v->evidence, c);
	c->verdict = VERDICT_GREEN;
	for (size_t k = 0; k < CRITERIA; k++)
		if (c->by[k].verdict > c->verdict) {
			c->verdict = c->by[k].verdict;
			c->decided = (enum criterion)k;
		}
	if (c->verdict == VERDICT_GREEN)
		c->decided = CRITERION_P99;
}

/* The A/A arm of the trigger: what nothing costs. */
static void look_at_aa(struct verdicts *v)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct record_cell *aa;
		struct effect e;

		if (!v->rows[i].cell || v->rows[i].cell->status != CELL_MEASURED)
			continue;
		aa = evidence_aa(v->evidence, v->rows[i].cell);
		e = aa ? aa->overhead.p99 : (struct effect){NAN, NAN, NAN};
		v->aa_measured |= !isnan(e.lo);
		if (!isnan(e.lo) && !figure_holds_zero(e))
			v->aa_p99_off = fmax(v->aa_p99_off, fabs(e.value));
	}
}

static bool seen(const struct verdicts *v, const char *id)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->rows[i].cell && strcmp(v->rows[i].cell->id, id) == 0)
			return true;
	return false;
}

static void collect(struct verdicts *v, const struct record *rec, const struct verdict_scope *scope)
{
	for (size_t i = 0; i < rec->n_cells; i++) {
		const struct record_cell *cell = rec->cells[i], *best;

		if (!in_scope(cell, scope, v->trigger) || seen(v, cell->id))
			continue;
		best = evidence_cell(v->evidence, cell->id);
		v->rows[v->n++].cell = best ? best : cell;
	}
}

int verdict_judge(const struct evidence *e, const struct budget *budget,
		  const struct verdict_scope *scope, struct verdicts *out)
{
	size_t room = 1;

	*out = (struct verdicts){.budget = *budget, .evidence = e, .run = VERDICT_INCONCLUSIVE};
	out->trigger = pick_trigger(e, scope);
	for (size_t r = 0; r < e->n_runs; r++)
		room += e->runs[r].record->n_cells;
	out->rows = calloc(room, sizeof(*out->rows));
	if (!out->rows)
		return -ENOMEM;
	for (size_t r = 0; r < e->n_runs; r++)
		collect(out, e->runs[r].record, scope);
	look_at_aa(out);
	for (size_t i = 0, judged = 0; i < out->n; i++) {
		const struct record_cell *cell = out->rows[i].cell;

		if (!cell)
			continue;
		judge(out, cell, &out->rows[i]);
		if (cell->status != CELL_MEASURED)
			continue;
		if (judged++ == 0 || out->rows[i].verdict < out->run)
			out->run = out->rows[i].verdict;
	}
	return 0;
}

void verdict_free(struct verdicts *v)
{
	free(v->rows);
	v->rows = NULL;
	v->n = 0;
}
