/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idle: how deep a CPU may sleep when it is idle, in words.
 *
 * To wake a reader whose CPU polls while idle takes no interrupt and no exit from a C-state, so a
 * wakeup costs less there than on a machine with usual settings. So this is kept with the result.
 */
#ifndef BPFTOLL_CPUSET_IDLE_H
#define BPFTOLL_CPUSET_IDLE_H

#include <stddef.h>

/*
 * Texts are such as "polls: no C-state is allowed", "sleeps down to C6 (133 us to leave),
 * intel_idle", "sleeps, how deep the hypervisor or firmware decides: no cpuidle here". The limits
 * are the CPU's own (power/pm_qos_resume_latency_us), that of all CPUs (/dev/cpu_dma_latency,
 * readable by root), and the states that are disabled. root: "" or a folder that stands for / in
 * tests.
 */
void idle_describe(const char *root, int cpu, char *text, size_t len);

#endif
