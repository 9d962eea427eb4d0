/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * producers: processes, each pinned to a CPU, that make calls at the same time. They are not
 * threads: munmap takes the lock of the address space, and threads would wait for that lock instead
 * of for a buffer.
 *
 * producers_open (forks them; they sleep) -> producers_run … -> producers_close. They die with
 * their parent.
 */
#ifndef BPFTOLL_KIT_TIMING_PRODUCERS_H
#define BPFTOLL_KIT_TIMING_PRODUCERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "calib/error.h"
#include "kit/timing/workload.h"

struct producers;

/* What one producer did in a run. */
struct producer_run {
	uint64_t calls;
	double ticks;  /* from the start of its first call to the end of its last */
	double cpu_ns; /* CPU time in that span */
};

/*
 * Starts a producer on each of the n CPUs. The workload must support workload_bare_loop. Call it
 * before a perf buffer is mapped or a thread started, since a forked child has neither. Returns 0
 * or -errno with why.
 */
int producers_open(const struct workload *workload, const int *cpus, size_t n,
		   struct producers **out, struct error *why);
void producers_close(struct producers *producers); /* accepts NULL */

pid_t producers_pid(const struct producers *producers, size_t i);

/*
 * The first n producers make calls for so many ticks, all starting once the last of them is ready.
 * runs: n elements. Returns 0; -ETIMEDOUT: not finished 10 s after their time; -ECHILD: one died.
 */
int producers_run(struct producers *producers, size_t n, uint64_t ticks, double ticks_per_s,
		  struct producer_run *runs);

#endif
