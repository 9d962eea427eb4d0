/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guard: programs and folders that are removed when this process ends, however it ends, SIGKILL
 * included.
 *
 * Each has a keeper, a child process that waits at a pipe. When our end of the pipe closes, the
 * keeper kills the program and all of its descendants (it is their subreaper, so none escapes by a
 * session of its own or by losing its parent), or removes the folder with all its contents. Where
 * nobody stopped it, because this process is gone, the program gets SIGINT and three seconds first,
 * in which its folder stays. If the keeper itself is killed, its program dies with it.
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

/*
 * How the program ended. Times in seconds: start and end on CLOCK_MONOTONIC; cpu includes the
 * children that it has waited for.
 */
struct guard_end {
	int status; /* as from wait(2) */
	double start, end, cpu;
};

/*
 * Starts argv[0] as process_start does, outside of the terminal's process group. 0 or -errno, why.
 */
int guard_start(char *const argv[], const struct process_io *io, struct guard **out,
		struct error *why);

/*
 * Makes a private folder (0700) that belongs to user (NULL: this process's) into path. 0; -EACCES:
 * the user cannot come to it; other -errno; why.
 */
int guard_folder(const struct unprivileged *user, char *path, size_t len, struct guard **out,
		 struct error *why);

/* The same below parent instead of $TMPDIR. */
int guard_folder_in(const char *parent, char *path, size_t len, struct guard **out,
		    struct error *why);

pid_t guard_pid(const struct guard *guard);

/* Has the program ended? end may be NULL. Does not wait. */
bool guard_ended(struct guard *guard, struct guard_end *end);

/* Waits until it ends: 0. -ETIMEDOUT after timeout_s; -EINTR: a signal came. */
int guard_wait(struct guard *guard, double timeout_s);

/*
 * Sends signal (0: none) to the program, waits up to patience for its end, then kills it with all
 * descendants. NULL is fine.
 */
void guard_stop(struct guard *guard, int signal, double patience_s);

#endif
