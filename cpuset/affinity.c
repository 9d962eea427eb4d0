/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE 1
#include "cpuset/affinity.h"

#include <errno.h>
#include <sched.h>

enum { CPUS_FIRST = 1024, CPUS_MOST = 1 << 20 };

static int get(pid_t pid, hwloc_bitmap_t set)
{
	/* The kernel returns EINVAL until the mask has room for every possible CPU. */
	for (int n = CPUS_FIRST; n <= CPUS_MOST; n *= 2) {
		cpu_set_t *mask = CPU_ALLOC(n);
		size_t size = CPU_ALLOC_SIZE(n);
		int err = 0;

		if (!mask)
			return -ENOMEM;
		CPU_ZERO_S(size, mask);
		if (sched_getaffinity(pid, size, mask) < 0)
			err = -errno;
		hwloc_bitmap_zero(set);
		for (int cpu = 0; !err && cpu < n; cpu++) {
			if (CPU_ISSET_S(cpu, size, mask) && hwloc_bitmap_set(set, cpu) < 0)
				err = -ENOMEM;
		}
		CPU_FREE(mask);
		if (err != -EINVAL)
			return err;
	}
	return -EINVAL;
}

int affinity_get(hwloc_bitmap_t set)
{
	return get(0, set);
}

bool affinity_is(pid_t pid, int cpu)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	bool is = !set || get(pid, set) ||
		  (hwloc_bitmap_weight(set) == 1 && hwloc_bitmap_isset(set, (unsigned int)cpu));

	hwloc_bitmap_free(set);
	return is;
}

int affinity_set(hwloc_const_bitmap_t set)
{
	int last = hwloc_bitmap_last(set);
	int cpu;
	int err = 0;
	cpu_set_t *mask;
	size_t size;

	if (last < 0 || last >= CPUS_MOST)
		return -EINVAL;
	mask = CPU_ALLOC(last + 1);
	if (!mask)
		return -ENOMEM;
	size = CPU_ALLOC_SIZE(last + 1);
	CPU_ZERO_S(size, mask);
	hwloc_bitmap_foreach_begin(cpu, set) CPU_SET_S(cpu, size, mask);
	hwloc_bitmap_foreach_end();
	if (sched_setaffinity(0, size, mask) < 0)
		err = -errno;
	CPU_FREE(mask);
	return err;
}

int affinity_pin(int cpu)
{
	hwloc_bitmap_t one;
	int err;

	if (cpu < 0)
		return -EINVAL;
	one = hwloc_bitmap_alloc();
	if (!one)
		return -ENOMEM;
	err = hwloc_bitmap_only(one, cpu) < 0 ? -ENOMEM : affinity_set(one);
	hwloc_bitmap_free(one);
	return err;
}
