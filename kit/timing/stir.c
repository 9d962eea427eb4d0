/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/syscall.h>
#include <time.h>

#include "calib/arch/arch.h"
#include "kit/timing/stir.h"

/*
 * What one draw decides: how many syscalls (up to SYSCALLS_MOST) and which, whether to yield (one
 * time in YIELD_EVERY), and which targets are called.
 */
#define SYSCALLS_MOST 3
#define YIELD_EVERY   64
#define TARGETS	      8
#define CALLS_A_TURN  4
/* any odd number: with state 0 the generator would return only zeros */
#define GENERATOR_FIRST 0x9e3779b97f4a7c15u

/* xorshift64* (Vigna 2016, "An experimental exploration of Marsaglia's xorshift generators"). */
static inline uint64_t draw(struct stir *stir)
{
	uint64_t x = stir->state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	stir->state = x;
	return x * 0x2545f4914f6cdd1du;
}

/*
 * The next choice among n (a power of two), from the draw's high bits, which are the most random.
 */
static inline unsigned int take(uint64_t *bits, unsigned int n)
{
	unsigned int bits_taken = (unsigned int)__builtin_ctz(n);
	unsigned int choice = (unsigned int)(*bits >> (64 - bits_taken));

	*bits <<= bits_taken;
	return choice;
}

/* Small functions of different lengths; the asm keeps the compiler from merging or inlining them.
 */
#define TARGET(name, operation)                                    \
	static __attribute__((noinline)) uint64_t name(uint64_t x) \
	{                                                          \
		__asm__ volatile("" : "+r"(x));                    \
		return operation;                                  \
	}
TARGET(target_add, x + 0x9e37)
TARGET(target_rotate, x << 7 | x >> 57)
TARGET(target_multiply, x * 0x5851f42d4c957f2du)
TARGET(target_shift, x ^ x >> 11)
TARGET(target_negate, ~x)
TARGET(target_square, x *x + 1)
/* Calls nested two levels deep, so that the return stack changes too. */
TARGET(target_nested, target_shift(x) + target_add(x))
TARGET(target_deeper, target_nested(x) ^ target_square(x))

static uint64_t (*const targets[TARGETS])(uint64_t) = {
	target_add,    target_rotate, target_multiply, target_shift,
	target_negate, target_square, target_nested,   target_deeper,
};

/*
 * One conditional branch at its own address. The asm on each side keeps the compiler from making a
 * conditional move of it, which the branch predictor would not see.
 */
#define BRANCH(bit)                                     \
	do {                                            \
		if (outcomes >> (bit)&1)                \
			__asm__ volatile("" : "+r"(x)); \
		else                                    \
			x = branch_aside(x);            \
	} while (0)
#define BRANCHES_4(bit)    \
	BRANCH(bit);       \
	BRANCH((bit) + 1); \
	BRANCH((bit) + 2); \
	BRANCH((bit) + 3)
#define BRANCHES_16(bit)       \
	BRANCHES_4(bit);       \
	BRANCHES_4((bit) + 4); \
	BRANCHES_4((bit) + 8); \
	BRANCHES_4((bit) + 12)

static inline uint64_t branch_aside(uint64_t x)
{
	x = x * 5 + 1;
	__asm__ volatile("" : "+r"(x));
	return x;
}

static uint64_t branches(uint64_t x, uint64_t outcomes)
{
	BRANCHES_16(0);
	BRANCHES_16(16);
	BRANCHES_16(32);
	return x;
}

/* None of them sleeps, frees or maps; each is made from its own address. */
static void other_syscall(unsigned int which)
{
	struct timespec now;
	unsigned int cpu;

	switch (which) {
	case 0:
		arch_syscall3(SYS_getppid, 0, 0, 0);
		break;
	case 1:
		arch_syscall3(SYS_getuid, 0, 0, 0);
		break;
	case 2: /* a syscall, not the vDSO */
		arch_syscall3(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0);
		break;
	default:
		arch_syscall3(SYS_getcpu, (long)&cpu, 0, 0);
		break;
	}
}

void stir_open(struct stir *stir, uint64_t seed)
{
	*stir = (struct stir){.state = seed ^ GENERATOR_FIRST};
	if (!stir->state)
		stir->state = GENERATOR_FIRST;
}

void stir_call(struct stir *stir)
{
	uint64_t bits = draw(stir);
	uint64_t x = branches(stir->sink, draw(stir));
	unsigned int syscalls;

	for (int i = 0; i < CALLS_A_TURN; i++)
		x = targets[take(&bits, TARGETS)](x);
	syscalls = take(&bits, SYSCALLS_MOST + 1);
	for (unsigned int i = 0; i < syscalls; i++)
		other_syscall(take(&bits, 4));
	stir->syscalls += syscalls;
	if (take(&bits, YIELD_EVERY) == 0) {
		arch_syscall3(SYS_sched_yield, 0, 0, 0);
		stir->yields++;
	}
	stir->sink = x;
}
