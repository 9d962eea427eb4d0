/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "bpf/read/histogram.h"

/* The smallest value of a bucket and how many values share it: the inverse of histogram_bucket. */
static double bucket_middle(unsigned int bucket)
{
	unsigned int octave = bucket >> HISTOGRAM_BITS;

	if (octave < 2)
		return bucket; /* one value each, 0 to 127 */
	octave--;
	return ldexp((bucket & ((1u << HISTOGRAM_BITS) - 1)) + (1u << HISTOGRAM_BITS),
		     (int)octave) +
	       (ldexp(1, (int)octave) - 1) / 2;
}

double histogram_quantile(const struct histogram *histogram, double q)
{
	double want = q * (double)histogram->n, seen = 0;

	if (!histogram->n)
		return NAN;
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += (double)histogram->counts[i];
		if (histogram->counts[i] && seen >= want)
			return fmin(bucket_middle(i), (double)histogram->max);
	}
	return (double)histogram->max;
}
