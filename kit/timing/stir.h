/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stir: code that runs between two timed calls, outside the window (cache state "stirred").
 *
 * A tight loop of one syscall is bistable on some cores: branch predictor and return stack fall
 * into one of several states, keep it for seconds, and the same call reads 150 or 200 ns by luck. A
 * real program runs other code between two calls. So does stir_call: conditional branches with
 * random outcomes, indirect calls to random targets, a few other cheap syscalls and now and then a
 * sched_yield. Each timed call then draws its predictor state anew, and there is one mean that
 * repeats.
 *
 * stir_open -> stir_call before each timed call. Hooks on all syscalls run for stir's syscalls too,
 * and counters around a block count them.
 */
#ifndef BPFTOLL_KIT_TIMING_STIR_H
#define BPFTOLL_KIT_TIMING_STIR_H

#include <stdint.h>

struct stir {
	uint64_t state; /* of the generator, never 0 */
	uint64_t sink;	/* what branches and calls computed: it follows from the seed alone */
	uint64_t syscalls, yields; /* made so far; a yield is no part of syscalls */
};

/* The same seed gives the same outcomes, targets and syscalls. */
void stir_open(struct stir *stir, uint64_t seed);

/* 0.5 to 1 us. Touches no memory but *stir and the stack, and changes no mapping. */
void stir_call(struct stir *stir);

#endif
