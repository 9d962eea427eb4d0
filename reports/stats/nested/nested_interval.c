/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stddef.h>

#include "reports/stats/nested/nested_tree.h"
#include "reports/stats/stats.h"

static const struct effect unknown = {NAN, NAN, NAN};

static struct effect around(double value, double half)
{
	return (struct effect){value, value - half, value + half};
}

/* Weights of the mean squares in a variance. */
struct weights {
	double machine, boot, run;
};

/* A variance and its degrees of freedom. */
struct part {
	double variance, df;
};

#define NODES_FIRST 64 /* one degree of freedom has a long tail */
#define NODES_REST  16
#define CONFIDENCE  0.95

struct pivots {
	double first[NODES_FIRST], rest[NODES_REST];
};

static void spread_out(struct part part, double *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		nodes[i] = part.df * part.variance /
			   gsl_cdf_chisq_Pinv(((double)i + 0.5) / (double)n, part.df);
}

/* How likely the sum's pivot lies further out than q. */
static double beyond(const struct pivots *p, double q)
{
	double sum = 0;

	for (size_t i = 0; i < NODES_FIRST; i++)
		for (size_t j = 0; j < NODES_REST; j++)
			sum += erfc(q / sqrt(2 * (p->first[i] + p->rest[j])));
	return sum / NODES_FIRST / NODES_REST;
}

/*
 * 95 % of normal values whose variance is the sum of both lie that far from zero at most:
 * Fisher's solution for two estimated variances (the generalised pivot). Student's t for one.
 * Satterthwaite's t instead covers 88 % where few machines happen to lie close together.
 */
static double half_width(struct part first, struct part rest)
{
	struct pivots p;
	double least = 0, most;

	if (!(first.variance > 0) && !(rest.variance > 0))
		return 0;
	if (!(first.variance > 0) || !(rest.variance > 0)) {
		struct part one = first.variance > 0 ? first : rest;

		return stats_t_quantile(one.df) * sqrt(one.variance);
	}
	spread_out(first, p.first, NODES_FIRST);
	spread_out(rest, p.rest, NODES_REST);
	most = stats_t_quantile(first.df) * sqrt(first.variance) +
	       stats_t_quantile(rest.df) * sqrt(rest.variance);
	while (most - least > 1e-4 * most) {
		double q = (least + most) / 2;

		if (beyond(&p, q) > 1 - CONFIDENCE)
			least = q;
		else
			most = q;
	}
	return most;
}

/* The highest level that varies is one part; those below are another, by Satterthwaite (1946). */
static struct effect interval(const struct nested_squares *s, double value, struct weights w)
{
	struct part machine = {w.machine * s->machine, s->machine_df},
		    boot = {w.boot * s->boot, s->boot_df}, run = {w.run * s->run, s->run_df}, rest;
	double spread = 0;

	if (!(w.machine > 0))
		return around(value, half_width(boot, run));
	spread += boot.variance > 0 ? boot.variance * boot.variance / boot.df : 0;
	spread += run.variance > 0 ? run.variance * run.variance / run.df : 0;
	rest.variance = boot.variance + run.variance;
	rest.df = rest.variance * rest.variance / spread;
	return around(value, half_width(machine, rest));
}

/* sm2 + sb2 + sr2 of the new run, and the variance of the mean that it is expected at. */
static struct effect next_machine(const struct nested *t)
{
	const struct nested_squares *s = &t->squares;
	double boot = 1 - s->machine_boot;
	struct weights weight = {1 + 1 / (double)t->n_machines, boot,
				 fmax(0, 1 - s->machine_run - boot * s->boot_run)};

	return interval(s, t->mean, weight);
}

/* sb2 + sr2 of the new run, and the variance of that machine's mean. */
static struct effect next_boot(const struct nested *t, const struct nested_machine *m)
{
	double boot = 1 + 1 / (double)m->boots;
	struct weights weight = {
		0, boot, fmax(0, 1 + m->per_runs / (double)m->boots - boot * t->squares.boot_run)};

	return interval(&t->squares, m->mean, weight);
}

void nested_summary(const struct nested *t, struct nested_summary *out)
{
	*out = (struct nested_summary){
		.machines = t->n_machines,
		.boots = t->n_boots,
		.runs = t->n_runs,
		.mean = {t->mean, NAN, NAN},
		.next_machine = unknown,
		.next_boot = unknown,
	};
	if (t->n_machines > 1) {
		out->mean = interval(&t->squares, t->mean,
				     (struct weights){1 / (double)t->n_machines, 0, 0});
		out->next_machine = next_machine(t);
		out->next_boot_why = "of several machines each has its own";
		return;
	}
	out->mean_why = out->next_machine_why =
		"one machine does not show how machines of its type differ";
	if (t->n_boots > 1)
		out->next_boot = next_boot(t, t->machines);
	else
		out->next_boot_why = "one boot does not show how boots differ";
}

struct effect nested_next_boot(const struct nested *t, size_t machine)
{
	if (t->squares.boot_df < 1)
		return unknown;
	for (size_t i = 0; i < t->n_machines; i++) {
		if (t->machines[i].machine == machine)
			return next_boot(t, t->machines + i);
	}
	return unknown;
}
