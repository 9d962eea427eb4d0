/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * timing_thread: the thread that makes the timed calls, pinned to the measuring CPU. Everything else of a run (loading,
 * attaching, closing, writing files) stays with the thread that opened it, which is moved to the other CPUs: what the
 * kernel defers (frees of programs, RCU callbacks, kworkers) then queues there and does not preempt a timed call.
 *
 * timing_thread_open -> timing_thread_do … -> timing_thread_close (NULL is fine).
 */
#ifndef BPFTOLL_TIMING_THREAD_H
#define BPFTOLL_TIMING_THREAD_H

#include <stdbool.h>
#include <stddef.h>

struct timing_thread;

/*
 * Starts the thread on cpu (all signals blocked) and moves the caller to the CPUs that the process may use but for that
 * one; where there is no other, both share it. 0 or -errno, why.
 */
int timing_thread_open(int cpu, struct timing_thread **out, char *why, size_t why_len);
void timing_thread_close(struct timing_thread *thread);

/* Runs work(ctx) there and waits for its end. thread NULL: here. */
void timing_thread_do(struct timing_thread *thread, void (*work)(void *ctx), void *ctx);

/* Does the caller have a CPU of its own? */
bool timing_thread_alone(const struct timing_thread *thread);

#endif
