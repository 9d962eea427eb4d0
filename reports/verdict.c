/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/cache_state.h"
#include "reports/figure.h"
#include "reports/verdict_parts.h"

#define TAIL 0.05 /* of one side: method.md's 3/n */
#define NORMAL_LEAST \
	500 /* lost and not lost: Wilson's ends are then within 1e-3 of the exact ones */

/* The design as it stands: in the mission's words a kprobe and a perf buffer that wakes its reader at each event. */
#define DESIGN_VARIANT "kprobe_as_written"
#define DESIGN_CLOSEST "kprobe_perf"

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

/* The newest kernel's count, of this architecture: labs are in order of version. */
static void find_instructions(const struct evidence *e, struct configuration *c)
{
	for (size_t i = 0; i < e->n_labs; i++) {
		const struct record_cell *cell = cache_find(e->labs[i].record, c->cell->variant,
							    c->cell->trigger, c->cell->drain);

		if (!evidence_lab_fits(e, i) || !cell || cell->status != CELL_MEASURED ||
		    isnan(cell->overhead.p50.value))
			continue;
		c->instructions = cell->overhead.p50.value;
		c->instructions_kernel = e->labs[i].record->host.kernel;
	}
}

static bool contradict(enum verdict a, enum verdict b)
{
	return a != VERDICT_INCONCLUSIVE && b != VERDICT_INCONCLUSIVE &&
	       (a == VERDICT_RED) != (b == VERDICT_RED);
}

/* The run with the most calls decides, unless another one proves the contrary. */
static void judge_p99(const struct verdicts *v, const struct record_cell *cell, struct judgement *j)
{
	verdict_p99(v, cell, j);
	for (size_t r = 0; r < v->evidence->n_runs; r++) {
		const struct record_cell *again =
			record_find_cell(v->evidence->runs[r].record, cell->id);
		struct judgement other = {.verdict = VERDICT_INCONCLUSIVE};

		if (!again || again == cell || again->status != CELL_MEASURED)
			continue;
		verdict_p99(v, again, &other);
		if (!contradict(j->verdict, other.verdict))
			continue;
		j->verdict = VERDICT_INCONCLUSIVE;
		snprintf(j->settle, sizeof(j->settle),
			 "what differs between the runs: one proves what another one excludes. Run "
			 "each "
			 "again: bpftoll run --variant %s --trigger %s --drain %s",
			 cell->variant, cell->trigger, cell->drain);
	}
}

static void judge_measured(const struct verdicts *v, struct configuration *c)
{
	c->budget_ns = c->cell->overhead.mean;
	c->others_cpu = other_syscalls_cpu(v->evidence, c->cell, &v->others);
	judge_p99(v, c->cell, &c->by[CRITERION_P99]);
	verdict_cpu(v, c, &c->by[CRITERION_CPU]);
	verdict_lost(v, c->cell, &c->by[CRITERION_LOSS]);
	c->overload_loss = verdict_overload(v, c->cell);
}

static void judge(const struct verdicts *v, const struct record_cell *cell, struct configuration *c)
{
	static const struct effect unknown = {NAN, NAN, NAN};

	*c = (struct configuration){.cell = cell,
				    .others_cpu = unknown,
				    .budget_ns = unknown,
				    .overload_loss = unknown,
				    .instructions = NAN};
	for (size_t k = 0; k < CRITERIA; k++) {
		c->by[k].measured = unknown;
		c->by[k].verdict = VERDICT_INCONCLUSIVE;
	}
	if (cell->status == CELL_MEASURED)
		judge_measured(v, c);
	else
		snprintf(c->by[CRITERION_P99].settle, sizeof(c->by[CRITERION_P99].settle),
			 "a kernel that can: here it was %s: %s", cell_status_name(cell->status),
			 cell->reason ? cell->reason : "no reason kept");
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

static bool has_variant(const struct evidence *e, const char *variant, const char *trigger)
{
	for (size_t r = 0; r < e->n_runs; r++) {
		const struct record *rec = e->runs[r].record;

		for (size_t i = 0; i < rec->n_cells; i++)
			if (strcmp(rec->cells[i]->variant, variant) == 0 &&
			    strcmp(rec->cells[i]->trigger, trigger) == 0)
				return true;
	}
	return false;
}

size_t verdict_measured(const struct verdicts *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += v->rows[i].cell->status == CELL_MEASURED;
	return n;
}

bool verdict_is_design(const struct verdicts *v, const struct record_cell *cell)
{
	return cell && strcmp(cell->variant, v->design_variant) == 0 &&
	       strcmp(cell->drain, VERDICT_DESIGN_DRAIN) == 0;
}

static bool is_cold(const struct record_cell *cell)
{
	return cell && strcmp(cell->cache, "cold") == 0;
}

/* Its cell: measured rather than not, stirred (whose mean repeats) rather than hot, never cold. */
static void find_design(struct verdicts *v)
{
	int best = 0;

	for (size_t i = 0; i < v->n; i++) {
		const struct record_cell *cell = v->rows[i].cell;
		int rank;

		if (!verdict_is_design(v, cell) || is_cold(cell))
			continue;
		rank = 1 + 2 * (cell->status == CELL_MEASURED) +
		       (strcmp(cell->cache, "stirred") == 0);
		if (rank <= best)
			continue;
		best = rank;
		v->design = &v->rows[i];
	}
}

/* % of one CPU, by which the cheapest is found; what it is of its producer's price where no event run is there. */
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

		if (c->verdict > VERDICT_YELLOW || verdict_is_design(v, c->cell) ||
		    is_cold(c->cell))
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

/* Cold cells count where nothing else was asked for: no event run joins them. */
static void find_worst(struct verdicts *v)
{
	for (int cold = 0; cold < 2 && !v->worst; cold++)
		for (size_t i = 0; i < v->n; i++)
			if (is_cold(v->rows[i].cell) == (cold == 1) &&
			    (!v->worst || v->rows[i].verdict > v->worst->verdict))
				v->worst = &v->rows[i];
}

static enum verdict conclude(const struct verdicts *v)
{
	if (v->narrowed)
		return v->worst ? v->worst->verdict : VERDICT_INCONCLUSIVE;
	if (!v->design)
		return VERDICT_INCONCLUSIVE;
	if (v->design->verdict == VERDICT_RED && v->change)
		return VERDICT_YELLOW;
	return v->design->verdict;
}

int verdict_judge(const struct evidence *e, const struct budget *budget,
		  const struct verdict_scope *scope, struct verdicts *out)
{
	const struct configuration *cheapest;
	size_t room = 1;

	*out = (struct verdicts){.budget = *budget, .evidence = e};
	out->trigger = pick_trigger(e, scope);
	out->narrowed = scope->variant || scope->drain;
	out->others = other_syscalls_rate(e, budget->other_syscalls);
	out->design_variant = has_variant(e, DESIGN_CLOSEST, out->trigger) &&
					      !has_variant(e, DESIGN_VARIANT, out->trigger)
				      ? DESIGN_CLOSEST
				      : DESIGN_VARIANT;
	for (size_t r = 0; r < e->n_runs; r++)
		room += e->runs[r].record->n_cells;
	out->rows = calloc(room, sizeof(*out->rows));
	if (!out->rows)
		return -ENOMEM;
	for (size_t r = 0; r < e->n_runs; r++)
		collect(out, e->runs[r].record, scope);
	look_at_aa(out);
	for (size_t i = 0; i < out->n; i++)
		if (out->rows[i].cell)
			judge(out, out->rows[i].cell, &out->rows[i]);
	find_design(out);
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
