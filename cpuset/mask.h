/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mask: the kernel's CPU masks in hex, "ffffffff,00000003": groups of 32 CPUs, the highest first.
 */
#ifndef BPFTOLL_CPUSET_MASK_H
#define BPFTOLL_CPUSET_MASK_H

#include <hwloc.h>
#include <stdbool.h>

#include "cpuset/sysfile.h"

/* Groups of one to eight hex digits with a comma between, nothing else. */
bool mask_valid(const char *text);

/* The same CPUs, however many zeros lead; false when one of them is not valid. */
bool mask_same(const char *a, const char *b);

/*
 * before without cpu. Where that leaves none of the online CPUs, all online ones but cpu. online
 * may be empty: unknown. 0; -ENODEV: no CPU would be left; -EBADMSG: before is no mask; -ENOMEM.
 */
int mask_without(const char *before, int cpu, hwloc_const_bitmap_t online, char mask[SYSFILE_MAX]);

#endif
