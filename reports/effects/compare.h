/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compare: the readings of two configurations -> what the one costs over the other.
 *
 * Both configurations were measured in the same rounds; the effect of a round is configuration
 * minus baseline of that round. compare_overhead gives the estimates with their intervals,
 * compare_distribution one configuration's own figures.
 */
#ifndef BPFTOLL_REPORTS_EFFECTS_COMPARE_H
#define BPFTOLL_REPORTS_EFFECTS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "reports/effects/compare_scale.h"
#include "reports/record/record.h"
#include "reports/effects/config_samples.h"

/*
 * All in scale's unit, 95 % intervals over processes where configuration->worker names more than
 * one (clusters.h), else over rounds; NAN ends for fewer than two of them.
 *
 * typical: interquartile mean of a round, paired; over processes with disturbed rounds fenced, over
 * rounds by Yuen's trimmed interval. Where the clock steps by more than 4 ticks or 2 ns: over means
 * of 16 calls, and never narrower than +-2 % of a step (compare.c says why). mean: nothing trimmed,
 * paired, Student's t. Where nine readings in ten of both configurations are the same step of a
 * clock that steps by more than one tick, both are +- a step. p50 … p999: difference of the pooled
 * quantiles (shifts.h), at least +- a step of more than one tick. A quantile that the number of
 * calls cannot support (p99.9 below 3,700 calls) is NAN.
 *
 * All are widened by scale->widen; over rounds from 40 on, by their own autocorrelation (stats.h).
 *
 * 0; -EINVAL when the configurations' rounds differ in number or there are none; -ENOMEM; -E2BIG
 * above 2^32 readings.
 */
int compare_overhead(const struct config_samples *config, const struct config_samples *baseline,
		     const struct compare_scale *scale, struct overhead *out);

/* timer_overhead_ticks: typical length of the empty window, taken off every figure. 0, -ENOMEM or
 * -E2BIG. */
int compare_distribution(const struct config_samples *config, double timer_overhead_ticks,
			 const struct compare_scale *scale, struct distribution *out);

/*
 * One configuration's own p50, p99 and p999, pooled, with intervals as above, in scale's unit;
 * timer_overhead_ticks is taken off. NAN where the calls are too few (quantiles.h). 0, -ENOMEM or
 * -E2BIG.
 */
#define COMPARE_OWN_QUANTILES 3
int compare_own_quantiles(const struct config_samples *config, double timer_overhead_ticks,
			  const struct compare_scale *scale,
			  struct effect out[COMPARE_OWN_QUANTILES]);

/*
 * One block of one round, in ticks: its "typical" and its mean; NAN where no call was kept. 0 or
 * -ENOMEM.
 */
int compare_block(const uint32_t *ticks, size_t calls, const struct compare_scale *scale,
		  double *typical, double *mean);

/*
 * Is one step of the clock all that nine readings in ten show? The phase is not random then, or the
 * length is a whole number of steps, and no averaging sees within a step. false where the clock has
 * no steps to speak of. 0, -ENOMEM or -E2BIG.
 */
int compare_locked(const struct config_samples *config, const struct compare_scale *scale,
		   bool *locked);

#endif
