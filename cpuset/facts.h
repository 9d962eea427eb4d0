/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * facts: what the running kernel says about its CPUs, in the form that pick wants.
 *
 * Order of calls: facts_gather, survey_noise on facts.allowed if wanted, pick_cpus, facts_release.
 */
#ifndef BPFTOLL_CPUSET_FACTS_H
#define BPFTOLL_CPUSET_FACTS_H

#include <hwloc.h>
#include <stddef.h>

#include "calib/error.h"

struct facts {
	/*
	 * Where this thread may be pinned: its affinity, and the isolated CPUs that its cpuset
	 * allows. isolcpus takes these out of every task's affinity at boot, so the affinity alone
	 * would hide the best CPUs.
	 */
	hwloc_bitmap_t allowed;
	hwloc_bitmap_t isolated;  /* facts_read_isolated */
	hwloc_bitmap_t nohz_full; /* /sys/devices/system/cpu/nohz_full */
	/* Of a CPU with several types of core, those of the fastest and all others; both empty
	 * where all are alike. */
	hwloc_bitmap_t fast, slow;
};

/*
 * root: "" on a real system; a folder that stands for / in tests (the affinity is the thread's own
 * in any case). A missing file is an empty set. -EBADMSG: a file holds no CPU list, and why says
 * which and what. On failure nothing is left to release.
 */
int facts_gather(const char *root, struct facts *out, struct error *why);
void facts_release(struct facts *facts);

/*
 * The kernel's list form: "0-3,7", "" and "(null)" for none, with or without a newline. 0 or
 * -EBADMSG.
 */
int facts_parse_list(const char *text, hwloc_bitmap_t set);

/* The list in ROOT/sys/devices/system/cpu/NAME ("online", "isolated"); a missing file: empty. */
int facts_read_list(const char *root, const char *name, hwloc_bitmap_t set, struct error *why);

/*
 * The CPUs taken from the scheduler: by isolcpus (/sys/devices/system/cpu/isolated), and by
 * isolated partitions of cgroup v2. Since 6.7 the root lists those (cpuset.cpus.isolated); before,
 * the partitions are looked up: each one's cpuset.cpus.partition is "isolated", its parents' "root"
 * or "isolated".
 */
int facts_read_isolated(const char *root, hwloc_bitmap_t set, struct error *why);

/*
 * Intel's hybrids: the CPUs of the PMUs cpu_core, and cpu_atom and cpu_lowpower. Arm's: a
 * cpu_capacity of 1024, and less. Empty where there is one type only.
 */
int facts_read_types(const char *root, hwloc_bitmap_t fast, hwloc_bitmap_t slow, struct error *why);

#endif
