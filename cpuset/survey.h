/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * survey: how noisy each candidate CPU is, and the conditions on a CPU while a round ran.
 *
 * Conditions are counters: read them before and after a round and take the difference.
 */
#ifndef BPFTOLL_CPUSET_SURVEY_H
#define BPFTOLL_CPUSET_SURVEY_H

#include <hwloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Spins budget_ms on each CPU of the set in turn (pinned), and stores in noise[os_index] the share
 * of the time (0 to 1) in gaps between successive clock reads (gap > 1 us), as the kernel's osnoise
 * tracer does. Where a clock read alone takes that long (no vDSO clock), in gaps > 8 times the
 * shortest. Other entries of noise become NAN, as does a CPU that cannot be pinned. Restores the
 * caller's affinity. 0, or -errno: -EINVAL for an empty budget or set, -ERANGE for a CPU beyond
 * n_noise, and the error of pinning when no CPU could be surveyed.
 */
int survey_noise(hwloc_const_bitmap_t cpus, unsigned int budget_ms, double *noise, size_t n_noise);

/* Counters of one CPU since boot, from /proc/stat, /proc/interrupts and getrusage of the thread. */
struct conditions {
	uint64_t steal_ticks; /* USER_HZ */
	uint64_t interrupts;  /* all rows of /proc/interrupts for this CPU, numbered and named */
	/* of the calling thread */
	uint64_t context_switches_voluntary, context_switches_involuntary;
	/*
	 * IA32_APERF and IA32_MPERF through the msr driver (Intel SDM vol. 3, 15.2; AMD APM vol. 2,
	 * 17.5): the ratio of their growth is the core's frequency over the TSC's. Both 0 where
	 * they cannot be read.
	 */
	uint64_t aperf, mperf;
};

/* 0; -ENOENT: the CPU is not online; -EBADMSG: a file has a form that no kernel writes. */
int survey_conditions(int cpu, struct conditions *out);

/*
 * The parts of survey_conditions, on the text of /proc/stat and /proc/interrupts; same return
 * values.
 */
int survey_parse_steal(FILE *stat, int cpu, uint64_t *ticks);
int survey_parse_interrupts(FILE *interrupts, int cpu, uint64_t *count);

#endif
