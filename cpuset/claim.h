/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * claim: CPUs on which only this process measures. Two that measure at once on CPUs that they share
 * see each other in every figure, and nothing in a record would say so.
 *
 * A claim is a lock (flock) on a file for each CPU in a folder, /run/bpftoll, and ends with the
 * process that has it, however it ends. Who may not write there uses the files that are there, else
 * a folder of his own, where other users' claims are not seen.
 *
 * claim_open -> claim_close.
 */
#ifndef BPFTOLL_CPUSET_CLAIM_H
#define BPFTOLL_CPUSET_CLAIM_H

#include <signal.h>
#include <stddef.h>

#include "calib/error.h"

#define CLAIM_CPUS_MOST 4

struct claim {
	int fd[CLAIM_CPUS_MOST];
	size_t n;
	char folder[512]; /* of a file that had to be made elsewhere; empty: all are in the usual
			     one */
};

struct claim_wish {
	const char *folder; /* instead of /run/bpftoll; NULL: that */
	int cpus[CLAIM_CPUS_MOST];
	size_t n;
	/* NULL: who finds a CPU taken is refused; else he waits until this is set (a signal) */
	const volatile sig_atomic_t *wait;
};

/*
 * Claims all of them, or none. 0; -EBUSY: another process has one, and why says which and its
 * command; -EINTR: while waiting; else -errno with why: no claims can be made here. out is valid in
 * each case.
 */
int claim_open(const struct claim_wish *wish, struct claim *out, struct error *why);
void claim_close(struct claim *claim);

#endif
