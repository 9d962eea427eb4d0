/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guard: programs and folders that are gone when this process is, however it ends: also by SIGKILL.
 *
 * Each has a keeper, a child of ours that waits at a pipe. When our end closes, the keeper kills
 * the program and all of its descendants (it is their subreaper: none escapes by a session of its
 * own or by losing its parent), or takes the folder away with all that is in it. Should the keeper
 * itself be killed, its program dies with it.
 *
 * guard_folder -> guard_start … -> [guard_ended, guard_wait] -> guard_stop, in reverse order.
 */
#ifndef BPFTOLL_KIT_SYSTEM_GUARD_H
#define BPFTOLL_KIT_SYSTEM_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "calib/error.h"
#include "kit/system/process.h"

struct guard;

/* How the program ended. Times in seconds: start and end on CLOCK_MONOTONIC, cpu with its
 * waited-for children. */
struct guard_end {
	int status; /* of wait(2) */
	double start, end, cpu;
};

/* Starts argv[0] as process_start does, outside of the terminal's process group. 0 or -errno, why.
 */
int guard_start(char *const argv[], const struct process_io *io, struct guard **out,
		struct error *why);

/* Makes a private folder (0700) that belongs to uid and gid (0: to this process) into path. 0 or
 * -errno, why. */
int guard_folder(uid_t uid, gid_t gid, char *path, size_t len, struct guard **out,
		 struct error *why);

pid_t guard_pid(const struct guard *guard);

/* Has the program ended? end may be NULL. Never waits. */
bool guard_ended(struct guard *guard, struct guard_end *end);

/* Waits until it ends: 0. -ETIMEDOUT after timeout_s; -EINTR: a signal came. */
int guard_wait(struct guard *guard, double timeout_s);

/* signal (0: none) to the program, patience for it to end by itself; then nothing of it is left.
 * NULL is fine. */
void guard_stop(struct guard *guard, int signal, double patience_s);

#endif
