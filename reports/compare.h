/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compare: the readings of two arms -> what the one costs over the other.
 *
 * Both arms were measured in the same rounds; the effect of a round is arm minus baseline of that round.
 * compare_overhead gives the estimates with their intervals, compare_distribution one arm's own figures.
 */
#ifndef BPFTOLL_COMPARE_H
#define BPFTOLL_COMPARE_H

#include <stddef.h>
#include <stdint.h>
#include "reports/record.h"

/* ticks[round * calls + call]; entries that are marks (samples.h) are left out. */
struct arm_samples {
	const uint32_t *ticks;
	size_t rounds, calls;
};

struct compare_scale {
	double unit_per_tick;	  /* ns per TSC tick; 1 for instructions */
	double unit_per_tick_err; /* relative error of that, folded into every interval */
	double quantum;		  /* ticks by which the clock steps; at least 1 */
	uint64_t seed;		  /* of the bootstrap */
	/*
	 * Calls after which the arm's cost repeats (one wake-up in so many); 0 or 1: each call costs the same. "typical"
	 * is then taken over means of whole periods, else it would trim the dear call away and call the rest the cost.
	 */
	size_t period;
};

/*
 * All in scale's unit, 95 % intervals over rounds, NAN ends for fewer than two rounds.
 *
 * typical: interquartile mean of a round, paired, Yuen's interval. Where the clock steps by more than 4 ticks or 2 ns: over means
 * of 16 calls, and never narrower than +-2 % of a step (compare.c says why).
 * mean: nothing trimmed, paired, Student's t. Where nine readings in ten of both arms are the same step of a clock
 * that steps by more than one tick, both are +- a step.
 * p50 … p999: difference of the pooled quantiles, bootstrap over rounds drawn for both arms at once (in blocks where
 * they are autocorrelated), at least +- a step of more than one tick. A quantile that the number of
 * calls cannot support (p99.9 below 3,700 calls) is NAN.
 *
 * 0; -EINVAL when the arms' rounds differ in number or there are none; -ENOMEM; -E2BIG above 2^32 readings.
 */
int compare_overhead(const struct arm_samples *arm, const struct arm_samples *baseline,
		     const struct compare_scale *scale, struct overhead *out);

/* floor_ticks: typical length of the empty window, taken off every figure. 0, -ENOMEM or -E2BIG. */
int compare_distribution(const struct arm_samples *arm, double floor_ticks,
			 const struct compare_scale *scale, struct distribution *out);

/*
 * One arm's own p50, p99 and p999, pooled, with bootstrap intervals over its rounds, in scale's unit; floor_ticks is taken off.
 * NAN where the calls are too few (quantiles.h). 0, -ENOMEM or -E2BIG.
 */
#define COMPARE_OWN_QUANTILES 3
int compare_own_quantiles(const struct arm_samples *arm, double floor_ticks,
			  const struct compare_scale *scale,
			  struct effect out[COMPARE_OWN_QUANTILES]);

/*
 * One block of one round, in ticks: its "typical" and its mean; NAN where no call was kept. 0 or -ENOMEM.
 */
int compare_block(const uint32_t *ticks, size_t calls, const struct compare_scale *scale,
		  double *typical, double *mean);

#endif
