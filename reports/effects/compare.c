/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "typical" under a coarse clock. Where the clock steps by 26 ticks, a round's readings take two or
 * three values, and the interquartile mean of those drops one of them before the other: planted
 * delays come back up to 9 ticks off, with an interval of +-0.3. So, for a step above 4 ticks or 2
 * ns, in each round:
 *
 *   1. readings beyond the quartiles by more than 1.5 interquartile ranges plus two steps are set
 * aside (Tukey's inner fence; the steps keep both neighbours of a value that has no range);
 *   2. the rest is averaged in groups of 16 consecutive calls: the phase is random, so steps
 * average out;
 *   3. the interquartile mean is taken of the groups.
 *
 * Without 1, sixteen calls of which 1 in 50 was interrupted spoil 28 % of the groups, more than the
 * quarter that 3 drops. Simulated with a step of 26, delays of 0 to 400 ticks, 50 rounds of 1,000
 * calls, outliers up to 3e6 ticks (scatter about the line / largest error, in ticks; Gaussian
 * jitter of 3, then lognormal of median 7):
 *
 *   outliers      raw readings   groups of 8, no fence   fence, 8    fence, 16   fence, 32   fence,
 * all 1 %, Gauss     3.8 / 7.9       0.30 / 0.86         0.32/0.53   0.18/0.33   0.13/0.25
 * 0.10/0.17 10 %, Gauss    -               breaks down         0.29/0.56   0.16/0.30   0.11/0.24
 * 0.09/0.18 1 %, lognormal 3.0 / 6.0       0.20 / 0.50         0.27/0.53   0.30/0.65   0.31/0.68
 * 0.32/0.73
 *
 * What is left is no random error: more calls don't lessen it. So typical's interval is never
 * narrower than +-2 % of a step. Sixteen is the least that brings the symmetric case below a third
 * of a tick; more gains 0.05 and makes typical a mean. The slope over the delays is 1 within 0.001
 * in all of them (tests/unit/reports/effects/test_compare.c keeps watch).
 */
#include <errno.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "reports/stats/clusters.h"
#include "reports/effects/compare.h"
#include "reports/effects/quantiles.h"
#include "reports/record/samples.h"
#include "reports/effects/shifts.h"
#include "reports/stats/stats.h"

#define FENCE_RANGES 1.5
#define FENCE_STEPS  2
#define GROUP_CALLS  16
#define GROUPS_LEAST 8	  /* a round with fewer has no middle half to speak of */
#define REPLICATES   2000 /* 2.5 % is then the 50th: its own noise is below 5 % of the interval */

/* What one configuration read, round by round, in ticks; NAN for a round without a kept call. */
struct rate_run {
	double *typical, *mean;
};

static void rate_run_free(struct rate_run *s)
{
	free(s->typical);
	free(s->mean);
}

static int rate_run_alloc(struct rate_run *s, size_t rounds)
{
	s->typical = calloc(rounds + 1, sizeof(*s->typical));
	s->mean = calloc(rounds + 1, sizeof(*s->mean));
	return s->typical && s->mean ? 0 : -ENOMEM;
}

static size_t group_calls(const struct compare_scale *scale, size_t kept)
{
	size_t most = kept / GROUPS_LEAST;

	if (!compare_coarse(scale) || most < 1)
		return 1;
	return most < GROUP_CALLS ? most : GROUP_CALLS;
}

/* Sets aside what lies beyond the fence (see the top); keeps the order of the calls. */
static size_t drop_outliers(double *x, size_t n, double quantum, double *scratch)
{
	double low, high, reach;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		scratch[i] = x[i];
	low = gsl_stats_select(scratch, 1, n, n / 4);
	high = gsl_stats_select(scratch, 1, n, n - 1 - n / 4);
	reach = FENCE_RANGES * (high - low) + FENCE_STEPS * quantum;
	for (size_t i = 0; i < n; i++) {
		if (x[i] >= low - reach && x[i] <= high + reach)
			x[kept++] = x[i];
	}
	return kept;
}

/* Replaces x by the means of each g of its values in turn; what is left over joins the last. */
static size_t group_means(double *x, size_t n, size_t g)
{
	size_t groups = n / g;

	for (size_t i = 0; i < groups; i++) {
		size_t to = i + 1 == groups ? n : (i + 1) * g;

		x[i] = stats_mean(x + i * g, to - i * g);
	}
	return groups;
}

/* x: the kept readings of a block, in their order; overwritten. scratch has room for as many. */
static double typical_of(double *x, size_t n, const struct compare_scale *scale, double *scratch)
{
	size_t g = group_calls(scale, n);

	if (scale->period > 1 && n >= scale->period) {
		/* whole periods: each holds the rare dear call once, which a fence would drop */
		n = group_means(x, n - n % scale->period, scale->period);
	} else if (g > 1) {
		n = drop_outliers(x, n, scale->quantum, scratch);
		n = group_means(x, n, g);
	}
	gsl_sort(x, 1, n);
	return stats_interquartile_mean_sorted(x, n);
}

static size_t read_block(const uint32_t *ticks, size_t calls, double *x)
{
	size_t n = 0;

	for (size_t i = 0; i < calls; i++) {
		if (sample_kept(ticks[i]))
			x[n++] = ticks[i];
	}
	return n;
}

int compare_block(const uint32_t *ticks, size_t calls, const struct compare_scale *scale,
		  double *typical, double *mean)
{
	double *x = calloc(calls + 1, sizeof(*x));
	double *scratch = calloc(calls + 1, sizeof(*scratch));
	int err = x && scratch ? 0 : -ENOMEM;

	if (!err) {
		size_t n = read_block(ticks, calls, x);

		*mean = stats_mean(x, n);
		*typical = typical_of(x, n, scale, scratch);
	}
	free(scratch);
	free(x);
	return err;
}

static int read_series(const struct config_samples *config, const struct compare_scale *scale,
		       struct rate_run *s)
{
	int err = 0;

	for (size_t r = 0; r < config->rounds && !err; r++)
		err = compare_block(config->ticks + r * config->calls, config->calls, scale,
				    &s->typical[r], &s->mean[r]);
	return err;
}

static size_t drop_empty(double *x, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (!isnan(x[i]))
			x[kept++] = x[i];
	}
	return kept;
}

int compare_locked(const struct config_samples *config, const struct compare_scale *scale,
		   bool *locked)
{
	struct quantiles *q;
	int err;

	*locked = false;
	if (!compare_steps(scale))
		return 0;
	err = quantiles_open(config, false, &q);
	if (err)
		return err;
	/* NAN: too few calls to tell */
	*locked = !(quantiles_at(q, 0.05) < quantiles_at(q, 0.95));
	quantiles_close(q);
	return 0;
}

/*
 * Leaves out the rounds in which either configuration has nothing; a -= b, and worker (may be NULL)
 * keeps its pace in kept. Returns what is left.
 */
static size_t subtract(double *a, const double *b, size_t n, const uint32_t *worker, uint32_t *kept)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		if (isnan(a[i]) || isnan(b[i]))
			continue;
		kept[left] = worker ? worker[i] : 0;
		a[left++] = a[i] - b[i];
	}
	return left;
}

/*
 * Over the processes where the rounds name more than one, else over the rounds. x: the n effects,
 * in ticks; overwritten. widen: what autocorrelation asks for that the interval over rounds does
 * not see by itself.
 */
static int over_rounds(double *x, const uint32_t *worker, size_t n, bool typical, double widen,
		       struct effect *out)
{
	size_t workers = clusters_number(worker, n, NULL);
	const struct serial white = SERIAL_WHITE;
	int err = workers == SIZE_MAX ? -ENOMEM : 0;

	if (err)
		return err;
	if (workers < 2) {
		*out = typical ? stats_trimmed_interval(x, n) : stats_mean_interval(x, n);
		if (stats_long_lag1(x, n) > 0)
			widen = 1;
	} else {
		if (typical)
			err = clusters_fence(x, worker, n);
		*out = clusters_mean(x, worker, n, &white, 0);
	}
	*out = compare_widened(*out, widen);
	return err;
}

int compare_overhead(const struct config_samples *config, const struct config_samples *baseline,
		     const struct compare_scale *scale, struct overhead *out)
{
	struct rate_run a = {NULL, NULL}, b = {NULL, NULL};
	struct effect shifts[SHIFTS], typical, mean;
	uint32_t *worker = calloc(config->rounds + 1, sizeof(*worker));
	bool locked = false, base_locked = false;
	double widen = fmax(scale->widen, 1), lag1;
	size_t n;
	int err = worker ? 0 : -ENOMEM;

	if (!err && (config->rounds != baseline->rounds || config->rounds == 0))
		err = -EINVAL;
	if (!err)
		err = rate_run_alloc(&a, config->rounds);
	if (!err)
		err = rate_run_alloc(&b, config->rounds);
	if (!err)
		err = read_series(config, scale, &a);
	if (!err)
		err = read_series(baseline, scale, &b);
	if (!err)
		err = compare_locked(config, scale, &locked);
	if (!err)
		err = compare_locked(baseline, scale, &base_locked);
	if (err)
		goto out;
	locked = locked && base_locked;
	n = subtract(a.typical, b.typical, config->rounds, config->worker, worker);
	lag1 = clusters_number(worker, n, NULL) == 1 ? stats_long_lag1(a.typical, n) : 0;
	err = over_rounds(a.typical, worker, n, true, widen, &typical);
	n = subtract(a.mean, b.mean, config->rounds, config->worker, worker);
	if (!err)
		err = over_rounds(a.mean, worker, n, false, widen, &mean);
	if (!err)
		err = shifts_between(config, baseline, scale,
				     fmax(widen, sqrt((1 + lag1) / (1 - lag1))), shifts);
	if (err)
		goto out;
	*out = (struct overhead){
		.typical = compare_in_units(typical, scale, true, locked),
		.mean = compare_in_units(mean, scale, false, locked),
		.p50 = shifts[0],
		.p90 = shifts[1],
		.p99 = shifts[2],
		.p999 = shifts[3],
	};
out:
	free(worker);
	rate_run_free(&a);
	rate_run_free(&b);
	return err;
}

int compare_distribution(const struct config_samples *config, double timer_overhead_ticks,
			 const struct compare_scale *scale, struct distribution *out)
{
	struct rate_run s = {NULL, NULL};
	struct quantiles *q = NULL;
	double unit = scale->unit_per_tick;
	size_t n;
	int err = rate_run_alloc(&s, config->rounds);

	if (!err)
		err = read_series(config, scale, &s);
	if (!err)
		err = quantiles_open(config, false, &q);
	if (err)
		goto out;
	n = drop_empty(s.typical, config->rounds);
	out->typical = (stats_trimmed_interval(s.typical, n).value - timer_overhead_ticks) * unit;
	n = drop_empty(s.mean, config->rounds);
	out->mean = (stats_mean(s.mean, n) - timer_overhead_ticks) * unit;
	out->p50 = (quantiles_at(q, 0.5) - timer_overhead_ticks) * unit;
	out->p90 = (quantiles_at(q, 0.9) - timer_overhead_ticks) * unit;
	out->p99 = (quantiles_at(q, 0.99) - timer_overhead_ticks) * unit;
	out->p999 = (quantiles_at(q, 0.999) - timer_overhead_ticks) * unit;
	out->max = (quantiles_max(q) - timer_overhead_ticks) * unit;
out:
	quantiles_close(q);
	rate_run_free(&s);
	return err;
}

int compare_own_quantiles(const struct config_samples *config, double timer_overhead_ticks,
			  const struct compare_scale *scale,
			  struct effect out[COMPARE_OWN_QUANTILES])
{
	static const size_t own[COMPARE_OWN_QUANTILES] = {0, 2, 3}; /* of shifts_probability[] */
	struct effect all[SHIFTS];
	double floor = timer_overhead_ticks * scale->unit_per_tick;
	int err = shifts_between(config, NULL, scale, fmax(scale->widen, 1), all);

	for (size_t i = 0; i < COMPARE_OWN_QUANTILES && !err; i++) {
		const struct effect *e = &all[own[i]];

		out[i] = (struct effect){e->value - floor, e->lo - floor, e->hi - floor};
	}
	return err;
}
