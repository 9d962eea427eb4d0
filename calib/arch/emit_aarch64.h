/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * emit_aarch64: generated code that evicts instructions and branches, and the flush of a cache
 * line, on 64-bit Arm (Arm ARM, C6).
 */
#ifndef BPFTOLL_CALIB_ARCH_EMIT_AARCH64_H
#define BPFTOLL_CALIB_ARCH_EMIT_AARCH64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EMIT_LINE 64
#define EMIT_NOP  0xd503201fu
#define EMIT_RET  0xd65f03c0u

/*
 * Flushes a line out of every cache, into memory; Linux lets user space do so (SCTLR_EL1.UCI).
 * Complete when it returns.
 */
static inline void emit_flush(volatile void *line)
{
	__asm__ volatile("dsb sy\n\tdc civac, %0\n\tdsb sy" ::"r"(line) : "memory");
}

/*
 * One line of code: a conditional branch on bit `bit` of word `word` of the table that the call's
 * first argument points to; both ways then branch to the next line. The last line returns.
 */
static inline void emit_branches(uint8_t *line, unsigned int word, unsigned int bit, bool last)
{
	uint32_t code[EMIT_LINE / 4];

	for (size_t i = 0; i < EMIT_LINE / 4; i++)
		code[i] = EMIT_NOP;
	code[0] = 0xf9400001u | (word & 0xfff) << 10; /* ldr x1, [x0, #word * 8] */
	/* tbnz x1, #bit, to word 8 */
	code[1] = 0x37000001u | (bit >> 5) << 31 | (bit & 31) << 19 | (8 - 1) << 5;
	for (unsigned int at = 2; at <= 8; at += 6)
		code[at] = last ? EMIT_RET : 0x14000000u | (EMIT_LINE / 4 - at); /* b */
	memcpy(line, code, sizeof(code));
}

/* One line of instructions that do nothing; the last line ends with a return. */
static inline void emit_straight(uint8_t *line, bool last)
{
	uint32_t code[EMIT_LINE / 4];

	for (size_t i = 0; i < EMIT_LINE / 4; i++)
		code[i] = EMIT_NOP;
	if (last)
		code[EMIT_LINE / 4 - 1] = EMIT_RET;
	memcpy(line, code, sizeof(code));
}

#endif
