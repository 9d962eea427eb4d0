/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock: elapsed time for deadlines and progress, and the clock of events' timestamps. What is
 * measured uses the clock of calib/arch/arch.h instead.
 */
#ifndef BPFTOLL_CALIB_CLOCK_H
#define BPFTOLL_CALIB_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Of CLOCK_MONOTONIC, which bpf_ktime_get_ns() reads. */
static inline uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static inline double clock_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

#endif
