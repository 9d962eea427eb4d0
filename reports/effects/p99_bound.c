/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "reports/effects/censor.h"
#include "reports/effects/p99_bound.h"
#include "reports/effects/quantiles.h"
#include "reports/record/samples.h"

#define OWN_P99	  1 /* of compare_own_quantiles */
#define TWO_TESTS 1.2

static const struct effect unknown = {NAN, NAN, NAN};

static size_t kept(const struct config_samples *samples, double *least)
{
	size_t n = 0;

	for (size_t i = 0; i < samples->rounds * samples->calls; i++) {
		if (!sample_kept(samples->ticks[i]))
			continue;
		if (n++ == 0 || samples->ticks[i] < *least)
			*least = samples->ticks[i];
	}
	return n;
}

int compare_p99_bound(const struct config_samples *config, const struct config_samples *baseline,
		      const struct compare_scale *scale, struct effect *out)
{
	double unit = scale->unit_per_tick, shortest = NAN, ignored = NAN;
	double all = (double)config->rounds * (double)config->calls;
	struct effect own[COMPARE_OWN_QUANTILES];
	int err;

	*out = unknown;
	if (kept(baseline, &shortest) == 0 ||
	    (double)kept(config, &ignored) < (1 - CENSOR_P99_MOST) * all)
		return 0;
	err = compare_own_quantiles(config, shortest, scale, own);
	if (err)
		return err;
	*out = own[OWN_P99];
	if (scale->quantum > 1)
		out->hi += scale->quantum * unit;
	return 0;
}

/* What the shift at b proves, with the gap between the baseline's quantiles at b and b + 0.01. */
static struct effect least_at(const struct quantiles *baseline, double b, struct effect shift,
			      double unit)
{
	double gap = (quantiles_at(baseline, b + 0.01) - quantiles_at(baseline, b)) * unit;

	return (struct effect){shift.value - gap,
			       shift.value - gap - TWO_TESTS * (shift.value - shift.lo),
			       shift.value - gap + TWO_TESTS * (shift.hi - shift.value)};
}

int compare_p99_least(const struct config_samples *baseline, const struct compare_scale *scale,
		      const struct overhead *overhead, struct effect *out)
{
	struct effect middle, upper;
	struct quantiles *q;
	int err = quantiles_open(baseline, false, &q);

	*out = unknown;
	if (err)
		return err;
	middle = least_at(q, 0.5, overhead->p50, scale->unit_per_tick);
	upper = least_at(q, 0.9, overhead->p90, scale->unit_per_tick);
	/* a comparison with NAN is false */
	*out = isnan(middle.lo) || upper.lo > middle.lo ? upper : middle;
	quantiles_close(q);
	return 0;
}

int p99_bounds(const struct config_samples *config, const struct config_samples *baseline,
	       const struct compare_scale *scale, struct record_result *result)
{
	int err = compare_p99_bound(config, baseline, scale, &result->p99_bound);

	return err ? err
		   : compare_p99_least(baseline, scale, &result->overhead, &result->p99_least);
}
