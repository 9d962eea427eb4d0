/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "calib/error.h"
#include "calib/arch/arch.h"
#include "calib/timer_overhead.h"

/* Times n regions that hold BODY, each after `before`. */
#define TIMER_OVERHEAD_BLOCK(before, BODY, a1, a2)                          \
	do {                                                                \
		uint32_t last = arch_cpu_tag();                             \
                                                                            \
		for (size_t i = 0; i < n; i++) {                            \
			uint64_t ticks;                                     \
			uint32_t tag;                                       \
                                                                            \
			before;                                             \
			ARCH_TIMED_REGION(BODY, ticks, tag, a1, a2, 0, 0);  \
			out[i] = timer_overhead_reading(ticks, tag, &last); \
		}                                                           \
	} while (0)

void timer_overhead_block(uint32_t *out, size_t n)
{
	TIMER_OVERHEAD_BLOCK((void)0, ARCH_BODY_EMPTY, 0, 0);
}

void timer_overhead_cold_block(struct evict *evict, uint32_t *out, size_t n)
{
	TIMER_OVERHEAD_BLOCK(evict_all(evict), ARCH_BODY_EMPTY, 0, 0);
}

void timer_overhead_delay_block(uint64_t turns, uint32_t *out, size_t n)
{
	TIMER_OVERHEAD_BLOCK((void)0, ARCH_BODY_DELAY, 3, turns);
}

void timer_overhead_pair_block(uint32_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint32_t)arch_bare_pair();
}

/* The shortest of a few: an interrupt can only lengthen a loop. */
static uint64_t shortest_loop(uint64_t turns)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 5; i++) {
		uint64_t ticks = arch_loop_ticks(turns);

		best = ticks < best ? ticks : best;
	}
	return best;
}

int timer_overhead_prove_instructions(struct error *why)
{
	const uint64_t base_turns = 100, base = shortest_loop(base_turns);

	for (uint64_t turns = 1000; turns <= 1000000; turns *= 10) {
		uint64_t ticks = shortest_loop(turns) - base, want = 2 * (turns - base_turns);

		if (ticks != want)
			return error_set(why, -EPROTO,
					 "the clock does not count instructions: %" PRIu64
					 " more of them read %" PRIu64 " ticks; use --unit ns",
					 want, ticks);
	}
	return 0;
}
