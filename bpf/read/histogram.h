/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * histogram: counts of whole numbers in buckets that grow with the value (calib/buckets.h): 64 for
 * each power of two, so that a value read back is within 0.8 % of the one put in, from 0 to 2^64 -
 * 1.
 */
#ifndef BPFTOLL_BPF_READ_HISTOGRAM_H
#define BPFTOLL_BPF_READ_HISTOGRAM_H

#include "calib/buckets.h"

#define HISTOGRAM_BITS	  6 /* 2^6 buckets for each power of two */
#define HISTOGRAM_BUCKETS BUCKETS(64, HISTOGRAM_BITS)

struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS];
	uint64_t n, max;
};

static inline void histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->counts[bucket_of(value, HISTOGRAM_BITS)]++;
	histogram->n++;
	if (value > histogram->max)
		histogram->max = value;
}

/* The q quantile (0 to 1): the middle of its bucket, at most max; NAN when empty. */
double histogram_quantile(const struct histogram *histogram, double q);

#endif
