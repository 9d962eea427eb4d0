/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock: seconds that passed, for deadlines and progress; what is measured uses calib/arch/arch.h's
 * clock.
 */
#ifndef BPFTOLL_KIT_TIMING_CLOCK_H
#define BPFTOLL_KIT_TIMING_CLOCK_H

#include <time.h>

/* Of CLOCK_MONOTONIC. */
static inline double clock_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

#endif
