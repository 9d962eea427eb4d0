/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * process: runs another program with an argument vector, never through a shell.
 *
 * process_run waits for the end; process_start leaves the child running. A child dies with this
 * process, and speaks the C locale. What it says on stderr becomes the reason when it fails.
 */
#ifndef BPFTOLL_KIT_SYSTEM_PROCESS_H
#define BPFTOLL_KIT_SYSTEM_PROCESS_H

#include <hwloc.h>
#include <stddef.h>
#include <sys/types.h>

#include "calib/error.h"

struct process_io {
	const char *dir; /* run there; NULL: here */
	int out_fd;	 /* its stdout; -1: none */
	int err_fd;	 /* its stderr; -1: none */
	/* as whom, without further groups; 0: as this process */
	uid_t uid;
	gid_t gid;
	hwloc_const_bitmap_t cpus; /* where it may run; NULL: as this process */
};

/* An argument vector under construction; what does not fit is left out. */
struct words {
	char *argv[64];
	size_t n;
};

/* Adds words up to a NULL. They are not copied. */
void words_add(struct words *words, ...) __attribute__((sentinel));

/* Starts argv[0] (found in PATH). 0 or -errno: -ENOENT means "not installed". */
int process_start(char *const argv[], const struct process_io *io, pid_t *pid, struct error *why);

/*
 * Runs to the end. out may be NULL, else the whole of stdout, freed by the caller. A failed program
 * is -EIO with its last words in why; -EINTR when the user stopped us before its end.
 */
int process_run(char *const argv[], const char *dir, char **out, struct error *why);

/* The same with stdout into a file that is open already. */
int process_run_to(char *const argv[], int out_fd, struct error *why);

/* Is the program in PATH? */
int process_find(const char *name, struct error *why);

#endif
