/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tick: when the kernel's timer tick interrupts this CPU, and how to keep a block of calls between
 * two ticks. Only for exact counts, where a tick in a block would be counted as the probe's cost.
 *
 * tick_find once (it waits for a tick) -> tick_dodge before each block.
 */
#ifndef BPFTOLL_KIT_TIMING_TICK_H
#define BPFTOLL_KIT_TIMING_TICK_H

#include <stdint.h>

struct tick {
	uint64_t at_ns, period_ns; /* period 0: unknown, tick_dodge does nothing */
};

void tick_find(struct tick *tick);

/* Returns at once if the next tick is at least need_ns away, else after that tick. */
void tick_dodge(const struct tick *tick, uint64_t need_ns);

#endif
