/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * timing: the process that makes the timed calls, pinned to the measuring CPU. All else of a run
 * (loading, attaching, closing, writing files) stays in the process that opened it, on the other
 * CPUs. So what the kernel defers (frees of programs, RCU callbacks, kworkers) is queued there and
 * does not preempt a timed call.
 *
 * It is a process and not a thread: a thread on another CPU would share its pages, and each page
 * that munmap or madvise gives back would be flushed from that CPU's TLB too, which changed
 * munmap(4 KiB) by 600 ns. File descriptors are shared.
 *
 * timing_open -> timing_do … -> timing_close (accepts NULL). What work and context point to must be
 * visible to both processes: memory mapped shared before timing_open (timing_memory), or static
 * data that does not change.
 */
#ifndef BPFTOLL_KIT_TIMING_TIMING_H
#define BPFTOLL_KIT_TIMING_TIMING_H

#include <stddef.h>
#include <sys/types.h>

#include "calib/error.h"

/* Room for a job that tells in a struct error why it failed. */
#define TIMING_CONTEXT_MOST 4096

struct timing;

/* Zeroed shared memory; NULL: none left. Freed with timing_memory_free (accepts NULL). */
void *timing_memory(size_t bytes);
void timing_memory_free(void *memory, size_t bytes);

/*
 * Starts the process on cpu. The caller must have one thread; it moves to the other CPUs that it
 * may use, or stays on cpu if there is none. Returns 0 or -errno with why.
 */
int timing_open(int cpu, struct timing **out, struct error *why);
void timing_close(struct timing *timing);

/*
 * Runs work(a copy of context) there, waits for its end and copies the context back. timing NULL:
 * here. Once the process has died, or a context was larger than TIMING_CONTEXT_MOST, nothing runs
 * any more: see timing_died.
 */
void timing_do(struct timing *timing, void (*work)(void *context), void *context, size_t bytes);

/* NULL: it lives; else how it died, in words. */
const char *timing_died(const struct timing *timing);

/* The pid of the process that makes the calls; timing NULL: the caller's. */
pid_t timing_pid(const struct timing *timing);

#endif
