/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_sort_uint.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kit/exact.h"

bool exact_rounds(const struct arm_samples *samples)
{
	size_t n = samples->calls, bytes = n * sizeof(uint32_t);
	uint32_t *first = malloc(bytes), *other = malloc(bytes);
	bool same = first && other && n && samples->rounds >= 2;

	if (same) {
		memcpy(first, samples->ticks, bytes);
		gsl_sort_uint(first, 1, n);
	}
	for (size_t r = 1; same && r < samples->rounds; r++) {
		memcpy(other, samples->ticks + r * n, bytes);
		gsl_sort_uint(other, 1, n);
		same = !memcmp(first, other, bytes);
	}
	free(first);
	free(other);
	return same;
}

static struct effect difference(double arm, double baseline)
{
	double value = arm - baseline;

	return (struct effect){value, value, value};
}

void exact_overhead(const struct distribution *arm, const struct distribution *baseline,
		    struct overhead *out)
{
	*out = (struct overhead){
		.typical = difference(arm->typical, baseline->typical),
		.mean = difference(arm->mean, baseline->mean),
		.p50 = difference(arm->p50, baseline->p50),
		.p90 = difference(arm->p90, baseline->p90),
		.p99 = difference(arm->p99, baseline->p99),
		.p999 = difference(arm->p999, baseline->p999),
	};
}
