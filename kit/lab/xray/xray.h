/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xray: shows one hit instruction by instruction. Boots a guest that stops before a call
 * (subject.h), single-steps the call through QEMU's gdb stub with and without the probe, and writes
 * what it saw.
 *
 * The number of steps must equal what the timed region reads without single-stepping, both with and
 * without the probe, so that the call tree's total is exactly the result's overhead; otherwise it
 * fails.
 */
#ifndef BPFTOLL_KIT_LAB_XRAY_XRAY_H
#define BPFTOLL_KIT_LAB_XRAY_XRAY_H

#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "kit/lab/guest/guest.h"
#include "kit/lab/kernels/kernel.h"
#include "kit/lab/xray/stepper.h"

struct xray {
	uint64_t bare, hit; /* instructions in the timed region */
	char mechanism[32], workload[64];
	char table[PATH_MAX], folded[PATH_MAX], difference[PATH_MAX], flame[PATH_MAX];
	double seconds;
};

/*
 * Writes table.txt, hit.folded, difference.folded, flame.svg and xray.json into dir, which exists.
 * 0; -ERANGE: the steps differ from what the timed region reads; other -errno, with the end of the
 * guest's console in why.
 */
int xray_take(const struct xray_options *options, struct xray *out, struct error *why);

#endif
