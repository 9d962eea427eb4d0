/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * place: chooses the measuring and the reader CPU on the real machine, and pins threads.
 *
 * place_choose (once, before any pinning) -> place_pin in the thread that measures, place_leave in
 * others; another process takes over place_cpus by place_adopt. place_lost between rounds: a CPU
 * may go offline, and the kernel then moves what was pinned to it, without a word.
 */
#ifndef BPFTOLL_KIT_SYSTEM_PLACE_H
#define BPFTOLL_KIT_SYSTEM_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "calib/error.h"
#include "cpuset/pick.h"

/*
 * cpu, reader_cpu: as the user wants; -1: choose (surveys the noise of each CPU first). 0 or
 * -errno, why.
 */
int place_choose(int cpu, int reader_cpu, struct placement *out, struct error *why);

/*
 * Where this process could run when place_choose was called, before it pinned itself: OS indices in
 * ascending order, at most `most`. Returns their number; 0 before place_choose.
 */
size_t place_cpus(int *cpus, size_t most);

/*
 * Lets the calling thread run on these CPUs, which are another process's place_cpus. 0 or -errno.
 */
int place_adopt(const int *cpus, size_t n);

/*
 * Moves the calling thread to where this process could run, without cpu. false: there is no other
 * CPU.
 */
bool place_leave(int cpu);

/* Pins the calling thread to the measuring CPU. 0 or -errno, why. */
int place_pin(const struct placement *placement, struct error *why);

/*
 * The CPUs that place_lost looks at: those that place_choose chose, or, in another process, these.
 * reader_cpu -1: none.
 */
void place_watch(int cpu, int reader_cpu);

/* The process that makes the timed calls, pinned to the measuring CPU; 0: none. */
void place_timed_by(pid_t pid);

/*
 * NULL, or what became of the measuring or the reader CPU, in words: it is offline, or the process
 * that makes the timed calls may run elsewhere. What was lost stays so.
 */
const char *place_lost(void);

/* Another process has lost a CPU of this run. */
void place_lose(const char *what);

#endif
