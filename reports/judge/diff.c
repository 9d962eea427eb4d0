/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "reports/judge/agree.h"
#include "reports/judge/diff.h"
#include "reports/stats/holm.h"
#include "reports/stats/stats.h"

#define ALPHA	   0.05
#define GATE_ALPHA 0.025 /* of one side: a gate that fires for nothing stops somebody's work */

const char *diff_verdict_name(enum diff_verdict verdict)
{
	static const char *const names[] = {"same", "slower", "faster", "undecided"};

	return names[verdict];
}

static bool is_exact(const struct diff_group *g)
{
	return !(g->within > 0) && !isnan(g->within) && !(g->squares > 0);
}

/* Welch & Satterthwaite's degrees of freedom for sqrt(x² + y²). */
static double joint_freedom(double x, double x_df, double y, double y_df)
{
	double sum = x * x + y * y;

	return sum * sum / (x * x * x * x / x_df + y * y * y * y / y_df);
}

struct difference {
	double value, error, df;
};

/*
 * b - factor * a. Where either side has several runs: their pooled variance, which has what is
 * within the runs in it already; runs that agree by luck make it no smaller than their own
 * intervals do.
 */
static struct difference difference(const struct diff_pair *p, double factor)
{
	const struct diff_group *a = &p->group[0], *b = &p->group[1];
	double x = factor * a->within, y = b->within;
	double df = (double)(a->runs + b->runs) - 2;
	struct difference d = {b->mean - factor * a->mean, sqrt(x * x + y * y),
			       joint_freedom(x, a->df, y, b->df)};

	if (df > 0) {
		double variance = (a->squares + b->squares) / df;

		d.error = fmax(d.error, sqrt(variance * (factor * factor / (double)a->runs +
							 1 / (double)b->runs)));
		d.df = df;
	}
	return d;
}

/* b - r a, less (or more) what chance explains. */
static double beyond(const struct diff_pair *p, double r, double side)
{
	struct difference d = difference(p, r);

	return d.value - side * d.error * gsl_cdf_tdist_Qinv(ALPHA / 2, d.df);
}

/* Where that is zero; it falls as r grows, from above zero at from to below at to. */
static double ratio_end(const struct diff_pair *p, double from, double to, double side)
{
	for (int i = 0; i < 100 && to - from > 1e-9 * fabs(to + from); i++) {
		double middle = (from + to) / 2;

		if (beyond(p, middle, side) > 0)
			from = middle;
		else
			to = middle;
	}
	return (from + to) / 2;
}

#define RATIO_MOST 1e6

static struct effect ratio_of(const struct diff_pair *p)
{
	double value = p->group[1].mean / p->group[0].mean;

	if (!(p->group[0].mean > 0) || beyond(p, RATIO_MOST, -1) > 0 ||
	    beyond(p, -RATIO_MOST, 1) < 0)
		return (struct effect){value, NAN, NAN};
	return (struct effect){value, ratio_end(p, -RATIO_MOST, value, 1),
			       ratio_end(p, value, RATIO_MOST, -1)};
}

static void weigh_exact(struct diff_pair *p, double margin)
{
	double d = p->to.value - p->from.value;

	p->p = p->p_holm = p->p_gate = NAN;
	p->change = (struct effect){d, d, d};
	d = p->from.value > 0 ? p->to.value / p->from.value : NAN;
	p->ratio = (struct effect){d, d, d};
	d = p->change.value;
	p->verdict = d > 0 ? DIFF_SLOWER : d < 0 ? DIFF_FASTER : DIFF_SAME;
	p->past_gate = d > margin * fabs(p->from.value);
}

static void weigh(struct diff_pair *p, double margin)
{
	struct difference d = difference(p, 1), gate = difference(p, 1 + margin);
	double half;

	p->p = p->p_holm = p->p_gate = NAN;
	p->verdict = DIFF_UNDECIDED;
	p->change = (struct effect){p->to.value - p->from.value, NAN, NAN};
	p->ratio = (struct effect){NAN, NAN, NAN};
	if (!(d.error > 0) || !isfinite(d.error))
		return;
	half = d.error * gsl_cdf_tdist_Qinv(ALPHA / 2, d.df);
	p->change.lo = d.value - half;
	p->change.hi = d.value + half;
	p->ratio = ratio_of(p);
	p->p = 2 * gsl_cdf_tdist_Q(fabs(d.value) / d.error, d.df);
	p->p_gate = gsl_cdf_tdist_Q(gate.value / gate.error, gate.df);
}

/* Both ends of the simultaneous interval within the margin. */
static bool same_within(const struct diff_pair *p, double margin, size_t n)
{
	struct difference d = difference(p, 1);
	double half = d.error * gsl_cdf_tdist_Qinv(ALPHA / 2 / (double)n, d.df);
	double room = margin * fabs(p->from.value);

	return d.value - half > -room && d.value + half < room;
}

static int correct(struct diff *d)
{
	double *p = calloc(2 * d->n + 1, sizeof(*p));
	int err = p ? 0 : -ENOMEM;

	for (size_t i = 0; i < d->n && !err; i++) {
		p[i] = d->pairs[i].p;
		p[d->n + i] = d->pairs[i].p_gate;
	}
	if (!err)
		err = holm_correct(p, d->n);
	if (!err)
		err = holm_correct(p + d->n, d->n);
	for (size_t i = 0; i < d->n && !err; i++) {
		struct diff_pair *pair = &d->pairs[i];

		if (!pair->a || isnan(pair->p))
			continue;
		pair->p_holm = p[i];
		pair->p_gate = p[d->n + i];
		if (pair->p_holm < ALPHA)
			pair->verdict = pair->change.value > 0 ? DIFF_SLOWER : DIFF_FASTER;
		else if (same_within(pair, d->margin, d->n))
			pair->verdict = DIFF_SAME;
		pair->past_gate = pair->p_gate < GATE_ALPHA;
	}
	free(p);
	return err;
}

/* Of one side: the mean of its runs, and how they scatter. first: its first run's result; NULL:
 * none has it. */
static const struct record_result *gather(const struct diff_side *side, const char *id,
					  struct diff_group *g)
{
	const struct record_result *first = NULL;
	double variance = 0, df = 0;

	*g = (struct diff_group){.mean = 0};
	for (size_t r = 0; r < side->n; r++) {
		const struct record_result *result = record_find_result(side->records[r], id);
		struct estimate x;
		double d;

		if (!result || !agree_estimate(result, &x) ||
		    (first && result->unit != first->unit))
			continue;
		first = first ? first : result;
		d = x.value - g->mean;
		g->runs++;
		g->mean += d / (double)g->runs; /* Welford 1962 */
		g->squares += d * (x.value - g->mean);
		variance += x.error * x.error;
		df += x.df;
	}
	g->within = sqrt(variance) / (double)g->runs;
	g->df = df;
	return first;
}

/* A side's own figure: its run's interval, or that of the mean of its runs. */
static struct effect figure_of(const struct diff_group *g, const struct record_result *result)
{
	double half;

	if (g->runs == 1)
		return agree_figure(result);
	half = stats_t_quantile((double)g->runs - 1) *
	       fmax(g->within, sqrt(g->squares / ((double)g->runs - 1) / (double)g->runs));
	return (struct effect){g->mean, g->mean - half, g->mean + half};
}

static bool seen(const struct diff *d, const char *id)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->pairs[i].a && strcmp(d->pairs[i].a->id, id) == 0)
			return true;
	return false;
}

static int add_pair(struct diff *d, const struct record_result *result, struct error *why)
{
	struct diff_pair *p = &d->pairs[d->n];

	*p = (struct diff_pair){.a = NULL};
	p->a = gather(&d->side[0], result->id, &p->group[0]);
	p->b = gather(&d->side[1], result->id, &p->group[1]);
	if (!p->a || !p->b)
		return 0;
	if (p->a->unit != p->b->unit)
		return error_set(why, -EINVAL,
				 "%s is in %s in the first record and in %s in the second: these "
				 "do not compare",
				 result->id, unit_name(p->a->unit), unit_name(p->b->unit));
	p->from = figure_of(&p->group[0], p->a);
	p->to = figure_of(&p->group[1], p->b);
	if (is_exact(&p->group[0]) && is_exact(&p->group[1]))
		weigh_exact(p, d->margin);
	else
		weigh(p, d->margin);
	d->n++;
	return 0;
}

static int pair_up(struct diff *d, struct error *why)
{
	int err = 0;

	for (size_t r = 0; r < d->side[0].n; r++) {
		const struct record *rec = d->side[0].records[r];

		for (size_t i = 0; i < rec->n_results && !err; i++)
			if (!seen(d, rec->results[i]->id))
				err = add_pair(d, rec->results[i], why);
	}
	if (!err && d->n == 0)
		return error_set(why, -EINVAL,
				 "no configuration was measured in both records: variant, syscall "
				 "under test, wakeup policy and cache state must be the same");
	return err;
}

int diff_sides(const struct diff_side *a, const struct diff_side *b, double margin,
	       struct diff *out, struct error *why)
{
	size_t room = 1;
	int err;

	*out = (struct diff){.side = {*a, *b}, .margin = margin};
	for (size_t r = 0; r < a->n; r++)
		room += a->records[r]->n_results;
	out->pairs = calloc(room, sizeof(*out->pairs));
	if (!out->pairs)
		return error_set(why, -ENOMEM, "out of memory");
	err = pair_up(out, why);
	if (!err)
		err = correct(out);
	for (size_t i = 0; i < out->n && !err; i++)
		out->past_gate += out->pairs[i].past_gate;
	if (err)
		diff_free(out);
	return err;
}

void diff_free(struct diff *d)
{
	free(d->pairs);
	d->pairs = NULL;
	d->n = 0;
}
