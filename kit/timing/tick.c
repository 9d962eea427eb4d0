/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <time.h>

#include "kit/timing/tick.h"

/* Time for the tick's own work and for what it may have woken. */
#define SETTLE_NS 100000u

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void tick_find(struct tick *tick)
{
	struct timespec period;
	uint64_t coarse;

	*tick = (struct tick){0};
	if (clock_getres(CLOCK_MONOTONIC_COARSE, &period) || period.tv_sec || period.tv_nsec < 1000)
		return;
	/* the coarse clock advances at the tick */
	coarse = now_ns(CLOCK_MONOTONIC_COARSE);
	while (now_ns(CLOCK_MONOTONIC_COARSE) == coarse)
		continue;
	tick->at_ns = now_ns(CLOCK_MONOTONIC);
	tick->period_ns = (uint64_t)period.tv_nsec;
}

void tick_dodge(const struct tick *tick, uint64_t need_ns)
{
	uint64_t since, left;
	struct timespec ts = {0};

	if (!tick->period_ns || need_ns + 2 * SETTLE_NS > tick->period_ns)
		return;
	since = (now_ns(CLOCK_MONOTONIC) - tick->at_ns) % tick->period_ns;
	left = tick->period_ns - since;
	if (since >= SETTLE_NS && left > need_ns + SETTLE_NS)
		return;
	if (since >= SETTLE_NS)
		ts.tv_nsec = (long)(left + SETTLE_NS);
	else
		ts.tv_nsec = (long)(SETTLE_NS - since);
	nanosleep(&ts, NULL);
}
