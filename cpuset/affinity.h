/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * affinity: the CPUs that the calling thread may run on, for any number of CPUs.
 *
 * The fixed cpu_set_t of glibc ends at 1024 CPUs; larger kernels refuse it with EINVAL.
 */
#ifndef BPFTOLL_CPUSET_AFFINITY_H
#define BPFTOLL_CPUSET_AFFINITY_H

#include <hwloc.h>

/* The calling thread's mask. 0 or -errno (-ENOMEM). */
int affinity_get(hwloc_bitmap_t set);

/* -EINVAL when no CPU of the set may be used by this thread; CPUs that may not be are dropped. */
int affinity_set(hwloc_const_bitmap_t set);

/*
 * One CPU, by OS index. -EINVAL: it does not exist, is offline, or is outside of the thread's
 * cpuset.
 */
int affinity_pin(int cpu);

#endif
