/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pace: makes calls on a schedule (open loop): call i is due at start + i / rate, whatever happened
 * before it.
 *
 * pace_check (is the rate possible?) -> pace_open (memory for the readings) -> pace_begin,
 * workload_paced … -> pace_close.
 *
 * If the due time is far away, it sleeps until shortly before and then spins; if it has passed, the
 * call is made at once. Each call leaves two readings: lag, the start delay, and call, the timed
 * region. lag + call is the response time from the due time. One clock read lies between the two;
 * the timer overhead stands for it.
 */
#ifndef BPFTOLL_KIT_TIMING_PACE_H
#define BPFTOLL_KIT_TIMING_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "calib/tsc.h"

/* The time source; tests replace it. */
struct pace_clock {
	uint64_t (*now)(void *ctx);
	void (*sleep)(void *ctx, uint64_t ticks);
	void *ctx;
};

struct pace {
	const struct pace_clock *clock; /* NULL: the TSC and clock_nanosleep */
	double hz;
	/*
	 * The schedule: burst calls together, with the bursts spaced so that the mean rate is as
	 * asked.
	 */
	double step; /* ticks from one call to the next */
	uint64_t burst, start;
	/* the readings in ticks, prefaulted */
	uint32_t *lag, *call;
	size_t most, done;
	uint64_t first, last; /* when the first and the last call began, in ticks */
};

#define PACE_RATE_LEAST 1.0 /* calls a second */

/* Returns 0, or -EINVAL with the valid range in why. */
int pace_check(double rate, const struct tsc_rate *tsc, struct error *why);

/*
 * Makes room for `most` calls, and asks the kernel for exact timers for this thread (timer slack).
 * Returns 0 or -ENOMEM.
 */
int pace_open(struct pace *pace, size_t most, double hz);
void pace_close(struct pace *pace);

/*
 * Starts a new schedule now: rate calls a second, evenly (burst 0 or 1) or in bursts of `burst`.
 * Discards the readings.
 */
void pace_begin(struct pace *pace, double rate, uint64_t burst);

/* When call i is due, in ticks. Computed from the start each time, so that errors do not add up. */
static inline uint64_t pace_due(const struct pace *pace, uint64_t i)
{
	return pace->start + (uint64_t)((double)(i - i % pace->burst) * pace->step);
}

/* Waits until the next call is due and stores its start delay. Called by the workload's gate. */
void pace_wait(struct pace *pace);

uint64_t pace_now(const struct pace *pace);

/* The number of calls that may be made without a look at the clock. */
size_t pace_chunk(const struct pace *pace);

/*
 * Calls a second from the start of the first call to that of the last; NAN for fewer than two. For
 * even schedules only.
 */
double pace_achieved(const struct pace *pace);

#endif
