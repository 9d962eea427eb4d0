/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
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

void mounts_complete(void)
{
	bool all = true;

	for (size_t i = 0; i < WANTED; i++)
		all = all && is_mounted(i);
	if (all || unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return;
	for (size_t i = 0; i < WANTED; i++)
		if (!is_mounted(i))
			(void)mount("nodev", wanted[i].path, wanted[i].type,
				    MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}
