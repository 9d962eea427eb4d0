/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * histogram: counts of whole numbers in buckets that grow with the value: 64 to each power of two,
 * so that a value read back is within 0.8 % of the one put in, from 0 to 2^64 - 1. (The layout of
 * HdrHistogram, in its simplest form.)
 */
#ifndef BPFTOLL_BPF_READ_HISTOGRAM_H
#define BPFTOLL_BPF_READ_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BITS	  6 /* 2^6 buckets an octave */
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS)

struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS];
	uint64_t n, max;
};

/* Below 64 each value has its bucket; above, the top 7 bits of the value name it. */
static inline unsigned int histogram_bucket(uint64_t value)
{
	unsigned int octave;

	if (value < 1u << HISTOGRAM_BITS)
		return (unsigned int)value;
	octave = 63u - (unsigned int)__builtin_clzll(value) - HISTOGRAM_BITS;
	return (octave << HISTOGRAM_BITS) + (unsigned int)(value >> octave);
}

static inline void histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->counts[histogram_bucket(value)]++;
	histogram->n++;
	if (value > histogram->max)
		histogram->max = value;
}

/* The value that a share q (0 to 1) of the values does not exceed: its bucket's middle, at most
 * max; NAN when empty. */
double histogram_quantile(const struct histogram *histogram, double q);

#endif
