/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * buckets: whole numbers -> buckets that grow with the value, 2^bits to each power of two (the
 * layout of HdrHistogram, in its simplest form). The middle of a bucket is within 2^-(bits + 1) of
 * each value in it. Pure; may be included by all folders.
 */
#ifndef BPFTOLL_CALIB_BUCKETS_H
#define BPFTOLL_CALIB_BUCKETS_H

#include <math.h>
#include <stdint.h>

/* Buckets that values of so many bits need. */
#define BUCKETS(value_bits, bits) (((value_bits) - (bits) + 1) << (bits))

/* Below 2^bits each value has its bucket; above, its top bits + 1 bits name it. */
static inline unsigned int bucket_of(uint64_t value, unsigned int bits)
{
	unsigned int octave;

	if (value < 1ULL << bits)
		return (unsigned int)value;
	octave = 63U - (unsigned int)__builtin_clzll(value) - bits;
	return (octave << bits) + (unsigned int)(value >> octave);
}

/* Halfway to where the next one begins; the value itself where a bucket has one. */
static inline double bucket_middle(unsigned int bucket, unsigned int bits)
{
	unsigned int octave = bucket >> bits, within = bucket & ((1U << bits) - 1);

	if (octave < 2)
		return bucket; /* one value each */
	return ldexp(within + (1U << bits) + 0.5, (int)octave - 1);
}

#endif
