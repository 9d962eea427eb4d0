/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "calib/buckets.h"
#include "reports/document/read/readings.h"
#include "reports/record/samples.h"

#define BITS 12 /* a bucket for each reading below 2^13, then 2^12 to each doubling */

struct readings {
	uint64_t count, left_out;
	uint32_t longest[READINGS_LONGEST]; /* ascending, the last n_longest of them */
	size_t n_longest;
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

/* Into its place; the shortest of them goes where all places are taken. Readings that get here are
 * rare: of n in random order about READINGS_LONGEST log n. */
static void keep_longest(struct readings *h, uint32_t ticks)
{
	size_t first, at;

	if (h->n_longest < READINGS_LONGEST)
		h->n_longest++;
	first = READINGS_LONGEST - h->n_longest;
	for (at = first; at + 1 < READINGS_LONGEST && h->longest[at + 1] < ticks; at++)
		h->longest[at] = h->longest[at + 1];
	h->longest[at] = ticks;
}

int readings_take(void *ctx, const uint32_t *ticks, size_t n)
{
	struct readings *h = ctx;

	for (size_t i = 0; i < n; i++) {
		if (!sample_kept(ticks[i])) {
			h->left_out++;
			continue;
		}
		h->bucket[bucket_of(ticks[i], BITS)]++;
		h->count++;
		if (h->n_longest < READINGS_LONGEST || ticks[i] > h->longest[0])
			keep_longest(h, ticks[i]);
	}
	return 0;
}

uint64_t readings_count(const struct readings *h)
{
	return h->count;
}

uint64_t readings_left_out(const struct readings *h)
{
	return h->left_out;
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

/* Counted from the shortest, 0 to count - 1. */
static uint64_t rank_of(const struct readings *h, double level)
{
	double rank = ceil(level * (double)h->count) - 1;

	return rank > 0 ? (uint64_t)fmin(rank, (double)h->count - 1) : 0;
}

void readings_quantiles(const struct readings *h, const double *levels, size_t n, double *out)
{
	uint64_t seen = 0;
	size_t i = 0;

	for (unsigned int b = 0; b < BUCKETS(32, BITS) && i < n; b++) {
		seen += h->bucket[b];
		while (i < n && seen > rank_of(h, levels[i])) {
			uint64_t above = h->count - rank_of(h, levels[i]);

			out[i++] = above <= h->n_longest ? h->longest[READINGS_LONGEST - above]
							 : bucket_middle(b, BITS);
		}
	}
	while (i < n)
		out[i++] = 0;
}

size_t readings_longest(const struct readings *h, double *out, size_t most)
{
	size_t n = h->n_longest < most ? h->n_longest : most;

	for (size_t i = 0; i < n; i++)
		out[i] = h->longest[READINGS_LONGEST - 1 - i];
	return n;
}
