/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * owner: identifies a process, so that a later process can tell whether it still runs.
 *
 * Pids are reused; a pid with the process's start time and the boot's id is unique.
 */
#ifndef BPFTOLL_CPUSET_ISOLATE_OWNER_H
#define BPFTOLL_CPUSET_ISOLATE_OWNER_H

#include <stdint.h>

enum { OWNER_BOOT_MAX = 64 };

struct owner {
	int pid;
	uint64_t start;		   /* in clock ticks since boot */
	char boot[OWNER_BOOT_MAX]; /* boot_id; "-" where it cannot be read */
};

enum owner_state { OWNER_RUNNING, OWNER_DEAD, OWNER_EARLIER_BOOT };

/*
 * Identifies this process. root: where boot_id is read ("" on a real system); the process is always
 * the real one. 0 or -errno.
 */
int owner_self(const char *root, struct owner *out);

/* Does it run? A zombie does not; a process that cannot be looked at does. */
enum owner_state owner_state(const char *root, const struct owner *owner);

#endif
