/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_sort_uint.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kit/timing/exact.h"

bool exact_rounds(const struct config_samples *samples)
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

static struct effect difference(double config, double baseline)
{
	double value = config - baseline;

	return (struct effect){value, value, value};
}

void exact_overhead(const struct distribution *config, const struct distribution *baseline,
		    struct overhead *out)
{
	*out = (struct overhead){
		.typical = difference(config->typical, baseline->typical),
		.mean = difference(config->mean, baseline->mean),
		.p50 = difference(config->p50, baseline->p50),
		.p90 = difference(config->p90, baseline->p90),
		.p99 = difference(config->p99, baseline->p99),
		.p999 = difference(config->p999, baseline->p999),
	};
}
