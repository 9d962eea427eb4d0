/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pick: chooses the measuring CPU and the reader CPU from hwloc's topology and what is known about
 * each CPU, and says why.
 *
 * Pure: it reads no file and sets nothing, so tests can use made-up topologies.
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
	int sibling;	/* another thread of the same core; -1: none */
	int reader_cpu; /* -1: there is no second CPU */
	char reason[256];
};

/* What pick knows about the CPUs; every set may be NULL (= empty / unknown). */
struct pick_facts {
	hwloc_const_bitmap_t allowed;  /* this process may run there */
	hwloc_const_bitmap_t isolated; /* by isolcpus or an isolated partition */
	hwloc_const_bitmap_t nohz_full;
	hwloc_const_bitmap_t fast, slow; /* cores of the fastest type, and all others (facts.h) */
	const double *noise; /* by OS index: share of time taken away (survey.h); NAN: unknown */
	size_t n_noise;
	int want_cpu, want_reader_cpu; /* --cpu, --reader-cpu; -1: choose one */
};

/*
 * The measuring CPU, in order of preference: isolated, nohz_full, a core of the fastest type (the
 * reason names the type where there are several), the quietest. Ties go to a CPU other than 0, then
 * to the highest number. CPU 0 is preferred only if it is quieter by 0.1 % of the time. The reader
 * CPU is on another core nearby: with the same L3, else on the same NUMA node. Only --reader-cpu
 * can put it on the same core, and the reason then warns. -ENOENT: a wanted CPU does not exist or
 * is not allowed (why lists those that are, exit 2), or none is allowed; -EINVAL: both wanted CPUs
 * are the same, or the wanted reader CPU is the only one; -ENOMEM. *out is written on success only.
 */
int pick_cpus(hwloc_topology_t topology, const struct pick_facts *facts, struct placement *out,
	      struct error *why);

#endif
