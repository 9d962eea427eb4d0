/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "calib/buckets.h"
#include "reports/document/draw/readings.h"
#include "reports/record/samples.h"

#define BITS 10 /* a bucket for each reading below 2^11, then 2^10 to each doubling */

struct readings {
	uint64_t count;
	uint64_t bucket[BUCKETS(32, BITS)];
};

struct readings *readings_open(void)
{
	return calloc(1, sizeof(struct readings));
}

void readings_close(struct readings *h)
{
	free(h);
}

int readings_take(void *ctx, const uint32_t *ticks, size_t n)
{
	struct readings *h = ctx;

	for (size_t i = 0; i < n; i++) {
		if (!sample_kept(ticks[i]))
			continue;
		h->bucket[bucket_of(ticks[i], BITS)]++;
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

	for (unsigned int b = 0; b < BUCKETS(32, BITS); b++) {
		seen += h->bucket[b];
		if (seen > rank)
			return bucket_middle(b, BITS);
	}
	return 0;
}
