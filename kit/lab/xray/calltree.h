/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * calltree: the steps of one call (program counter, stack pointer, link register) -> who called
 * whom, and how many instructions each took.
 *
 * calltree_build once for the bare call and once for the hit, calltree_subtract puts the bare one's
 * counts beside the hit's, path by path. Then hit - bare of the root is what the probe added: every
 * instruction of it has a place.
 */
#ifndef BPFTOLL_KIT_LAB_XRAY_CALLTREE_H
#define BPFTOLL_KIT_LAB_XRAY_CALLTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "kit/lab/xray/symbols.h"

struct step {
	uint64_t pc, sp;
	uint64_t link; /* the return address, on a machine that keeps it in a register */
};

struct call {
	int symbol;
	size_t parent;		       /* index; the root's is itself */
	uint64_t own;		       /* instructions in the function itself */
	uint64_t total;		       /* with all that it calls */
	uint64_t bare_own, bare_total; /* the same on the same path of the bare call */
};

struct calltree {
	struct call *calls; /* [0] is the root: the user's code around the syscall */
	size_t n;
};

/*
 * linked: calls leave their return address in the steps' link; else on the stack. 0 or -ENOMEM. The
 * root's total is n.
 */
int calltree_build(const struct step *steps, size_t n, const struct symbols *symbols, bool linked,
		   struct calltree *out);

/* Fills bare_own and bare_total; paths that only the bare call has are added with own 0. */
int calltree_subtract(struct calltree *hit, const struct calltree *bare);
void calltree_free(struct calltree *tree);

/* Does the hit run any instruction of the function of this name? */
bool calltree_passes(const struct calltree *tree, const struct symbols *symbols, const char *name);

/* One line a path: "a;b;c 12", as flamegraph tools read it; with two numbers (bare, hit) as their
 * differential form. */
int calltree_fold(const struct calltree *tree, const struct symbols *symbols, bool differential,
		  FILE *out);

/* One row a function: what the probe added to its own and total instructions, largest first; the
 * sum last. */
int calltree_table(const struct calltree *tree, const struct symbols *symbols, FILE *out);

/* The hit as a flame graph; what the bare call does too is grey. */
int calltree_flame(const struct calltree *tree, const struct symbols *symbols, const char *title,
		   FILE *out);

#endif
