/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * survey: the noise that each candidate CPU really has, and the conditions while a round ran.
 */
#ifndef BPFTOLL_SURVEY_H
#define BPFTOLL_SURVEY_H

#include <hwloc.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Spins budget_ms on each CPU of the set in turn (pinned) and stores in noise[os_index] the share of the time
 * that gaps between successive clock reads took away (gap > 1 µs), as osnoise does. Restores the caller's affinity.
 * 0 or -errno.
 */
int survey_noise(hwloc_const_bitmap_t cpus, unsigned int budget_ms, double *noise, size_t n_noise);

/* Counters of one CPU since boot, from /proc/stat, /proc/interrupts and getrusage of the thread. */
struct conditions {
	uint64_t steal_ticks;		/* USER_HZ */
	uint64_t interrupts;		/* all lines and architecture rows of /proc/interrupts for this CPU */
	uint64_t context_switches_voluntary, context_switches_involuntary; /* calling thread */
};

int survey_conditions(int cpu, struct conditions *out);

#endif
