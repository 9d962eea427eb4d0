/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * timing: the process that makes the timed calls, pinned to the measuring CPU. Everything else of a
 * run (loading, attaching, closing, writing files) stays with the process that opened it, on the
 * other CPUs: what the kernel defers (frees of programs, RCU callbacks, kworkers) then queues there
 * and does not preempt a timed call.
 *
 * It is no thread, since a thread on another CPU would share its pages: each that a munmap or
 * madvise gives back would have to be flushed there too, which moved munmap(4 KiB) by 600 ns. File
 * descriptors are shared.
 *
 * timing_open -> timing_do … -> timing_close (NULL is fine). What work and context point to must be
 * seen by both: memory mapped shared before timing_open (timing_memory), or static data that does
 * not change.
 */
#ifndef BPFTOLL_KIT_TIMING_TIMING_H
#define BPFTOLL_KIT_TIMING_TIMING_H

#include <stddef.h>
#include <sys/types.h>

#include "calib/error.h"

/* Room for a job that tells in a struct error why it failed. */
#define TIMING_CONTEXT_MOST 4096

struct timing;

/* Zeroed shared memory; NULL: there is none. Freed with timing_memory_free (NULL is fine). */
void *timing_memory(size_t bytes);
void timing_memory_free(void *memory, size_t bytes);

/*
 * The calling process has one thread. It starts the other on cpu and moves to the CPUs that it may
 * use but for that one; where there is none, both share it. 0 or -errno, why.
 */
int timing_open(int cpu, struct timing **out, struct error *why);
void timing_close(struct timing *timing);

/*
 * Runs work(a copy of context) there, waits for its end and copies the context back. timing NULL:
 * here. Once the process has died, or a context was larger than TIMING_CONTEXT_MOST, nothing runs
 * any more: see timing_died.
 */
void timing_do(struct timing *timing, void (*work)(void *context), void *context, size_t bytes);

/* NULL: no; else how. */
const char *timing_died(const struct timing *timing);

/* Who makes the calls. */
pid_t timing_pid(const struct timing *timing);

#endif
