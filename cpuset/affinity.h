/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * affinity: reads and sets the CPUs that the calling thread may run on, for any number of CPUs.
 *
 * glibc's fixed cpu_set_t ends at 1024 CPUs; a kernel with more refuses it with EINVAL.
 */
#ifndef BPFTOLL_CPUSET_AFFINITY_H
#define BPFTOLL_CPUSET_AFFINITY_H

#include <hwloc.h>
#include <stdbool.h>
#include <sys/types.h>

/* Reads the calling thread's mask. 0 or -errno (-ENOMEM). */
int affinity_get(hwloc_bitmap_t set);

/* May the process run on this CPU and no other? Also true where that cannot be read. */
bool affinity_is(pid_t pid, int cpu);

/*
 * Sets the mask. CPUs of the set that the thread may not use are dropped; -EINVAL when none is
 * left.
 */
int affinity_set(hwloc_const_bitmap_t set);

/*
 * Pins to one CPU, by OS index. -EINVAL: it does not exist, is offline, or is outside of the
 * thread's cpuset.
 */
int affinity_pin(int cpu);

#endif
