/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * buckets: maps whole numbers to buckets that grow with the value, 2^bits for each power of two
 * (the layout of HdrHistogram, in its simplest form). The middle of a bucket is within 2^-(bits +
 * 1) of each value in it. Pure; all folders may include it.
 */
#ifndef BPFTOLL_CALIB_BUCKETS_H
#define BPFTOLL_CALIB_BUCKETS_H

#include <math.h>
#include <stdint.h>

/* Number of buckets for values of up to value_bits bits. */
#define BUCKETS(value_bits, bits) (((value_bits) - (bits) + 1) << (bits))

/*
 * Values below 2^bits have a bucket each; above, the top bits + 1 bits of a value select its
 * bucket.
 */
static inline unsigned int bucket_of(uint64_t value, unsigned int bits)
{
	unsigned int octave;

	if (value < 1ULL << bits)
		return (unsigned int)value;
	octave = 63U - (unsigned int)__builtin_clzll(value) - bits;
	return (octave << bits) + (unsigned int)(value >> octave);
}

/*
 * The middle of a bucket, halfway to the start of the next one; the value itself in a bucket for
 * one value.
 */
static inline double bucket_middle(unsigned int bucket, unsigned int bits)
{
	unsigned int octave = bucket >> bits, within = bucket & ((1U << bits) - 1);

	if (octave < 2)
		return bucket; /* the buckets that hold one value each */
	return ldexp(within + (1U << bits) + 0.5, (int)octave - 1);
}

#endif
