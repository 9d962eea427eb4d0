/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * calltree: builds from the steps of one call (program counter, stack pointer, link register) who
 * called whom, and how many instructions each function took.
 *
 * calltree_build once for the bare call and once for the call with the probe (the hit);
 * calltree_subtract puts the bare call's counts beside the hit's, path by path. At the root, hit -
 * bare is what the probe added, and every instruction of it is in some function.
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
	uint64_t link; /* the return address, on a machine that has it in a register */
};

struct call {
	int symbol;
	size_t parent;		       /* index; the root's is its own */
	uint64_t own;		       /* instructions in the function itself */
	uint64_t total;		       /* including all that it calls */
	uint64_t bare_own, bare_total; /* the same on the same path of the bare call */
};

struct calltree {
	struct call *calls; /* [0] is the root: the user's code around the syscall */
	size_t n;
};

/*
 * linked: calls leave their return address in the steps' link, not on the stack. 0 or -ENOMEM. The
 * root's total is n.
 */
int calltree_build(const struct step *steps, size_t n, const struct symbols *symbols, bool linked,
		   struct calltree *out);

/* Fills bare_own and bare_total; paths that only the bare call has are added with own = 0. */
int calltree_subtract(struct calltree *hit, const struct calltree *bare);
void calltree_free(struct calltree *tree);

/* Does the hit execute any instruction of the function with this name? */
bool calltree_passes(const struct calltree *tree, const struct symbols *symbols, const char *name);

/*
 * Writes a line for each path: "a;b;c 12", as flame graph tools read it; with two numbers (bare,
 * hit), their differential form.
 */
int calltree_fold(const struct calltree *tree, const struct symbols *symbols, bool differential,
		  FILE *out);

/*
 * Writes a row for each function: what the probe added to its own and total instructions, largest
 * first, and the sum.
 */
int calltree_table(const struct calltree *tree, const struct symbols *symbols, FILE *out);

/* Draws the hit as a flame graph; what the bare call does as well is grey. */
int calltree_flame(const struct calltree *tree, const struct symbols *symbols, const char *title,
		   FILE *out);

#endif
