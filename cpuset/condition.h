/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * condition: what of a CPU's settings makes figures worse that are taken on it, and what would mend
 * it.
 */
#ifndef BPFTOLL_CPUSET_CONDITION_H
#define BPFTOLL_CPUSET_CONDITION_H

#include <stdbool.h>
#include <stddef.h>

#include "cpuset/pick.h"

/*
 * Calls say for each, in order of weight: not isolated, the governor, turbo (intel_pstate), boost
 * (cpufreq's of all CPUs, or a policy's own: amd-pstate), a shared core. mend: the command, "" when
 * none does. root: "" or a folder that stands for / in tests.
 */
void condition_of_cpu(const char *root, const struct placement *placement,
		      void (*say)(void *ctx, const char *what, const char *mend), void *ctx);

/* Is the CPU nohz_full? Then every syscall on it pays for context tracking, with a probe or
 * without: text says so. */
bool condition_nohz_full(const char *root, int cpu, char *text, size_t len);

#endif
