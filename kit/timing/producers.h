/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * producers: processes, each pinned to a CPU, that make calls at the same time. Processes, not
 * threads: munmap takes the address space's lock, and threads would queue up for that instead of
 * for a buffer.
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

/* What one of them did in a run. */
struct producer_run {
	uint64_t calls;
	double ticks;  /* from its first call's begin to its last one's end */
	double cpu_ns; /* of CPU time in these */
};

/*
 * One on each of the n CPUs. The workload must be one that loops (workload_bare_loop). To be called
 * before a perf buffer is mapped or a thread started: a fork copies neither. 0 or -errno, why.
 */
int producers_open(const struct workload *workload, const int *cpus, size_t n,
		   struct producers **out, struct error *why);
void producers_close(struct producers *producers); /* NULL is fine */

pid_t producers_pid(const struct producers *producers, size_t i);

/*
 * The first n make calls for so many ticks, from when the last of them is ready. runs: one for
 * each. 0; -ETIMEDOUT when they are not done 10 s after their time; -ECHILD when one died.
 */
int producers_run(struct producers *producers, size_t n, uint64_t ticks, double ticks_per_s,
		  struct producer_run *runs);

#endif
