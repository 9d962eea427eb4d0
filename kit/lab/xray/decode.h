/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decode: which class an instruction of x86-64 belongs to, as far as classes differ in time.
 *
 * A class is exclusive; the first of the list below that fits is an instruction's. Decoded by
 * Zydis (https://zydis.re).
 */
#ifndef BPFTOLL_KIT_LAB_XRAY_DECODE_H
#define BPFTOLL_KIT_LAB_XRAY_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum code_class {
	CODE_UNKNOWN,	  /* no instruction of x86-64 */
	CODE_ATOMIC,	  /* lock prefix, or xchg with memory */
	CODE_CLOCK,	  /* rdtsc, rdtscp */
	CODE_CR3,	  /* a write of CR3 */
	CODE_SERIALISE,	  /* cpuid, iret, wrmsr, rdmsr, fences, swapgs, invpcid, CR0, CR4, … */
	CODE_TRAP,	  /* int3, ud2, int n */
	CODE_FLAGS,	  /* cli, sti, pushf, popf */
	CODE_USER_ACCESS, /* stac, clac */
	CODE_REPEAT,	  /* rep-prefixed move, store or compare: one repetition a step */
	CODE_CONDITION,	  /* conditional branch */
	CODE_JUMP,	  /* direct */
	CODE_CALL,	  /* direct */
	CODE_INDIRECT,	  /* call or jump through a register or memory */
	CODE_RETURN,
	CODE_STORE, /* writes memory, push included */
	CODE_LOAD,  /* reads memory, pop included */
	CODE_PLAIN
};

/* Can this binary decode? Not the static one, and none of another architecture. */
bool decode_works(void);

/* *len: its bytes; 0 for CODE_UNKNOWN. */
enum code_class decode(const uint8_t *code, size_t room, size_t *len);

#endif
