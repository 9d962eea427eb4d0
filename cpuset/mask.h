/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mask: the kernel's CPU masks in hex, "ffffffff,00000003": groups of 32 CPUs, highest first, as in
 * /proc/irq/N/smp_affinity. Pure functions on text.
 */
#ifndef BPFTOLL_CPUSET_MASK_H
#define BPFTOLL_CPUSET_MASK_H

#include <hwloc.h>
#include <stdbool.h>

#include "cpuset/sysfile.h"

/* Is the text a mask: groups of one to eight hex digits, with commas between? */
bool mask_valid(const char *text);

/* Do both masks name the same CPUs, ignoring leading zeros? false when one of them is not valid. */
bool mask_same(const char *a, const char *b);

/*
 * Writes `before` without cpu. If that leaves no online CPU, writes all online CPUs except cpu.
 * online may be empty: unknown. 0; -ENODEV: no CPU would be left; -EBADMSG: before is not a mask;
 * -ENOMEM.
 */
int mask_without(const char *before, int cpu, hwloc_const_bitmap_t online, char mask[SYSFILE_MAX]);

#endif
