/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kernel_branches: how this kernel returns and calls indirectly, by what its files in
 * /sys/devices/system/cpu/vulnerabilities say of the mitigations that are on.
 */
#ifndef BPFTOLL_KIT_CALIBRATE_KERNEL_BRANCHES_H
#define BPFTOLL_KIT_CALIBRATE_KERNEL_BRANCHES_H

#include "calib/error.h"

enum return_way {
	RETURN_UNKNOWN = -1,
	RETURN_PLAIN, /* ret */
	RETURN_JUMP,  /* a jump to a ret: untrained and aligned return thunks */
	RETURN_SAFE   /* Safe RET: call, lea, ret */
};

enum indirect_way {
	INDIRECT_UNKNOWN = -1,
	INDIRECT_PLAIN,	    /* call *reg */
	INDIRECT_THUNK,	    /* a call of jmp *reg: aligned branch thunks */
	INDIRECT_LFENCE,    /* a call of lfence, jmp *reg */
	INDIRECT_RETPOLINE, /* a call of a retpoline, which ends in the kernel's way of returning */
};

struct kernel_branches {
	enum return_way returns;
	enum indirect_way indirect;
	struct error no_return, no_indirect; /* why it is not known */
};

/* The texts of four files; NULL: there is none, as on kernels from before its vulnerability. */
struct kernel_branches kernel_branches_of(const char *spectre_v2, const char *retbleed,
					  const char *spec_rstack_overflow,
					  const char *indirect_target_selection);

/* Of this kernel. */
struct kernel_branches kernel_branches_here(void);

/* "Safe RET", "retpoline", … */
const char *return_way_name(enum return_way way);
const char *indirect_way_name(enum indirect_way way);

#endif
