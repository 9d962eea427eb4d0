/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arch: includes the header for this architecture, and has the loops that differ between
 * architectures only in the names of their instructions.
 */
#ifndef BPFTOLL_CALIB_ARCH_ARCH_H
#define BPFTOLL_CALIB_ARCH_ARCH_H

#if defined(__x86_64__)
#include "calib/arch/arch_x86_64.h"
#elif defined(__aarch64__)
#include "calib/arch/arch_aarch64.h"
#else
#error "bpftoll measures on x86-64 and aarch64: there is no timed region for this architecture"
#endif

/* A loop of exactly 2 * turns instructions. */
static inline void arch_loop(uint64_t turns)
{
	uint64_t n = turns;

	__asm__ volatile("1: " ARCH_COUNT_DOWN : [n] "+r"(n) : : "cc", "memory");
}

/*
 * A loop of exactly 64 * turns instructions, nearly all of which take no execution unit: for counts
 * beyond 32 bits.
 */
static inline void arch_long_loop(uint64_t turns)
{
	uint64_t n = turns;

	__asm__ volatile("1:\n\t"
			 ".rept 62\n\t"
			 "nop\n\t"
			 ".endr\n\t" ARCH_COUNT_DOWN
			 : [n] "+r"(n)
			 :
			 : "cc", "memory");
}

/*
 * Additions for calib/neighbour.h, in loops whose ends a branch predictor learns. They add a
 * register and not a constant: x86-64 cores since Golden Cove add small constants while renaming,
 * more than one per cycle.
 */
#define ARCH_CHAIN_ADDS_A_TURN 128
#define ARCH_STEPS_A_TURN      24

/* Each addition needs the result of the one before: one per core cycle. */
static inline void arch_add_chain(uint64_t turns)
{
	uint64_t n = turns, x = 1, one = 1;

	__asm__ volatile(".p2align 6\n\t"
			 "1:\n\t"
			 ".rept 128\n\t" ARCH_ADD_ONE("x") ".endr\n\t" ARCH_COUNT_DOWN
			 : [x] "+r"(x), [n] "+r"(n)
			 : [one] "r"(one)
			 : "cc");
}

/*
 * Four such chains side by side: a step of four additions per cycle, on a core whose four adders
 * are all free.
 */
static inline void arch_add_steps(uint64_t turns)
{
	uint64_t n = turns, a = 1, b = 1, c = 1, d = 1, one = 1;

	__asm__ volatile(".p2align 6\n\t"
			 "1:\n\t"
			 ".rept 24\n\t" ARCH_ADD_ONE("a") ARCH_ADD_ONE("b") ARCH_ADD_ONE("c")
				 ARCH_ADD_ONE("d") ".endr\n\t" ARCH_COUNT_DOWN
			 : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [n] "+r"(n)
			 : [one] "r"(one)
			 : "cc");
}

#endif
