/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xray: one hit, instruction by instruction: boots a guest that holds still before a call
 * (subject.h), single-steps the call through QEMU's gdb stub with the probe and without it, and
 * writes what it saw.
 *
 * The steps of a call must be as many as its window reads when nobody looks, both with and without
 * the probe, so that the call tree's total is the result's overhead, instruction for instruction;
 * else it fails.
 */
#ifndef BPFTOLL_KIT_LAB_XRAY_XRAY_H
#define BPFTOLL_KIT_LAB_XRAY_XRAY_H

#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "kit/lab/guest/guest.h"
#include "kit/lab/kernels/kernel.h"

struct xray_options {
	const struct kernel *kernel;
	const char *variant, *workload;
	const char *wakeup;  /* "" or NULL: idle, for bodies that send */
	const char *program; /* NULL: the running one */
	const char *append, *dir;
	unsigned int timeout_s, memory_mib;
};

struct xray {
	uint64_t bare, hit; /* instructions in the window */
	char mechanism[32];
	char table[PATH_MAX], folded[PATH_MAX], difference[PATH_MAX], flame[PATH_MAX];
	double seconds;
};

/*
 * Writes table.txt, hit.folded, difference.folded and flame.svg into dir (exists). 0; -ERANGE: the
 * steps are not what the window reads; other -errno: why has the guest's last words.
 */
int xray_take(const struct xray_options *options, struct xray *out, struct error *why);

#endif
