/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proof: `bpftoll selfcheck --counters` in guests, and what it said. Where an instruction is a tick
 * every count of the PMU has a known truth.
 */
#ifndef BPFTOLL_KIT_LAB_PROOF_H
#define BPFTOLL_KIT_LAB_PROOF_H

#include <stdio.h>

#include "calib/error.h"
#include "kit/lab/lab.h"

/*
 * Boots the kernel, copies the command's lines to out. The command's exit code, or -errno:
 * -EINTR, -ENODATA, …, with the guest's last words in why.
 */
int proof_take(const struct lab *lab, const struct producer_cpu *producer_cpu, FILE *out,
	       struct error *why);

#endif
