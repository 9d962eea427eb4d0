/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idle: how deep a CPU may sleep when it has nothing to do, in words.
 *
 * Waking a consumer whose CPU polls needs no interrupt and no way out of a C-state, so a wake-up
 * that is measured there is shorter than the same one on a machine as it is: the state belongs to
 * the result.
 */
#ifndef BPFTOLL_CPUSET_IDLE_H
#define BPFTOLL_CPUSET_IDLE_H

#include <stddef.h>

/*
 * "polls: no C-state is allowed", "sleeps down to C6 (133 us to leave), intel_idle", "sleeps, how
 * deep the hypervisor or firmware decides: no cpuidle here". The limits are the CPU's own
 * (power/pm_qos_resume_latency_us), that of all CPUs (/dev/cpu_dma_latency, readable by root) and
 * the states that are disabled. root: "" or a folder that stands for / in tests.
 */
void idle_describe(const char *root, int cpu, char *text, size_t len);

#endif
