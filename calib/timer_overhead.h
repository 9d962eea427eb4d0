/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * timer_overhead: what the window costs when nothing is in it, and a delay of known length to check
 * it with.
 */
#ifndef BPFTOLL_CALIB_TIMER_OVERHEAD_H
#define BPFTOLL_CALIB_TIMER_OVERHEAD_H

#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "calib/evict.h"

/*
 * A reading and the CPU tags at both ends -> what is stored: clamped (to UINT32_MAX - 1: at least
 * so long), or marked as migrated. TIMER_OVERHEAD_CENSORED: a call whose consumer was not in the
 * state that the result is named for. As in reports/record/samples.h.
 */
#define TIMER_OVERHEAD_MIGRATED UINT32_MAX
#define TIMER_OVERHEAD_CENSORED (UINT32_MAX - 2)
static inline uint32_t timer_overhead_reading(uint64_t ticks, uint32_t tag, uint32_t *last_tag)
{
	uint32_t kept = ticks < TIMER_OVERHEAD_CENSORED ? (uint32_t)ticks : UINT32_MAX - 1;

	kept = tag == *last_tag ? kept : TIMER_OVERHEAD_MIGRATED;
	*last_tag = tag;
	return kept;
}

/* n empty windows, in ticks. out is prefaulted. */
void timer_overhead_block(uint32_t *out, size_t n);

/* The same behind an eviction each. */
void timer_overhead_cold_block(struct evict *evict, uint32_t *out, size_t n);

/*
 * n windows that hold a dependent chain of 4 * turns (>= 1) multiplications, no syscall: the delay
 * that is planted to see whether the window gives it back. The first turn's start hides behind the
 * window's own.
 */
void timer_overhead_delay_block(uint64_t turns, uint32_t *out, size_t n);

/* n pairs of bare clock reads, what a window is made of. */
void timer_overhead_pair_block(uint32_t *out, size_t n);

/*
 * The exact lab's proof: loops of k instructions (k from 2,000 to 2,000,000) read exactly k ticks,
 * whatever constant the two clock reads add. 0, or -EPROTO and in why what was read.
 */
int timer_overhead_prove_instructions(struct error *why);

#endif
