/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rounds of several processes: each process left out once (delete-a-group jackknife, Shao & Wu 1989: a group is a large share of
 * the readings, so the quantile's roughness does no harm), and Student's t with one degree of freedom fewer than processes.
 *
 * Rounds of one process: bootstrap over rounds, its percentiles expanded to Student's t (stats.h).
 */
#include <errno.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

#include "reports/clusters.h"
#include "reports/quantiles.h"
#include "reports/shifts.h"
#include "reports/stats.h"

#define REPLICATES 2000 /* 2.5 % is then the 50th: its own noise is below 5 % of the interval */

const double shifts_probability[SHIFTS] = {0.5, 0.9, 0.99, 0.999};

/* Both arms (or one: baseline NULL), and what the replicates of all quantiles need. */
struct resample {
	struct quantiles *arm, *baseline;
	size_t rounds, workers;
	uint32_t *number;   /* of each round's process */
	uint32_t *weight;   /* of each round in this replicate */
	double *replicates; /* [quantile * REPLICATES + replicate], in ticks */
};

static void resample_free(struct resample *s)
{
	quantiles_close(s->arm);
	quantiles_close(s->baseline);
	free(s->number);
	free(s->weight);
	free(s->replicates);
}

static int resample_alloc(struct resample *s, const struct arm_samples *arm,
			  const struct arm_samples *baseline)
{
	int err = quantiles_open(arm, true, &s->arm);

	if (!err && baseline)
		err = quantiles_open(baseline, true, &s->baseline);
	if (err)
		return err;
	s->rounds = arm->rounds;
	s->number = calloc(s->rounds + 1, sizeof(*s->number));
	s->weight = calloc(s->rounds + 1, sizeof(*s->weight));
	if (!s->number || !s->weight)
		return -ENOMEM;
	s->workers = clusters_number(arm->worker, s->rounds, s->number);
	if (s->workers == SIZE_MAX)
		return -ENOMEM;
	if (s->workers < 2)
		s->replicates = calloc(SHIFTS * REPLICATES, sizeof(*s->replicates));
	return s->workers >= 2 || s->replicates ? 0 : -ENOMEM;
}

/* One set of weights for both arms keeps the pairing: what a round did to both cancels. */
static double shift(const struct resample *s, double p)
{
	return quantiles_resampled(s->arm, s->weight, p) -
	       (s->baseline ? quantiles_resampled(s->baseline, s->weight, p) : 0);
}

static double observed(const struct resample *s, double p)
{
	return quantiles_at(s->arm, p) - (s->baseline ? quantiles_at(s->baseline, p) : 0);
}

/* Half the interval of quantile p. */
static double jackknife_half(struct resample *s, double p)
{
	double n = (double)s->workers, sum = 0, squares = 0, variance;
	double all;

	for (size_t r = 0; r < s->rounds; r++)
		s->weight[r] = 1;
	all = shift(s, p);
	for (size_t w = 0; w < s->workers; w++) {
		double without;

		for (size_t r = 0; r < s->rounds; r++)
			s->weight[r] = s->number[r] != w;
		without = shift(s, p) - all;
		sum += without;
		squares += without * without;
	}
	variance = (n - 1) / n * (squares - sum * sum / n);
	return stats_t_quantile(n - 1) * sqrt(fmax(variance, 0));
}

static void draw_rounds(struct resample *s, gsl_rng *rng)
{
	for (size_t r = 0; r < s->rounds; r++)
		s->weight[r] = 0;
	for (size_t drawn = 0; drawn < s->rounds; drawn++)
		s->weight[gsl_rng_uniform_int(rng, s->rounds)]++;
}

static int replicate(struct resample *s, uint64_t seed)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);

	if (!rng)
		return -ENOMEM;
	gsl_rng_set(rng, seed);
	for (size_t i = 0; i < REPLICATES; i++) {
		draw_rounds(s, rng);
		for (size_t p = 0; p < SHIFTS; p++)
			s->replicates[p * REPLICATES + i] = shift(s, shifts_probability[p]);
	}
	gsl_rng_free(rng);
	return 0;
}

static struct effect bootstrapped(struct resample *s, size_t p, double value)
{
	struct effect e = {value, NAN, NAN};

	if (s->rounds < 2)
		return e;
	return stats_bootstrap_interval(value, s->replicates + p * REPLICATES, REPLICATES,
					stats_bootstrap_tail(s->rounds));
}

int shifts_between(const struct arm_samples *arm, const struct arm_samples *baseline,
		   const struct compare_scale *scale, double widen, struct effect out[SHIFTS])
{
	struct resample s = {0};
	int err = resample_alloc(&s, arm, baseline);

	if (!err && s.workers < 2)
		err = replicate(&s, scale->seed);
	for (size_t p = 0; p < SHIFTS && !err; p++) {
		double value = observed(&s, shifts_probability[p]);
		struct effect e = {value, NAN, NAN};

		if (s.workers >= 2) {
			double half = jackknife_half(&s, shifts_probability[p]);

			e = (struct effect){value, value - half, value + half};
		} else {
			e = bootstrapped(&s, p, value);
		}
		e.lo = value - widen * (value - e.lo);
		e.hi = value + widen * (e.hi - value);
		out[p] = compare_in_units(e, scale, false, true);
	}
	resample_free(&s);
	return err;
}
