/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * owner: names one process for good, so that a later one can tell whether it still lives.
 *
 * A pid alone is used again; with its start time and the boot it is not.
 */
#ifndef BPFTOLL_CPUSET_ISOLATE_OWNER_H
#define BPFTOLL_CPUSET_ISOLATE_OWNER_H

#include <stdint.h>

enum { OWNER_BOOT_MAX = 64 };

struct owner {
	int pid;
	uint64_t start;		   /* clock ticks after boot */
	char boot[OWNER_BOOT_MAX]; /* boot_id; "-" where there is none */
};

enum owner_state { OWNER_RUNNING, OWNER_DEAD, OWNER_EARLIER_BOOT };

/*
 * This process. root: where boot_id is read ("" on a real system); the process itself is always the
 * real one. 0 or -errno.
 */
int owner_self(const char *root, struct owner *out);

/*
 * A process that only waits to be reaped is dead; one that cannot be looked at counts as running.
 */
enum owner_state owner_state(const char *root, const struct owner *owner);

#endif
