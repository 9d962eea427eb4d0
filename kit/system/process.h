/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * process: runs another program with an argument vector, without a shell.
 *
 * process_run waits for its end; process_start leaves the child running. A child dies with this
 * process, and runs in the C locale. When it fails, what it printed on stderr becomes the reason.
 */
#ifndef BPFTOLL_KIT_SYSTEM_PROCESS_H
#define BPFTOLL_KIT_SYSTEM_PROCESS_H

#include <hwloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "calib/error.h"
#include "reports/user/unprivileged.h"

struct process_io {
	const char *dir;		 /* its working directory; NULL: ours */
	int out_fd;			 /* its stdout; -1: none */
	int err_fd;			 /* its stderr; -1: none */
	const struct unprivileged *user; /* as whom, in its environment; NULL: as this process */
	bool own_shm;			 /* shared memory of its own (mounts.h) */
	hwloc_const_bitmap_t cpus;	 /* CPUs where it may run; NULL: as this process */
	bool plain; /* not root: without the capabilities that this process was given */
};

/* An argument vector under construction; words that do not fit are left out. */
struct words {
	char *argv[64];
	size_t n;
};

/* Adds words up to a NULL. They are not copied. */
void words_add(struct words *words, ...) __attribute__((sentinel));

/* Starts argv[0] (found in PATH). 0 or -errno: -ENOENT means "not installed". */
int process_start(char *const argv[], const struct process_io *io, pid_t *pid, struct error *why);

/*
 * Runs the program to its end. *out gets the whole of its stdout, which the caller frees; out may
 * be NULL. -EIO: the program failed, with its last words in why; -EINTR: the user stopped us.
 */
int process_run(char *const argv[], const char *dir, char **out, struct error *why);

/* The same, with stdout into an open file. */
int process_run_to(char *const argv[], int out_fd, struct error *why);

/* Is the program in PATH? */
int process_find(const char *name, struct error *why);

#endif
