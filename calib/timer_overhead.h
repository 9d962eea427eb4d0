/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * timer_overhead: what an empty timed region reads, and a delay of known length to check the timed
 * region with. All blocks run on the calling thread, which must be pinned, and write ticks of the
 * clock in calib/arch.
 */
#ifndef BPFTOLL_CALIB_TIMER_OVERHEAD_H
#define BPFTOLL_CALIB_TIMER_OVERHEAD_H

#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "calib/evict.h"

/*
 * What is stored of a reading, from its ticks and the CPU tags at both ends: the ticks, at most
 * UINT32_MAX - 3 (longer ones become UINT32_MAX - 1: "at least"), or the mark that the thread
 * migrated. TIMER_OVERHEAD_CENSORED marks a call before which the reader was not in the state that
 * the wakeup policy requires. As in reports/record/samples.h.
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

/* n empty timed regions, in ticks. out must be prefaulted. */
void timer_overhead_block(uint32_t *out, size_t n);

/* The same, each after an eviction. */
void timer_overhead_cold_block(struct evict *evict, uint32_t *out, size_t n);

/*
 * n timed regions that hold a dependent chain of 4 * turns (>= 1) multiplications and no syscall: a
 * planted delay, to check that the region reads it. The start of the first turn overlaps with the
 * region's own instructions.
 */
void timer_overhead_delay_block(uint64_t turns, uint32_t *out, size_t n);

/* n pairs of bare clock reads, the ends of a timed region. */
void timer_overhead_pair_block(uint32_t *out, size_t n);

/*
 * The exact lab's proof: loops of k instructions (k from 2,000 to 2,000,000) must read exactly k
 * ticks, plus the constant of the two clock reads. 0, or -EPROTO with what was read in why.
 */
int timer_overhead_prove_instructions(struct error *why);

#endif
