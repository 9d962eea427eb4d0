/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * code: a BPF program that is assembled instruction by instruction.
 *
 * The programs that repeat a helper are assembled and not compiled, so that every repetition has
 * the same instructions: a compiler could merge repetitions, hoist parts of them or keep values in
 * registers from one to the next.
 */
#ifndef BPFTOLL_BPF_LOAD_CODE_H
#define BPFTOLL_BPF_LOAD_CODE_H

#include <linux/bpf.h>
#include <stddef.h>

#define CODE_MOST  1024
#define CODE_SET64 0x18 /* BPF_LD | BPF_IMM | BPF_DW, two instructions long */

struct code {
	struct bpf_insn insns[CODE_MOST];
	size_t n; /* CODE_MOST: full, further instructions are dropped */
};

static inline void code_put(struct code *c, int op, int dst, int src, int off, int imm)
{
	if (c->n == CODE_MOST)
		return;
	c->insns[c->n++] = (struct bpf_insn){.code = (__u8)op,
					     .dst_reg = (__u8)dst & 15,
					     .src_reg = (__u8)src & 15,
					     .off = (__s16)off,
					     .imm = imm};
}

static inline void code_call(struct code *c, int helper)
{
	code_put(c, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

/* dst = src; dst = imm (sign-extended); dst = imm (zero-extended) */
static inline void code_move(struct code *c, int dst, int src)
{
	code_put(c, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

static inline void code_set(struct code *c, int dst, int imm)
{
	code_put(c, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm);
}

static inline void code_set32(struct code *c, int dst, int imm)
{
	code_put(c, BPF_ALU | BPF_MOV | BPF_K, dst, 0, 0, imm);
}

static inline void code_add(struct code *c, int dst, int imm)
{
	code_put(c, BPF_ALU64 | BPF_ADD, dst, 0, 0, imm); /* BPF_K, which is 0 */
}

/* dst = *(u64 *)(src + off); *(u64 *)(dst + off) = src; *(u64 or u32 *)(dst + off) = imm */
static inline void code_load(struct code *c, int dst, int src, int off)
{
	code_put(c, BPF_LDX | BPF_MEM | BPF_DW, dst, src, off, 0);
}

static inline void code_store(struct code *c, int dst, int off, int src)
{
	code_put(c, BPF_STX | BPF_MEM | BPF_DW, dst, src, off, 0);
}

static inline void code_store_imm(struct code *c, int size, int dst, int off, int imm)
{
	code_put(c, BPF_ST | BPF_MEM | size, dst, 0, off, imm);
}

/* dst = the map; dst = the address off bytes into the value of the map's first element */
static inline void code_map(struct code *c, int dst, int map_fd)
{
	code_put(c, CODE_SET64, dst, BPF_PSEUDO_MAP_FD, 0, map_fd);
	code_put(c, 0, 0, 0, 0, 0);
}

static inline void code_map_value(struct code *c, int dst, int map_fd, int off)
{
	code_put(c, CODE_SET64, dst, BPF_PSEUDO_MAP_VALUE, 0, map_fd);
	code_put(c, 0, 0, 0, 0, off);
}

/* if (reg op imm) goto the place where code_land is called with the returned index */
static inline size_t code_jump(struct code *c, int op, int reg, int imm)
{
	code_put(c, BPF_JMP | op | BPF_K, reg, 0, 0, imm);
	return c->n - 1;
}

static inline void code_land(struct code *c, size_t jump)
{
	c->insns[jump].off = (__s16)(c->n - jump - 1);
}

static inline void code_exit(struct code *c)
{
	code_set(c, BPF_REG_0, 0);
	code_put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

#endif
