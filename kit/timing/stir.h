/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stir: code that runs between two timed calls, outside the timed region (cache state "stirred").
 *
 * A tight loop of one syscall has several stable states on some cores: branch predictor and return
 * stack settle in one and keep it for seconds, and the same call takes 150 or 200 ns by chance. A
 * real program runs other code between two calls, and so does stir_call: conditional branches with
 * random outcomes, indirect calls to random targets, a few other cheap syscalls and now and then a
 * sched_yield. Then each timed call meets a new predictor state, and the mean can be repeated.
 *
 * stir_open -> stir_call before each timed call. Hooks on all syscalls run for its syscalls too,
 * and counters around a block count them.
 */
#ifndef BPFTOLL_KIT_TIMING_STIR_H
#define BPFTOLL_KIT_TIMING_STIR_H

#include <stdint.h>

struct stir {
	uint64_t state; /* of the random generator; never 0 */
	uint64_t sink;	/* result of the branches and calls; it depends on the seed only */
	uint64_t syscalls, yields; /* made so far; yields are not in syscalls */
};

/* The same seed gives the same outcomes, targets and syscalls. */
void stir_open(struct stir *stir, uint64_t seed);

/* Takes 0.5 to 1 us. Touches no memory but *stir and the stack, and changes no mapping. */
void stir_call(struct stir *stir);

#endif
