/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/arch.h"
#include "calib/floor.h"

void floor_block(uint32_t *out, size_t n)
{
	uint32_t last = arch_cpu_tag();

	for (size_t i = 0; i < n; i++) {
		uint64_t ticks;
		uint32_t tag;

		ARCH_WINDOW(ARCH_BODY_EMPTY, ticks, tag, 0, 0, 0, 0);
		out[i] = floor_reading(ticks, tag, &last);
	}
}

void floor_chain_block(uint64_t turns, uint32_t *out, size_t n)
{
	uint32_t last = arch_cpu_tag();

	for (size_t i = 0; i < n; i++) {
		uint64_t ticks;
		uint32_t tag;

		ARCH_WINDOW(ARCH_BODY_CHAIN, ticks, tag, 0, turns, 0, 0);
		out[i] = floor_reading(ticks, tag, &last);
	}
}
