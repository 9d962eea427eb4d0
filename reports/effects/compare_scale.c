/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "reports/effects/compare_scale.h"

#define COARSE_QUANTUM 4   /* ticks; a finer step is below any interval that calls reach */
#define COARSE_UNITS   2.0 /* the same in ns: on aarch64 one tick is 1 to 50 of them */
#define STEP_SHARE     0.02

struct effect compare_widened(struct effect e, double by)
{
	if (by > 0) {
		e.lo = e.value - by * (e.value - e.lo);
		e.hi = e.value + by * (e.hi - e.value);
	}
	return e;
}

bool compare_coarse(const struct compare_scale *scale)
{
	return scale->quantum > COARSE_QUANTUM ||
	       scale->quantum * scale->unit_per_tick > COARSE_UNITS;
}

bool compare_steps(const struct compare_scale *scale)
{
	return scale->quantum > 1 || compare_coarse(scale);
}

struct effect compare_in_units(struct effect e, const struct compare_scale *scale, bool typical,
			       bool locked)
{
	double margin = fabs(e.value) * scale->unit_per_tick_err;
	double least_half = locked && compare_steps(scale) ? scale->quantum : 0;

	if (typical && compare_coarse(scale))
		least_half = fmax(least_half, STEP_SHARE * scale->quantum);
	if (!isnan(e.lo)) {
		e.lo = (fmin(e.lo, e.value - least_half) - margin) * scale->unit_per_tick;
		e.hi = (fmax(e.hi, e.value + least_half) + margin) * scale->unit_per_tick;
	}
	e.value *= scale->unit_per_tick;
	return e;
}
