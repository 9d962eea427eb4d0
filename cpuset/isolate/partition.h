/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * partition: takes CPUs out of the scheduler's load balancing by an isolated cgroup-v2 cpuset
 * partition.
 *
 * The process is moved into MOUNT/bpftoll with cpuset.cpus = the measuring and the reader CPU. Both
 * are needed: all threads of a process are in one cgroup, and the reader process is forked from it.
 * No partition is made where the measuring CPU is isolated already, or where no CPU would be left
 * for everyone else.
 */
#ifndef BPFTOLL_CPUSET_ISOLATE_PARTITION_H
#define BPFTOLL_CPUSET_ISOLATE_PARTITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cpuset/isolate/scene.h"

/* The names of the two rows in the journal. */
#define PARTITION_CONTROLLER "cgroup controller"
#define PARTITION_GROUP	     "cgroup partition"

/*
 * Makes the partition and moves this process in. What is not possible is a line on log. 0, or the
 * journal's -errno.
 */
int partition_set(const struct settings_scene *scene);

/* Could partition_set have written this path, with this value before? For checking a journal. */
bool partition_knows(const char *root, const struct journal_entry *entry);

/* As settings_restore, for both names. */
int partition_restore(const struct settings_scene *scene, const struct journal_entry *entry,
		      bool *changed);

/*
 * Where cgroup2 is mounted, from the text of /proc/self/mounts (octal escapes undone). 0; -ENOENT:
 * nowhere; -ENAMETOOLONG.
 */
int partition_find_mount(FILE *mounts, char *mount, size_t mount_len);

#endif
