/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rounds of several processes: Student's t with one degree of freedom fewer than processes, and the
 * larger of two variances. One is the delete-a-group jackknife (Shao & Wu 1989; a group is a large
 * share of the readings), the other that of the processes' own quantiles. With 8 processes of 1 to
 * 3 rounds of 1,000 calls with a heavy tail the first alone covers 87 to 95 %, since leaving out
 * one of eight moves a quantile by fits and starts, the second 90 to 97 %, the larger 93 to 98 %,
 * at 0.98 to 1.17 times the best half-width (tests/bench/coverage.c).
 *
 * Rounds of one process: the same over 2 to 50 rounds where one of them has calls enough for the
 * quantile; else bootstrap over rounds, its percentiles expanded to Student's t (stats.h), which
 * covers 86 to 90 % of p90 at 10 to 24 rounds that differ.
 */
#include <errno.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "reports/stats/clusters.h"
#include "reports/effects/quantiles.h"
#include "reports/effects/shifts.h"
#include "reports/stats/stats.h"

#define GROUP_ROUNDS 50
#define REPLICATES   2000 /* 2.5 % is then the 50th: its own noise is below 5 % of the interval */

const double shifts_probability[SHIFTS] = {0.5, 0.9, 0.99, 0.999};

/* Both configurations (or one: baseline NULL), and what the replicates of all quantiles need. */
struct resample {
	struct quantiles *config, *baseline;
	size_t rounds, workers, groups;
	uint32_t *number;   /* of each round's group: its process, or with one process itself */
	uint32_t *weight;   /* of each round in this replicate */
	double *replicates; /* [quantile * REPLICATES + replicate], in ticks */
};

static void resample_free(struct resample *s)
{
	quantiles_close(s->config);
	quantiles_close(s->baseline);
	free(s->number);
	free(s->weight);
	free(s->replicates);
}

static int resample_alloc(struct resample *s, const struct config_samples *config,
			  const struct config_samples *baseline)
{
	int err = quantiles_open(config, true, &s->config);

	if (!err && baseline)
		err = quantiles_open(baseline, true, &s->baseline);
	if (err)
		return err;
	s->rounds = config->rounds;
	s->number = calloc(s->rounds + 1, sizeof(*s->number));
	s->weight = calloc(s->rounds + 1, sizeof(*s->weight));
	if (!s->number || !s->weight)
		return -ENOMEM;
	s->workers = clusters_number(config->worker, s->rounds, s->number);
	if (s->workers == SIZE_MAX)
		return -ENOMEM;
	s->groups = s->workers;
	for (size_t r = 0; r < s->rounds && s->workers < 2; r++)
		s->number[r] = (uint32_t)r;
	if (s->workers < 2)
		s->groups = s->rounds;
	if (s->workers < 2)
		s->replicates = calloc(SHIFTS * REPLICATES, sizeof(*s->replicates));
	return s->workers >= 2 || s->replicates ? 0 : -ENOMEM;
}

/* One set of weights for both configurations keeps the pairing: what a round did to both cancels.
 */
static double shift(const struct resample *s, double p)
{
	return quantiles_resampled(s->config, s->weight, p) -
	       (s->baseline ? quantiles_resampled(s->baseline, s->weight, p) : 0);
}

static double observed(const struct resample *s, double p)
{
	return quantiles_at(s->config, p) - (s->baseline ? quantiles_at(s->baseline, p) : 0);
}

/* Each round of group w counts `mine` times, every other one `others` times. */
static double shift_weighing(struct resample *s, double p, size_t group, uint32_t mine,
			     uint32_t others)
{
	for (size_t r = 0; r < s->rounds; r++)
		s->weight[r] = s->number[r] == group ? mine : others;
	return shift(s, p);
}

/* Sum of squares about the mean, of the shifts that each group's weighing gives. */
static double scatter(struct resample *s, double p, uint32_t mine, uint32_t others)
{
	double n = (double)s->groups, sum = 0, squares = 0;
	double first = shift_weighing(s, p, 0, mine, others);

	for (size_t w = 1; w < s->groups; w++) {
		double d = shift_weighing(s, p, w, mine, others) - first;

		sum += d;
		squares += d * d;
	}
	return fmax(0, squares - sum * sum / n);
}

/* Half the interval of quantile p. */
static double half_over_groups(struct resample *s, double p)
{
	double n = (double)s->groups;
	double left_out = (n - 1) / n * scatter(s, p, 0, 1);
	double alone = scatter(s, p, 1, 0) / n / (n - 1);

	return stats_t_quantile(n - 1) * sqrt(fmax(left_out, alone));
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

/* Processes always; rounds while they are few, and each shows the quantile. */
static bool by_groups(const struct resample *s, double p)
{
	if (s->workers >= 2)
		return true;
	return s->rounds >= 2 && s->rounds <= GROUP_ROUNDS &&
	       quantiles_supported(p, quantiles_count(s->config) / s->rounds);
}

int shifts_between(const struct config_samples *config, const struct config_samples *baseline,
		   const struct compare_scale *scale, double widen, struct effect out[SHIFTS])
{
	struct resample s = {0};
	int err = resample_alloc(&s, config, baseline);

	if (!err && s.workers < 2)
		err = replicate(&s, scale->seed);
	for (size_t p = 0; p < SHIFTS && !err; p++) {
		double value = observed(&s, shifts_probability[p]);
		struct effect e;

		if (by_groups(&s, shifts_probability[p])) {
			double half = half_over_groups(&s, shifts_probability[p]);

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
