/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/user/caller.h"
#include "reports/user/unprivileged.h"

void caller_own(int fd)
{
	struct unprivileged user;
	struct stat st;

	if (!unprivileged_caller(&user) || fstat(fd, &st) || st.st_uid)
		return;
	/* a file system without owners, or one that root does not rule, keeps it as it is */
	if (fchown(fd, user.uid, user.gid))
		return;
}

int caller_mkdirat(int folder, const char *path, mode_t mode)
{
	int fd;

	if (mkdirat(folder, path, mode))
		return -errno;
	fd = openat(folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		caller_own(fd);
		close(fd);
	}
	return 0;
}

FILE *caller_create(const char *path)
{
	FILE *file = fopen(path, "wxe");

	if (file)
		caller_own(fileno(file));
	else if (errno == EEXIST)
		file = fopen(path, "we");
	return file;
}
