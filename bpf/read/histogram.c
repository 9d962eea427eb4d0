/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "bpf/read/histogram.h"

double histogram_quantile(const struct histogram *histogram, double q)
{
	double want = q * (double)histogram->n, seen = 0;

	if (!histogram->n)
		return NAN;
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += (double)histogram->counts[i];
		if (histogram->counts[i] && seen >= want)
			return fmin(bucket_middle(i, HISTOGRAM_BITS), (double)histogram->max);
	}
	return (double)histogram->max;
}
