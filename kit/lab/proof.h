/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proof: runs `bpftoll selfcheck --counters` in guests and prints its lines. Where an instruction
 * is a tick, the true value of every count of the PMU is known.
 */
#ifndef BPFTOLL_KIT_LAB_PROOF_H
#define BPFTOLL_KIT_LAB_PROOF_H

#include <stdio.h>

#include "calib/error.h"
#include "kit/lab/lab.h"

/*
 * Boots the kernel and copies the command's lines to out. The command's exit code, or -errno:
 * -EINTR, -ENODATA, …, with the end of the guest's console in why.
 */
int proof_take(const struct lab *lab, const struct lab_entry *entry, FILE *out, struct error *why);

#endif
