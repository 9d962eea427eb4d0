/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include "kit/system/mounts.h"

/* linux/magic.h */
static const struct {
	const char *type, *path;
	unsigned long magic;
} wanted[] = {
	{"debugfs", "/sys/kernel/debug", 0x64626720},
	{"tracefs", "/sys/kernel/tracing", 0x74726163},
	{"securityfs", "/sys/kernel/security", 0x73636673},
};
#define WANTED (sizeof(wanted) / sizeof(wanted[0]))

static bool is_mounted(size_t i)
{
	struct statfs fs;

	return !statfs(wanted[i].path, &fs) && (unsigned long)fs.f_type == wanted[i].magic;
}

/* Nothing that is mounted from here on is seen by others. */
static int private_mounts(void)
{
	return unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ? -errno
											 : 0;
}

void mounts_private_shm(void)
{
	if (unshare(CLONE_NEWIPC) || private_mounts())
		return;
	/* where there is no such folder POSIX shared memory is not used */
	(void)mount("nodev", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

void mounts_complete(void)
{
	bool all = true;

	for (size_t i = 0; i < WANTED; i++)
		all = all && is_mounted(i);
	if (all || private_mounts())
		return;
	for (size_t i = 0; i < WANTED; i++)
		if (!is_mounted(i))
			(void)mount("nodev", wanted[i].path, wanted[i].type,
				    MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}
