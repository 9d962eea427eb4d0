/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tasks: processes as the kernel shows them in /proc: parents and descendants, CPU time in
 * nanoseconds. Any process may end at any time; the functions then return 0 or NAN.
 */
#ifndef BPFTOLL_KIT_SYSTEM_TASKS_H
#define BPFTOLL_KIT_SYSTEM_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* From /proc/PID/stat; 0: the process is gone. */
pid_t task_parent(pid_t pid);

/* root and every process below it, at most `most`, now. Returns their number; 0: root is gone. */
size_t task_family(pid_t root, pid_t *pids, size_t most);

/* CPU time of a process with all its threads, in seconds; NAN: the process is gone. */
double task_cpu(pid_t pid);

#endif
