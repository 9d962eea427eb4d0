/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tsc: the clock's rate with its error, and the step by which it advances.
 *
 * Ticks are neither core cycles nor nanoseconds: every conversion uses this measured rate.
 */
#ifndef BPFTOLL_CALIB_TSC_H
#define BPFTOLL_CALIB_TSC_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"

struct tsc_rate {
	double hz;	/* ticks per second of CLOCK_MONOTONIC_RAW */
	double rel_err; /* bound of the relative error of hz */
	double quantum; /* ticks by which readings step; 1 when every value occurs */
	bool invariant;
};

/*
 * Measures for about budget_ms (at least 20) on the calling CPU; the caller must be pinned.
 * -ENOTSUP: the clock is not invariant or the timed region's instructions are missing; why says
 * which.
 */
int tsc_measure(unsigned int budget_ms, struct tsc_rate *out, struct error *why);

/* The step of a series of readings; tsc.c has the rule. Sorts x. */
double tsc_quantum(unsigned int *x, size_t n);

#endif
