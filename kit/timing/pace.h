/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pace: the open-loop generator: call i is due at start + i / rate on the clock, whatever happened
 * before it.
 *
 * pace_check (is the rate one that can be?) -> pace_open (memory for the readings) -> pace_begin,
 * workload_paced … -> pace_close. A due time that is far away is slept for until shortly before it,
 * then spun for; one that has passed is called at once. Each call leaves two readings: how late it
 * began (lag, the start delay), and how long it took (call, the workload's timed region); lag +
 * call is its latency from the due time. Between the two lies one clock read, as long as the timer
 * overhead.
 */
#ifndef BPFTOLL_KIT_TIMING_PACE_H
#define BPFTOLL_KIT_TIMING_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "calib/tsc.h"

/* Where the time comes from; for tests. */
struct pace_clock {
	uint64_t (*now)(void *ctx);
	void (*sleep)(void *ctx, uint64_t ticks);
	void *ctx;
};

struct pace {
	const struct pace_clock *clock; /* NULL: the TSC and clock_nanosleep */
	double hz;
	/* the schedule: burst calls together, the bursts so far apart that the rate comes out */
	double step; /* ticks from one call to the next */
	uint64_t burst, start;
	/* the readings, prefaulted; ticks */
	uint32_t *lag, *call;
	size_t most, done;
	uint64_t first, last; /* when the first and the last call began */
};

#define PACE_RATE_LEAST 1.0 /* calls a second */

/* 0, or -EINVAL and the valid range. */
int pace_check(double rate, const struct tsc_rate *tsc, struct error *why);

/* Room for most calls. Asks the kernel for exact timers for this thread. 0 or -ENOMEM. */
int pace_open(struct pace *pace, size_t most, double hz);
void pace_close(struct pace *pace);

/* A new schedule that starts now: rate calls a second, evenly (burst 0 or 1) or burst at a time.
 * Forgets the readings. */
void pace_begin(struct pace *pace, double rate, uint64_t burst);

/* When call i is due. No drift: computed from the start each time. */
static inline uint64_t pace_due(const struct pace *pace, uint64_t i)
{
	return pace->start + (uint64_t)((double)(i - i % pace->burst) * pace->step);
}

/* Waits until the next call is due and notes how late it is; the workload's gate calls it. */
void pace_wait(struct pace *pace);

uint64_t pace_now(const struct pace *pace);

/* So many calls may be made without a look at the clock. */
size_t pace_chunk(const struct pace *pace);

/* Calls a second from the first call's begin to the last one's; NAN for fewer than two. Even
 * schedules only. */
double pace_achieved(const struct pace *pace);

#endif
