/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_psi.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "reports/stats/breakpoint.h"
#include "reports/stats/stats.h"

#define SIMULATIONS    1999 /* resolves a chance of 1 in 2,000 */
#define ENOUGH	       40   /* as good by chance: no need to go on (Besag & Clifford 1991) */
#define COUNTED	       10   /* as good: enough to count them; fewer are told by the tail */
#define TAIL_GAINS     100  /* of the largest, which the tail is fitted to */
#define REPLICATES     999
#define PLACES	       16   /* tried between two rates */
#define LEAST_VARIANCE 1e-4 /* of the points' mean variance: counts that are all zero have none */
#define BETTER	       (1 + 1e-9)
#define ROUNDING       1e-18

/* One sweep: the mean and the scatter of each point over its rounds. */
struct sweep {
	const double *x;
	size_t points, rounds;
	double mean[BREAKPOINT_POINTS_MOST];
	double seen[BREAKPOINT_POINTS_MOST];	 /* variance of a round, of these rounds */
	double variance[BREAKPOINT_POINTS_MOST]; /* the same, moderated */
	double weight[BREAKPOINT_POINTS_MOST];	 /* 1 / variance of the mean */
	bool scattered;				 /* the rounds differ */
	double size; /* sum of weighted squares: what rounding is measured by */
};

struct fit {
	double gain; /* weighted sum of squares that the bend explains */
	double k_lo, k, k_hi;
	double below, above; /* slopes */
	double rise; /* the slope beyond the bend, also where its value is anybody's guess */
};

/*
 * Five rounds tell a variance within a factor of four, and weights from such variances make
 * intervals that hold too little. So each is drawn to the points' geometric mean, the more the less
 * they differ beyond chance (Smyth 2004, "Linear models and empirical Bayes methods", Stat. Appl.
 * Genet. Mol. Biol. 3): the log of a variance scatters by trigamma(df / 2).
 */
static void moderate(struct sweep *s, double mean_variance)
{
	double chance = gsl_sf_psi_1((double)(s->rounds - 1) / 2), mean = 0, spread = 0, keep;

	for (size_t i = 0; i < s->points; i++) {
		s->variance[i] = log(fmax(s->seen[i], LEAST_VARIANCE * mean_variance));
		mean += s->variance[i] / (double)s->points;
	}
	for (size_t i = 0; i < s->points; i++)
		spread +=
			(s->variance[i] - mean) * (s->variance[i] - mean) / (double)(s->points - 1);
	keep = spread > chance ? 1 - chance / spread : 0;
	/* the mean of the logs is lower than the log of the mean, by as much as chance makes it */
	for (size_t i = 0; i < s->points; i++)
		s->variance[i] = exp(mean + keep * (s->variance[i] - mean) +
				     log((double)(s->rounds - 1) / 2) -
				     gsl_sf_psi((double)(s->rounds - 1) / 2));
}

static void weigh(struct sweep *s)
{
	double mean_variance = 0;

	s->size = 0;
	for (size_t i = 0; i < s->points; i++)
		mean_variance += s->seen[i] / (double)s->points;
	s->scattered = mean_variance > 0;
	if (s->scattered)
		moderate(s, mean_variance);
	for (size_t i = 0; i < s->points; i++) {
		s->weight[i] = s->scattered ? (double)s->rounds / s->variance[i] : 1;
		s->size += s->weight[i] * s->mean[i] * s->mean[i];
	}
}

static void summarise(struct sweep *s, const double *values)
{
	for (size_t i = 0; i < s->points; i++) {
		double sum = 0, squares = 0;

		for (size_t r = 0; r < s->rounds; r++)
			sum += values[r * s->points + i];
		s->mean[i] = sum / (double)s->rounds;
		for (size_t r = 0; r < s->rounds; r++) {
			double off = values[r * s->points + i] - s->mean[i];

			squares += off * off;
		}
		s->seen[i] = squares / (double)(s->rounds - 1);
	}
	weigh(s);
}

/* The line's weighted least squares: intercept at the mean rate, slope. */
struct line {
	double centre, sxx, height, slope;
};

static struct line line_of(const struct sweep *s, const double *y)
{
	double w = 0, x = 0, sum = 0, sxy = 0;
	struct line line = {0};

	for (size_t i = 0; i < s->points; i++) {
		w += s->weight[i];
		x += s->weight[i] * s->x[i];
		sum += s->weight[i] * y[i];
	}
	line.centre = x / w;
	line.height = sum / w;
	for (size_t i = 0; i < s->points; i++) {
		double off = s->x[i] - line.centre;

		line.sxx += s->weight[i] * off * off;
		sxy += s->weight[i] * off * y[i];
	}
	line.slope = sxy / line.sxx;
	return line;
}

/* How much better a bend at k fits, and the slopes on its two sides. y's line is known. */
static void try_at(const struct sweep *s, const struct line *of_y, double k, struct fit *best)
{
	double hinge[BREAKPOINT_POINTS_MOST], own = 0, with = 0, turn, gain;
	struct line of_hinge;

	for (size_t i = 0; i < s->points; i++)
		hinge[i] = fmax(0, s->x[i] - k);
	of_hinge = line_of(s, hinge);
	for (size_t i = 0; i < s->points; i++) {
		double off = s->x[i] - of_y->centre;
		double h = hinge[i] - of_hinge.height - of_hinge.slope * off;

		own += s->weight[i] * h * h;
		with += s->weight[i] * h * (s->mean[i] - of_y->height - of_y->slope * off);
	}
	if (!(own > 0))
		return;
	gain = with * with / own;
	turn = with / own;
	/* a curve that bends down gets better */
	if (gain <= best->gain * BETTER || turn <= 0)
		return;
	best->gain = gain;
	best->k_lo = best->k = best->k_hi = k;
	best->below = of_y->slope - turn * of_hinge.slope;
	best->above = best->rise = best->below + turn;
}

/*
 * Between the outer two rates on each side every place fits alike: the bend has one point beyond
 * it. The middle of the two stands for all, and the slope on the far side is anybody's guess.
 */
static void try_outer(const struct sweep *s, const struct line *of_y, size_t from, struct fit *best)
{
	double before = best->gain;

	try_at(s, of_y, (s->x[from] + s->x[from + 1]) / 2, best);
	if (best->gain <= before)
		return;
	best->k_lo = s->x[from];
	best->k_hi = s->x[from + 1];
	if (from == 0)
		best->below = NAN;
	else
		best->above = NAN;
}

static struct fit fit_bend(const struct sweep *s)
{
	struct line of_y = line_of(s, s->mean);
	struct fit best = {.gain = 0,
			   .k_lo = NAN,
			   .k = NAN,
			   .k_hi = NAN,
			   .below = of_y.slope,
			   .above = of_y.slope,
			   .rise = of_y.slope};

	double finest = 0;

	/* first: a bend at the second rate or the second last one fits as well */
	try_outer(s, &of_y, 0, &best);
	try_outer(s, &of_y, s->points - 2, &best);
	for (size_t i = 1; i + 2 < s->points; i++) {
		double step = (s->x[i + 1] - s->x[i]) / PLACES, before = best.gain;

		for (size_t p = 0; p <= PLACES; p++)
			try_at(s, &of_y, s->x[i] + step * (double)p, &best);
		if (best.gain > before)
			finest = step / PLACES;
	}
	/* around the best place once more, finer; nothing is found where an outer bend was best */
	if (finest > 0) {
		double from = best.k - PLACES * finest;

		for (size_t p = 0; p <= (size_t)2 * PLACES; p++)
			try_at(s, &of_y,
			       fmin(fmax(from + finest * (double)p, s->x[1]), s->x[s->points - 2]),
			       &best);
	}
	if (best.gain < ROUNDING * s->size)
		best.gain = 0;
	return best;
}

/* Standardised residuals of all points, so that few rounds still give a distribution. */
static size_t pool_residuals(const struct sweep *s, const double *values, double *pool)
{
	double grow = sqrt((double)s->rounds / (double)(s->rounds - 1));
	size_t n = 0;

	for (size_t i = 0; i < s->points; i++) {
		for (size_t r = 0; r < s->rounds && s->scattered; r++)
			pool[n++] = grow * (values[r * s->points + i] - s->mean[i]) /
				    sqrt(s->variance[i]);
	}
	return n;
}

/*
 * Many curves are tested at once, so chances of 1 in 10^5 must be told, which would take 10^6
 * simulated sweeps each. Beyond the largest gains the tail is taken for a power law (Hill 1975);
 * gains fall off faster than that, so the chance is rather too high.
 */
static double tail_chance(double *gains, size_t n, double gain)
{
	double least, sum = 0;

	gsl_sort(gains, 1, n);
	least = gains[n - TAIL_GAINS];
	if (!(least > 0) || gain <= least)
		return (double)TAIL_GAINS / (double)n;
	for (size_t i = n - TAIL_GAINS; i < n; i++)
		sum += log(gains[i] / least);
	return (double)TAIL_GAINS / (double)n * pow(gain / least, -(double)TAIL_GAINS / sum);
}

/*
 * How often scatter alone, on a straight line, gains as much as was gained. A line adds nothing to
 * the gain: zero will do. The scatter is drawn from the curve's own residuals, which have its
 * noise's skew: times are no Gaussians.
 */
static double chance_of(const struct sweep *s, double gain, const double *pool, size_t residuals,
			gsl_rng *rng, double *values, double *gains)
{
	struct sweep made = {.x = s->x, .points = s->points, .rounds = s->rounds};
	size_t as_good = 0, n = 0;
	double counted;

	if (!s->scattered)
		return gain > 0 ? 0 : 1;
	for (; n < SIMULATIONS && as_good < ENOUGH; n++) {
		for (size_t i = 0; i < s->points * s->rounds; i++)
			values[i] = pool[gsl_rng_uniform_int(rng, residuals)] *
				    sqrt(s->variance[i % s->points]);
		summarise(&made, values);
		gains[n] = fit_bend(&made).gain;
		as_good += gains[n] >= gain;
	}
	counted = (double)(as_good + 1) / (double)(n + 1);
	return as_good >= COUNTED ? counted : fmin(counted, tail_chance(gains, n, gain));
}

struct replicates {
	double k_lo[REPLICATES], k_hi[REPLICATES], below[REPLICATES], above[REPLICATES];
	double rise[REPLICATES], gains[SIMULATIONS];
	size_t n, belows, aboves;
};

/*
 * Whole sweeps, so that a replicate weighs its points by its own scatter: weights that were taken
 * for known would make the intervals too narrow. straight: only the line is fitted, its slope is
 * "below". values: room for a sweep.
 */
static void resample(const struct sweep *s, const double *pool, size_t residuals, bool straight,
		     gsl_rng *rng, double *values, struct replicates *out)
{
	struct sweep again = {.x = s->x, .points = s->points, .rounds = s->rounds};

	out->belows = out->aboves = 0;
	for (out->n = 0; out->n < REPLICATES; out->n++) {
		struct fit fit;

		for (size_t i = 0; i < s->points * s->rounds; i++) {
			size_t point = i % s->points;
			double off = residuals ? pool[gsl_rng_uniform_int(rng, residuals)] : 0;

			values[i] = s->mean[point] +
				    off * sqrt(fmax(s->seen[point], s->variance[point]));
		}
		summarise(&again, values);
		if (straight) {
			out->below[out->belows++] = line_of(&again, again.mean).slope;
			continue;
		}
		fit = fit_bend(&again);
		out->k_lo[out->n] = fit.k_lo;
		out->k_hi[out->n] = fit.k_hi;
		out->rise[out->n] = fit.rise;
		if (!isnan(fit.below))
			out->below[out->belows++] = fit.below;
		if (!isnan(fit.above))
			out->above[out->aboves++] = fit.above;
	}
}

static struct effect slope_interval(double value, double *replicates, size_t n, double tail)
{
	/* Half the replicates could not tell it: nor can this one. */
	if (isnan(value) || n < REPLICATES / 2)
		return (struct effect){NAN, NAN, NAN};
	return stats_bootstrap_interval(value, replicates, n, tail);
}

static void put_row(const struct sweep *s, const struct fit *fit, struct replicates *all,
		    struct breakpoint *row)
{
	/* The pool has as many residuals as there are measurements, less a mean for each point. */
	double tail = stats_bootstrap_tail(s->points * (s->rounds - 1) + 1);

	row->highest = s->x[s->points - 1];
	row->slope_above = (struct effect){NAN, NAN, NAN};
	if (!row->found) {
		row->rate = (struct effect){s->x[s->points - 1], NAN, NAN};
		row->slope_below =
			slope_interval(line_of(s, s->mean).slope, all->below, all->belows, tail);
		return;
	}
	row->rate.value = fit->k;
	row->rate.lo =
		fmin(fit->k_lo, stats_bootstrap_interval(fit->k, all->k_lo, all->n, tail).lo);
	row->rate.hi =
		fmax(fit->k_hi, stats_bootstrap_interval(fit->k, all->k_hi, all->n, tail).hi);
	row->slope_below = slope_interval(fit->below, all->below, all->belows, tail);
	row->slope_above = slope_interval(fit->above, all->above, all->aboves, tail);
}

/* Flat beyond the bend is no harm: a cost that falls until there has reached its floor. */
static bool rises(const struct sweep *s, const struct fit *fit, struct replicates *all)
{
	double tail = stats_bootstrap_tail(s->points * (s->rounds - 1) + 1);

	return fit->rise > 0 && stats_bootstrap_interval(fit->rise, all->rise, all->n, tail).lo > 0;
}

static int check(const double *rates, size_t points, const double *values, size_t rounds)
{
	if (points < BREAKPOINT_POINTS_LEAST || points > BREAKPOINT_POINTS_MOST ||
	    rounds < BREAKPOINT_ROUNDS_LEAST || rounds > BREAKPOINT_ROUNDS_MOST)
		return -EINVAL;
	for (size_t i = 0; i < points; i++) {
		if (!isfinite(rates[i]) || (i && rates[i] <= rates[i - 1]))
			return -EINVAL;
	}
	for (size_t i = 0; i < points * rounds; i++) {
		if (!isfinite(values[i]))
			return -EINVAL;
	}
	return 0;
}

int breakpoint_find(const double *rates, size_t points, const double *values, size_t rounds,
		    uint64_t seed, struct breakpoint *row)
{
	struct sweep sweep = {.x = rates, .points = points, .rounds = rounds};
	int err = check(rates, points, values, rounds);
	struct replicates *all = NULL;
	double *spare = NULL, *pool;
	gsl_rng *rng = NULL;
	size_t residuals;
	struct fit fit;

	if (err)
		return err;
	all = calloc(1, sizeof(*all));
	spare = calloc(2 * points * rounds, sizeof(*spare));
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	err = all && spare && rng ? 0 : -ENOMEM;
	if (err)
		goto out;
	gsl_rng_set(rng, (unsigned long)seed);
	summarise(&sweep, values);
	fit = fit_bend(&sweep);
	pool = spare + points * rounds;
	residuals = pool_residuals(&sweep, values, pool);
	row->p = fit.gain > 0 ? chance_of(&sweep, fit.gain, pool, residuals, rng, spare, all->gains)
			      : 1;
	row->found = row->p < BREAKPOINT_P;
	resample(&sweep, pool, residuals, !row->found, rng, spare, all);
	if (row->found && !rises(&sweep, &fit, all)) {
		row->found = false;
		row->p = 1;
		resample(&sweep, pool, residuals, true, rng, spare, all);
	}
	put_row(&sweep, &fit, all, row);
out:
	gsl_rng_free(rng);
	free(spare);
	free(all);
	return err;
}
