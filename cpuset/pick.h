/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pick: hwloc topology + what is known of each CPU -> where to measure and where the reader runs,
 * and why.
 *
 * Pure: it reads no file and sets nothing, so synthetic topologies test it.
 */
#ifndef BPFTOLL_CPUSET_PICK_H
#define BPFTOLL_CPUSET_PICK_H

#include <hwloc.h>
#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"

struct placement {
	int cpu;	/* measuring CPU, OS index */
	int core;	/* its core, logical index; -1 unknown */
	int node;	/* its NUMA node, logical index; -1 unknown */
	int sibling;	/* another thread of the same core, -1: none */
	int reader_cpu; /* -1: there is no second CPU */
	char reason[256];
};

/* What pick knows about the CPUs; every set may be NULL (= empty / unknown). */
struct pick_facts {
	hwloc_const_bitmap_t allowed;  /* this process may run there */
	hwloc_const_bitmap_t isolated; /* isolcpus / isolated partition */
	hwloc_const_bitmap_t nohz_full;
	hwloc_const_bitmap_t fast, slow; /* cores of the fastest type, and all others (facts.h) */
	const double
		*noise; /* noise[os_index]: share of time used by others (survey), NAN unknown */
	size_t n_noise;
	int want_cpu, want_reader_cpu; /* --cpu, --reader-cpu; -1: choose */
};

/*
 * Isolated before nohz_full before cores of the fastest type (the reason names the type where there
 * are several) before quietest; ties go to a CPU other than 0, then to the highest number. CPU 0
 * must be quieter by 0.1 % of the time to be preferred. The reader CPU is on another core, near:
 * same L3, else same NUMA node; only --reader-cpu can put it on the same core, and the reason warns
 * then. -ENOENT: a wanted CPU does not exist or is not allowed (why lists those that are, exit 2),
 * or none is allowed; -EINVAL: both wanted are the same CPU, or the wanted reader CPU is the only
 * one; -ENOMEM. *out is written on success only.
 */
int pick_cpus(hwloc_topology_t topology, const struct pick_facts *facts, struct placement *out,
	      struct error *why);

#endif
