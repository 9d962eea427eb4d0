/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * floor: what the window costs when nothing is in it, and a delay of known length to check it with.
 */
#ifndef BPFTOLL_FLOOR_H
#define BPFTOLL_FLOOR_H

#include <stddef.h>
#include <stdint.h>

#include "calib/evict.h"

/*
 * A reading and the CPU tags at both ends -> what is stored: clamped (to UINT32_MAX - 1: at least so long), or marked as
 * migrated. FLOOR_CENSORED: a call whose consumer was not in the state that the cell is named for. As in reports/samples.h.
 */
#define FLOOR_MIGRATED UINT32_MAX
#define FLOOR_CENSORED (UINT32_MAX - 2)
static inline uint32_t floor_reading(uint64_t ticks, uint32_t tag, uint32_t *last_tag)
{
	uint32_t kept = ticks < FLOOR_CENSORED ? (uint32_t)ticks : UINT32_MAX - 1;

	kept = tag == *last_tag ? kept : FLOOR_MIGRATED;
	*last_tag = tag;
	return kept;
}

/* n empty windows, in ticks. out is prefaulted. */
void floor_block(uint32_t *out, size_t n);

/* The same behind an eviction each. */
void floor_cold_block(struct evict *evict, uint32_t *out, size_t n);

/*
 * n windows that hold a dependent chain of 4 * turns (>= 1) multiplications, no syscall: the delay that is planted to
 * see whether the window gives it back. The first turn's start hides behind the window's own.
 */
void floor_delay_block(uint64_t turns, uint32_t *out, size_t n);

/* n pairs of bare clock reads, what a window is made of. */
void floor_pair_block(uint32_t *out, size_t n);

/*
 * The exact lab's proof: loops of k instructions (k from 2,000 to 2,000,000) read exactly k ticks, whatever
 * constant the two clock reads add. 0, or -EPROTO and in why what was read.
 */
int floor_prove_instructions(char *why, size_t why_len);

#endif
