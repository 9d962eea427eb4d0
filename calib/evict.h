/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evict: removes what a call left in caches, TLB and branch predictor, as far as user space can.
 *
 * evict_open (sizes from sysfs) -> evict_check (does it work here?) -> evict_all before each cold
 * call -> evict_close.
 *
 * Data: user space cannot flush the kernel's lines by address, so it reads a buffer larger than the
 * caches, on more pages than a TLB holds. The last level is included where it is small enough for
 * the time between two calls; evict_levels tells. Instructions and predictor: it runs generated
 * code, larger than L1i and any branch target buffer, in which each line jumps to the next by a
 * conditional jump whose direction is random each time.
 */
#ifndef BPFTOLL_CALIB_EVICT_H
#define BPFTOLL_CALIB_EVICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"

struct evict;

/* Bytes; 0: sysfs does not tell. */
struct cache_sizes {
	size_t l1d, l1i, l2, l3;
};

/* From DIR/cpuN/cache (dir: /sys/devices/system/cpu). */
void cache_sizes_read(const char *dir, int cpu, struct cache_sizes *out);

/* What is read and run between two calls. */
struct evict_plan {
	size_t pages;		   /* pages of 4 KiB that are read */
	unsigned int lines_a_page; /* lines read in each page */
	size_t code_lines;	   /* lines of code, of 64 bytes */
	bool last_level;	   /* large enough to evict L3 too */
};
void evict_make_plan(const struct cache_sizes *sizes, struct evict_plan *out);

/* Maps and fills what evict_all goes through, locked in memory if permitted. 0 or -errno, why. */
int evict_open(int cpu, struct evict **out, struct error *why);
int evict_open_plan(const struct cache_sizes *sizes, const struct evict_plan *plan,
		    struct evict **out, struct error *why);
void evict_close(struct evict *evict);

/* Evicts everything, once. */
void evict_all(struct evict *evict);

/*
 * In words: "L1, L2, TLB and branch predictor (4 MiB read over 4096 pages, 16384 lines of code
 * run); not L3 (105 MiB)".
 */
const char *evict_levels(const struct evict *evict);

/*
 * One proof that the eviction works: the same small piece of work with everything hot, after an
 * eviction, and in known states for comparison. Lower quartiles of repetitions, in ticks.
 */
struct evict_proof {
	const char *what;    /* "data", "instructions", "branches" */
	const char *measure; /* the unit of the figures: "a load", … */
	double hot, evicted; /* ticks */
	double near, far;    /* data: from L2, and from memory. NAN for the other proofs */
	bool holds;
	char note[240]; /* what the figures show, or why the proof fails */
};
enum { EVICT_DATA, EVICT_INSTRUCTIONS, EVICT_BRANCHES, EVICT_PROOFS };

/*
 * Runs on that CPU, called from its thread; where a PMU counts misses, those are used too. Fills
 * all proofs, and the ticks that one eviction takes. true: data and instructions are evicted.
 */
bool evict_check(struct evict *evict, int cpu, struct evict_proof proofs[EVICT_PROOFS],
		 double *ticks);

#endif
