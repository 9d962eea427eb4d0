/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * facts: what the running kernel says about its CPUs, in the form that pick.h takes.
 *
 * facts_gather -> survey_noise on facts.allowed if wanted -> pick_cpus -> facts_release.
 */
#ifndef BPFTOLL_CPUSET_FACTS_H
#define BPFTOLL_CPUSET_FACTS_H

#include <hwloc.h>
#include <stddef.h>

#include "calib/error.h"

struct facts {
	/*
	 * Where this thread may be pinned: its affinity, and the isolated CPUs that its cpuset
	 * allows. isolcpus removes these from every task's affinity at boot, so the affinity alone
	 * would leave out the best CPUs.
	 */
	hwloc_bitmap_t allowed;
	hwloc_bitmap_t isolated;  /* facts_read_isolated */
	hwloc_bitmap_t nohz_full; /* /sys/devices/system/cpu/nohz_full */
	/*
	 * Where there are several types of core: the CPUs of the fastest type, and all others. Both
	 * are empty where all cores are alike.
	 */
	hwloc_bitmap_t fast, slow;
};

/*
 * root: "" on a real system, or a folder that stands for / in tests (the affinity is the thread's
 * real one in any case). A missing file is an empty set. -EBADMSG: a file does not hold a CPU list,
 * and why says which file and what it holds. After a failure there is nothing to release.
 */
int facts_gather(const char *root, struct facts *out, struct error *why);
void facts_release(struct facts *facts);

/*
 * Parses the kernel's list form: "0-3,7"; "" and "(null)" for none; with or without a newline. 0 or
 * -EBADMSG.
 */
int facts_parse_list(const char *text, hwloc_bitmap_t set);

/*
 * Reads the list in ROOT/sys/devices/system/cpu/NAME ("online", "isolated"); a missing file is an
 * empty set.
 */
int facts_read_list(const char *root, const char *name, hwloc_bitmap_t set, struct error *why);

/*
 * The CPUs that the scheduler does not balance: by isolcpus (/sys/devices/system/cpu/isolated), and
 * by isolated partitions of cgroup v2. Since Linux 6.7 the root cgroup lists the latter
 * (cpuset.cpus.isolated). Before, all partitions are looked at: an isolated one has "isolated" in
 * cpuset.cpus.partition, and all its parents have "root" or "isolated".
 */
int facts_read_isolated(const char *root, hwloc_bitmap_t set, struct error *why);

/*
 * The types of core. Intel's hybrid CPUs: the CPUs of the PMU cpu_core, and those of cpu_atom and
 * cpu_lowpower. Arm: a cpu_capacity of 1024, and less. Both are empty where there is one type only.
 */
int facts_read_types(const char *root, hwloc_bitmap_t fast, hwloc_bitmap_t slow, struct error *why);

#endif
