/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include "calib/error.h"
#include "calib/arch/arch.h"
#include "kit/timing/pace.h"

#define STEPS_APART 10
/*
 * A sleeping CPU wakes late (timer, exit from the idle state, on a virtual machine the host's
 * scheduler). So a call due within SLEEP_S is waited for by spinning, and a sleep ends SPIN_S
 * before the due time.
 */
#define SPIN_S	0.001
#define SLEEP_S (2 * SPIN_S)
/* pause takes up to 140 cycles: none in the last microsecond */
#define PAUSE_S 1e-6
/* How long calls go on without checking stop and until. */
#define CHUNK_S	    0.001
#define CHUNK_CALLS 4096

/* At the highest rate ten steps of the clock lie between two calls. */
static double rate_most(const struct tsc_rate *tsc)
{
	return floor(tsc->hz / (STEPS_APART * fmax(tsc->quantum, 1)));
}

int pace_check(double rate, const struct tsc_rate *tsc, struct error *why)
{
	double most = rate_most(tsc);

	if (rate >= PACE_RATE_LEAST && rate <= most)
		return 0;
	return error_set(why, -EINVAL,
			 "a rate of %.12g calls a second is not within %.0f and %.0f, what this "
			 "clock resolves",
			 rate, PACE_RATE_LEAST, most);
}

int pace_open(struct pace *pace, size_t most, double hz)
{
	size_t bytes = 2 * most * sizeof(uint32_t);

	*pace = (struct pace){.hz = hz, .burst = 1, .most = most, .lag = malloc(bytes)};
	if (!pace->lag)
		return -ENOMEM;
	pace->call = pace->lag + most;
	/*
	 * written once, and locked where allowed: no timed call faults on the place for its reading
	 */
	memset(pace->lag, 0xff, bytes);
	mlock(pace->lag, bytes);
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	return 0;
}

void pace_close(struct pace *pace)
{
	free(pace->lag);
	pace->lag = pace->call = NULL;
}

uint64_t pace_now(const struct pace *pace)
{
	return pace->clock ? pace->clock->now(pace->clock->ctx) : arch_clock();
}

static void sleep_ticks(const struct pace *pace, uint64_t ticks)
{
	double s = (double)ticks / pace->hz;
	struct timespec ts = {(time_t)s, (long)((s - floor(s)) * 1e9)};

	if (pace->clock)
		pace->clock->sleep(pace->clock->ctx, ticks);
	else
		clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

void pace_begin(struct pace *pace, double rate, uint64_t burst)
{
	pace->step = pace->hz / rate;
	pace->burst = burst ? burst : 1;
	pace->done = 0;
	pace->first = pace->last = 0;
	pace->start = pace_now(pace);
}

void pace_wait(struct pace *pace)
{
	const uint64_t due = pace_due(pace, pace->done);
	const uint64_t spin = (uint64_t)(SPIN_S * pace->hz), pause = (uint64_t)(PAUSE_S * pace->hz);
	uint64_t at = pace_now(pace), late;

	if (due > at && due - at > (uint64_t)(SLEEP_S * pace->hz))
		sleep_ticks(pace, due - at - spin);
	while ((at = pace_now(pace)) < due)
		if (due - at > pause)
			arch_pause();
	late = at - due;
	if (pace->done < pace->most)
		pace->lag[pace->done] = late < UINT32_MAX - 1 ? (uint32_t)late : UINT32_MAX - 1;
	pace->first = pace->done ? pace->first : at;
	pace->last = at;
	pace->done++;
}

size_t pace_chunk(const struct pace *pace)
{
	return (size_t)fmin(fmax(CHUNK_S * pace->hz / pace->step, 1), CHUNK_CALLS);
}

double pace_achieved(const struct pace *pace)
{
	if (pace->done < 2 || pace->last == pace->first)
		return NAN;
	return (double)(pace->done - 1) * pace->hz / (double)(pace->last - pace->first);
}
