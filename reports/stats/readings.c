/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "reports/stats/readings.h"
#include "reports/record/samples.h"

/* A reading's bin: itself below 2^11, then 2^10 bins to each doubling. */
#define EXACT_BITS 11
#define HALF	   (1U << (EXACT_BITS - 1))
#define BINS	   ((1U << EXACT_BITS) + (32 - EXACT_BITS) * HALF)

struct readings {
	uint64_t count;
	uint64_t bin[BINS];
};

struct readings *readings_open(void)
{
	return calloc(1, sizeof(struct readings));
}

void readings_close(struct readings *h)
{
	free(h);
}

static size_t bin_of(uint32_t ticks)
{
	unsigned int bits, shift;

	if (ticks >> EXACT_BITS == 0)
		return ticks;
	bits = 32 - (unsigned int)__builtin_clz(ticks);
	shift = bits - EXACT_BITS;
	return (1U << EXACT_BITS) + (size_t)(shift - 1) * HALF + ((ticks >> shift) - HALF);
}

/* The middle of a bin. */
static double reading_of(size_t bin)
{
	size_t shift, within;

	if (bin < 1U << EXACT_BITS)
		return (double)bin;
	bin -= 1U << EXACT_BITS;
	shift = bin / HALF + 1;
	within = bin % HALF + HALF;
	return ((double)within + 0.5) * (double)(1ULL << shift);
}

int readings_take(void *ctx, const uint32_t *ticks, size_t n)
{
	struct readings *h = ctx;

	for (size_t i = 0; i < n; i++) {
		if (!sample_kept(ticks[i]))
			continue;
		h->bin[bin_of(ticks[i])]++;
		h->count++;
	}
	return 0;
}

uint64_t readings_count(const struct readings *h)
{
	return h->count;
}

double readings_at(const struct readings *h, uint64_t rank)
{
	uint64_t seen = 0;

	for (size_t b = 0; b < BINS; b++) {
		seen += h->bin[b];
		if (seen > rank)
			return reading_of(b);
	}
	return 0;
}
