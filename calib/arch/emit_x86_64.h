/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * emit_x86_64: generated code that evicts instructions and branches, and the flush of a cache line,
 * on x86-64.
 */
#ifndef BPFTOLL_CALIB_ARCH_EMIT_X86_64_H
#define BPFTOLL_CALIB_ARCH_EMIT_X86_64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EMIT_LINE 64

/*
 * Flushes a line out of every cache, into memory (SDM vol. 2, CLFLUSH); complete when it returns.
 */
static inline void emit_flush(volatile void *line)
{
	__asm__ volatile("mfence\n\tclflush %0\n\tmfence" : "+m"(*(volatile char *)line));
}

/*
 * One line of code: a conditional jump on bit `bit` of word `word` of the table that the call's
 * first argument points to; both ways then jump to the next line. The last line returns.
 */
static inline void emit_branches(uint8_t *line, unsigned int word, unsigned int bit, bool last)
{
	static const uint8_t start[] = {0x48, 0x8b,   0x87, 0,	  0,
					0,    0,		     /* mov word*8(%rdi), %rax */
					0x48, 0x0f,   0xba, 0xe0, 0, /* bt $bit, %rax */
					0x72, 32 - 14};		     /* jc to byte 32 */
	uint32_t offset = word * 8;

	memset(line, 0xcc, EMIT_LINE);
	memcpy(line, start, sizeof(start));
	memcpy(line + 3, &offset, sizeof(offset));
	line[11] = (uint8_t)bit;
	for (unsigned int at = sizeof(start); at <= 32; at += 32 - sizeof(start)) {
		uint32_t rest = EMIT_LINE - (at + 5);

		line[at] = last ? 0xc3 : 0xe9; /* ret, or jmp rel32 */
		if (!last)
			memcpy(line + at + 1, &rest, sizeof(rest));
	}
}

/* One line of instructions that do nothing; the last line ends with a return. */
static inline void emit_straight(uint8_t *line, bool last)
{
	static const uint8_t nop[] = {0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0};

	for (size_t at = 0; at < EMIT_LINE; at += sizeof(nop))
		memcpy(line + at, nop, sizeof(nop));
	if (last) {
		memset(line + EMIT_LINE - sizeof(nop), 0x90, sizeof(nop) - 1);
		line[EMIT_LINE - 1] = 0xc3;
	}
}

#endif
