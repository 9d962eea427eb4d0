/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evict: makes caches, translations and the branch predictor forget what a call left there, as far
 * as user space can.
 *
 * evict_open (sizes from sysfs) -> evict_check (does it, here?) -> evict_all before each cold call
 * -> evict_close.
 *
 * Data: kernel lines cannot be flushed by address, so a buffer larger than the caches is read, over
 * more pages than a TLB holds. The last level is swept as well where it is small enough to afford
 * that between two calls; evict_levels tells. Instructions and predictor: a region of generated
 * code, larger than L1i and any branch target buffer, that jumps from each line to the next, by a
 * conditional jump whose direction is random anew each time.
 */
#ifndef BPFTOLL_CALIB_EVICT_H
#define BPFTOLL_CALIB_EVICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"

struct evict;

/* Bytes; 0: sysfs does not say. */
struct cache_sizes {
	size_t l1d, l1i, l2, l3;
};

/* From DIR/cpuN/cache (dir: /sys/devices/system/cpu). */
void cache_sizes_read(const char *dir, int cpu, struct cache_sizes *out);

/* What is read and run between two calls. */
struct evict_plan {
	size_t pages;		   /* of 4 KiB, swept */
	unsigned int lines_a_page; /* read in each */
	size_t code_lines;	   /* of 64 bytes */
	bool last_level;	   /* the sweep covers L3 too */
};
void evict_make_plan(const struct cache_sizes *sizes, struct evict_plan *out);

/* Maps and fills what evict_all walks, locked where it may be. 0 or -errno, why. */
int evict_open(int cpu, struct evict **out, struct error *why);
int evict_open_plan(const struct cache_sizes *sizes, const struct evict_plan *plan,
		    struct evict **out, struct error *why);
void evict_close(struct evict *evict);

/* Everything, once. */
void evict_all(struct evict *evict);

/* In words: "L1, L2, TLB and branch predictor (4 MiB read over 4096 pages, 16384 lines of code
 * run); not L3 (105 MiB)". */
const char *evict_levels(const struct evict *evict);

/*
 * One proof that the eviction works, in ticks: the same small piece of work when everything is hot,
 * behind an eviction, and in a state to compare with. Lower quartiles of repetitions.
 */
struct evict_proof {
	const char *what;    /* "data", "instructions", "branches" */
	const char *measure; /* "a load", … what the figures are for */
	double hot, evicted; /* ticks */
	double near,
		far; /* data: from L2; from memory. NAN where there is nothing to compare with */
	bool holds;
	char note[240]; /* what the figures say; why not, where it does not hold */
};
enum { EVICT_DATA, EVICT_INSTRUCTIONS, EVICT_BRANCHES, EVICT_PROOFS };

/*
 * On that CPU, from its thread; where a PMU counts misses, it is asked as well. Fills all proofs,
 * and the ticks that one eviction takes. true: data and instructions are evicted.
 */
bool evict_check(struct evict *evict, int cpu, struct evict_proof proofs[EVICT_PROOFS],
		 double *ticks);

#endif
