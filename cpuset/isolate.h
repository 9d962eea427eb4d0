/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * isolate: quiets the measuring CPU, and puts everything back.
 *
 * Every setting is a row {name, path, save, set, restore}; what was there before goes to a journal on disk
 * (fsynced) before it is changed. isolation_close restores in reverse; after a SIGKILL isolation_recover does
 * it from the journal. Nothing here runs without --isolate.
 */
#ifndef BPFTOLL_ISOLATE_H
#define BPFTOLL_ISOLATE_H

#include <stddef.h>
#include <stdio.h>

struct isolation;

/*
 * root: "" on a real system; a folder that stands for / in tests. journal: NULL for the default
 * (/run/bpftoll/isolate.journal below root). Sets governor, turbo, IRQ affinity, cgroup-v2 isolated partition, C-states
 * (PM QoS), NUMA balancing, THP, watchdogs, kprobe optimisation untouched. What does not exist or cannot be set is written to
 * log, a line each ("governor: no cpufreq here"), and is no error. A journal left by another run: -EBUSY, and
 * why says to run `bpftoll restore`.
 */
int isolation_open(const char *root, const char *journal, int measure_cpu, int drain_cpu, FILE *log,
		   struct isolation **out, char *why, size_t why_len);

/* Restores in reverse order and removes the journal. NULL is fine. 0, or the first -errno (a line each on log). */
int isolation_close(struct isolation *iso);

/* From the journal alone. 0 with *restored = 0 when there is none. A setting that someone else has since
 * changed to a third value is left alone and named on log. */
int isolation_recover(const char *root, const char *journal, FILE *log, size_t *restored, char *why,
		      size_t why_len);

#endif
