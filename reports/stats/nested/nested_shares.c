/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "reports/stats/nested/nested_tree.h"
#include "reports/stats/stats.h"

#define DRAWS 2000
#define SEED  20171
#define TAIL  0.025

/* df · square / chi², a mean square's generalised pivot; 0 where it has no degrees of freedom. */
static double pivot(gsl_rng *rng, double square, double df)
{
	return df > 0 && square > 0 ? df * square / gsl_ran_chisq(rng, df) : 0;
}

/* Components by the expected mean squares; none is below zero. */
static void draw(const struct nested *t, gsl_rng *rng, double *variance)
{
	const struct nested_squares *s = &t->squares;
	double run = pivot(rng, s->run, s->run_df), boot = pivot(rng, s->boot, s->boot_df),
	       machine = pivot(rng, s->machine, s->machine_df);
	double *lowest = variance + nested_lowest(t);

	variance[NESTED_RUN] = run;
	variance[NESTED_BOOT] = fmax(0, boot - s->boot_run * run);
	variance[NESTED_MACHINE] =
		fmax(0, machine - s->machine_boot * variance[NESTED_BOOT] - s->machine_run * run);
	variance[NESTED_ROUND] = 0;
	if (isnan(t->round))
		return;
	variance[NESTED_ROUND] = fmin(pivot(rng, t->round, t->round_df), *lowest);
	*lowest -= variance[NESTED_ROUND];
}

static double total(const double *variance)
{
	double sum = 0;

	for (int i = 0; i < NESTED_LEVELS; i++)
		sum += variance[i];
	return sum;
}

static struct effect held(double value, double *draws)
{
	return stats_bootstrap_interval(value, draws, DRAWS, TAIL);
}

/* sd and share of each level in each draw: 2 * NESTED_LEVELS series of DRAWS. */
static int fill(const struct nested *t, const struct nested_components *c,
		struct nested_shares *out)
{
	double *draws = calloc(2UL * NESTED_LEVELS * DRAWS, sizeof(*draws));
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	int err = draws && rng ? 0 : -ENOMEM;

	if (rng)
		gsl_rng_set(rng, SEED);
	for (size_t d = 0; d < DRAWS && !err; d++) {
		double variance[NESTED_LEVELS], sum;

		draw(t, rng, variance);
		sum = total(variance);
		for (size_t i = 0; i < NESTED_LEVELS; i++) {
			draws[2 * i * DRAWS + d] = sqrt(variance[i]);
			draws[(2 * i + 1) * DRAWS + d] = sum > 0 ? variance[i] / sum : 0;
		}
	}
	for (size_t i = 0; i < NESTED_LEVELS && !err; i++) {
		double sum = total(c->variance);

		out->sd[i] = held(sqrt(c->variance[i]), draws + 2 * i * DRAWS);
		out->share[i] =
			held(sum > 0 ? c->variance[i] / sum : 0, draws + (2 * i + 1) * DRAWS);
	}
	free(draws);
	if (rng)
		gsl_rng_free(rng);
	return err;
}

static void withhold(struct nested_shares *out, enum nested_level level, const char *why)
{
	out->sd[level] = out->share[level] = (struct effect){NAN, NAN, NAN};
	out->why[level] = why;
}

/* What has no two of a kind, and what then holds it as well. */
static void name_gaps(const struct nested *t, bool spread, struct nested_shares *out)
{
	const struct nested_squares *s = &t->squares;
	enum nested_level lowest = nested_lowest(t);

	for (size_t i = 0; i < NESTED_LEVELS; i++)
		out->down_to[i] = (enum nested_level)i;
	out->down_to[lowest] = isnan(t->round) ? NESTED_ROUND : NESTED_RUN;
	if (isnan(t->round))
		withhold(out, NESTED_ROUND, "the runs do not say how their rounds scatter");
	if (s->run_df < 1)
		withhold(out, NESTED_RUN, "no boot has two runs");
	if (s->boot_df < 1) {
		withhold(out, NESTED_BOOT, "no machine has two boots");
		if (lowest != NESTED_MACHINE && s->machine_df > 0)
			out->down_to[NESTED_MACHINE] = NESTED_BOOT;
	}
	if (s->machine_df < 1)
		withhold(out, NESTED_MACHINE, "one machine");
	/* a share is one of all that there is; of no spread there is none */
	for (size_t i = 0; i < NESTED_LEVELS && (s->machine_df < 1 || !spread); i++)
		out->share[i] = (struct effect){NAN, NAN, NAN};
}

int nested_shares(const struct nested *t, struct nested_shares *out)
{
	struct nested_components c;
	int err = nested_reml(t, &c);

	*out = (struct nested_shares){.why = {NULL}};
	if (!err)
		err = fill(t, &c, out);
	if (!err)
		name_gaps(t, total(c.variance) > 0, out);
	return err;
}
