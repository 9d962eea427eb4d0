/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compare_scale: what a tick is, how the clock steps, and what both do to an estimate. */
#ifndef BPFTOLL_REPORTS_EFFECTS_COMPARE_SCALE_H
#define BPFTOLL_REPORTS_EFFECTS_COMPARE_SCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "reports/stats/effect.h"

struct compare_scale {
	double unit_per_tick;	  /* ns per TSC tick; 1 for instructions */
	double unit_per_tick_err; /* relative error of that, folded into every interval */
	double quantum;		  /* ticks by which the clock steps; at least 1 */
	uint64_t seed;		  /* of the bootstrap */
	/*
	 * Calls after which the configuration's cost repeats (one wakeup in so many); 0 or 1: each
	 * call costs the same. "typical" is then taken over means of whole periods, else it would
	 * trim the dear call away and call the rest the cost.
	 */
	size_t period;
	/*
	 * Factor of every half-width. For effects: because the run ends when its intervals are
	 * narrow (stopping.h). For compare: that, and what the likeness of neighbouring rounds or
	 * processes makes of it (effects_fitted). 0 is 1.
	 */
	double widen;
};

/* Both distances from the value are multiplied; by 0: left as they are. */
struct effect compare_widened(struct effect e, double by);

/* Is a step more than the intervals that calls reach? */
bool compare_coarse(const struct compare_scale *scale);

/* A reading is a whole number of steps, each more than one can pass over. */
bool compare_steps(const struct compare_scale *scale);

/* Ticks to units: no narrower than a step where both configurations are locked, and the rate's own
 * error moves both ends. */
struct effect compare_in_units(struct effect e, const struct compare_scale *scale, bool typical,
			       bool locked);

#endif
