/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * condition: which settings of a CPU make figures measured on it worse, and the commands that
 * change them. They are printed as warnings before a run and kept in the record; nothing is changed
 * here (isolate.h does that).
 */
#ifndef BPFTOLL_CPUSET_CONDITION_H
#define BPFTOLL_CPUSET_CONDITION_H

#include <stdbool.h>
#include <stddef.h>

#include "cpuset/pick.h"

/*
 * Calls say for each such setting, most important first: not isolated, the governor, turbo
 * (intel_pstate), boost (cpufreq's for all CPUs, or a policy's own with amd-pstate), a shared core.
 * mend: the command that changes it, "" when there is none. root: "" or a folder that stands for /
 * in tests.
 */
void condition_of_cpu(const char *root, const struct placement *placement,
		      void (*say)(void *ctx, const char *what, const char *mend), void *ctx);

/*
 * Is the CPU nohz_full? Then every syscall on it pays for context tracking, with a probe or
 * without; text says so.
 */
bool condition_nohz_full(const char *root, int cpu, char *text, size_t len);

#endif
