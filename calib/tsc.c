/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_sort_uint.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "calib/error.h"
#include "calib/arch/arch.h"
#include "calib/tsc.h"

#define QUANTUM_READINGS 8192
#define BRACKET_TRIES	 64

/* One instant on both clocks; width: ticks that passed around the read of the raw clock. */
struct instant {
	uint64_t ticks, width;
	double raw_s;
};

static double raw_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/* The narrowest of many brackets: one with an interrupt inside is not taken. */
static struct instant take_instant(void)
{
	struct instant best = {.width = UINT64_MAX};

	for (int i = 0; i < BRACKET_TRIES; i++) {
		uint64_t before = arch_clock();
		double raw = raw_seconds();
		uint64_t after = arch_clock();

		if (after - before < best.width)
			best = (struct instant){before + (after - before) / 2, after - before, raw};
	}
	return best;
}

/*
 * The step is the greatest common divisor of the differences between values that occur often (at
 * least 1 in 500 readings). Rare values come from interrupts and are left out; they are multiples
 * of the same step, so nothing is lost.
 */
double tsc_quantum(unsigned int *x, size_t n)
{
	unsigned int gcd = 0, last = 0;
	bool have_last = false;

	gsl_sort_uint(x, 1, n);
	for (size_t i = 0, j; i < n; i = j) {
		for (j = i; j < n && x[j] == x[i]; j++)
			;
		if ((j - i) * 500 < n)
			continue;
		if (have_last) {
			unsigned int a = x[i] - last, b = gcd;

			while (b) {
				unsigned int t = a % b;

				a = b;
				b = t;
			}
			gcd = a;
		}
		last = x[i];
		have_last = true;
	}
	return gcd ? gcd : 1;
}

/* Regions of slightly different lengths, so that the readings fall on many steps. */
static double measure_quantum(void)
{
	static unsigned int x[QUANTUM_READINGS];

	for (size_t i = 0; i < QUANTUM_READINGS; i++) {
		uint64_t ticks;
		uint32_t tag;

		ARCH_TIMED_REGION(ARCH_BODY_CHAIN, ticks, tag, 0, 1 + i % 61, 0, 0);
		(void)tag;
		x[i] = ticks > 1u << 20 ? 1u << 20 : (unsigned int)ticks;
	}
	return tsc_quantum(x, QUANTUM_READINGS);
}

int tsc_measure(unsigned int budget_ms, struct tsc_rate *out, struct error *why)
{
	struct instant first, last;
	const char *lacks;
	double end;

	lacks = arch_timed_region_lacks();
	out->invariant = !arch_clock_varies();
	if (!lacks)
		lacks = arch_clock_varies();
	if (lacks)
		return error_set(why, -ENOTSUP, "%s", lacks);
	first = take_instant();
	end = first.raw_s + (budget_ms < 20 ? 20 : budget_ms) * 1e-3;
	out->quantum = measure_quantum();
	do
		last = take_instant();
	while (last.raw_s < end);
	out->hz = (double)(last.ticks - first.ticks) / (last.raw_s - first.raw_s);
	/* each instant is known to half its bracket, the raw clock to a nanosecond */
	out->rel_err = ((double)(first.width + last.width) / 2 / out->hz + 2e-9) /
		       (last.raw_s - first.raw_s);
	return 0;
}
