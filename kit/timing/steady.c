/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_sort_uint.h>
#include <stdlib.h>
#include <string.h>

#include "kit/timing/steady.h"

#define STEADY_CHUNK 50

static uint32_t chunk_median(const uint32_t *ticks, size_t n)
{
	uint32_t copy[STEADY_CHUNK];

	memcpy(copy, ticks, n * sizeof(*copy));
	gsl_sort_uint(copy, 1, n);
	return copy[n / 2];
}

/*
 * The reference is the median of the chunk medians (50 calls each) in the second half. Calls are
 * steady once no later chunk of the first half has a median more than 2 % and 4 ticks above it;
 * one chunk more is left out. Medians, so that a single slow call does not count.
 */
size_t steady_after(const uint32_t *ticks, size_t n)
{
	size_t chunks = n / STEADY_CHUNK, steady = 0;
	uint32_t medians[STEADY_CALLS_MOST / STEADY_CHUNK], level;

	if (chunks < 4 || chunks > STEADY_CALLS_MOST / STEADY_CHUNK)
		return n / 2;
	for (size_t i = 0; i < chunks; i++)
		medians[i] = chunk_median(ticks + i * STEADY_CHUNK, STEADY_CHUNK);
	level = chunk_median(medians + chunks / 2, chunks - chunks / 2);
	for (size_t i = 0; i < chunks / 2; i++)
		if (medians[i] > level + 4 + level / 50)
			steady = i + 1;
	return (steady + 1) * STEADY_CHUNK;
}
