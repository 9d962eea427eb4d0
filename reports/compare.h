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

/* ticks[round * calls + call]; SAMPLE_MIGRATED entries are left out. */
struct arm_samples {
	const uint32_t *ticks;
	size_t rounds, calls;
};

struct compare_scale {
	double unit_per_tick;	  /* ns per TSC tick; 1 for instructions */
	double unit_per_tick_err; /* relative error of that, folded into every interval */
	double quantum;		  /* ticks by which the clock steps; at least 1 */
	uint64_t seed;		  /* of the bootstrap */
};

/*
 * typical and mean paired by round; quantile shifts from the pooled quantiles with an interval by resampling
 * rounds, never narrower than the clock's quantum allows. A quantile that the number of calls cannot
 * support (p99.9 below 3,700 calls) is NAN. 0, or -EINVAL when the two arms' rounds differ in number.
 */
int compare_overhead(const struct arm_samples *arm, const struct arm_samples *baseline,
		     const struct compare_scale *scale, struct overhead *out);

/* floor_ticks: typical length of the empty window, taken off every figure. */
int compare_distribution(const struct arm_samples *arm, double floor_ticks,
			 const struct compare_scale *scale, struct distribution *out);

#endif
