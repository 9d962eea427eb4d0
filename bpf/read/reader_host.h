/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reader_host: a small process that forks the reader processes, so that the measured process never
 * forks.
 *
 * A fork write-protects every private page of the process that forks: its next write to each page
 * is a page fault, and these would fall into the timed blocks after each load. So the measured
 * process forks the host once, before its buffers are filled (reader_host_start), and the host,
 * which has next to no memory, forks the readers. They get their descriptors through a socket
 * (SCM_RIGHTS).
 *
 * The host and all readers end (PR_SET_PDEATHSIG) as soon as the process that started it does, by
 * whatever signal.
 */
#ifndef BPFTOLL_BPF_READ_READER_HOST_H
#define BPFTOLL_BPF_READ_READER_HOST_H

#include <stddef.h>
#include <sys/types.h>

#include "calib/error.h"

struct reader_shared;

/*
 * Starts this process's host unless it runs. reader_host_fork does so by itself; call it earlier,
 * when the process is where it is to run (CPU partition) and before large memory is written. 0 or
 * -errno, why.
 */
int reader_host_start(struct error *why);

/*
 * Forks a reader for shared (in the arena), with fds: the bell, the answer, then shared->n_maps
 * maps. When this returns the reader runs, but may not have opened its buffers yet. *pidfd becomes
 * readable when it has ended. 0 or -errno, why.
 */
int reader_host_fork(struct reader_shared *shared, const int *fds, pid_t *pid, int *pidfd,
		     struct error *why);

#endif
