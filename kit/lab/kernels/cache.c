/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/cmd/cli.h"
#include "kit/system/folder.h"
#include "kit/lab/kernels/cache.h"
#include "kit/system/scratch.h"

#define LISTS_KEEP_S (24 * 3600)

int cache_dir(char *path, size_t len, struct error *why)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int err;

	if (base && *base == '/')
		err = path_put(path, len, "%s/bpftoll", base);
	else
		err = path_put(path, len, "%s/.cache/bpftoll",
			       home && *home == '/' ? home : "/root");
	if (!err)
		err = folder_make(path, 0700);
	if (err)
		error_say(why, "cannot make the cache folder %s: %s", path, strerror(-err));
	return err;
}

int cache_lock(const char *cache, struct error *why)
{
	char path[PATH_MAX + 8];
	int fd, err;

	path_put(path, sizeof(path), "%s/lock", cache);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		err = -errno;
		goto failed;
	}
	while (flock(fd, LOCK_EX)) {
		err = -errno;
		if (err == -EINTR && !cli_stop)
			continue;
		close(fd);
		goto failed;
	}
	return fd;
failed:
	return error_set(why, err, "%s: %s", path, strerror(-err));
}

int cache_lists(const char *cache, const struct machine *machine, bool refresh, struct apt *apt,
		struct error *why)
{
	char dir[PATH_MAX], stamp[PATH_MAX + 16];
	struct stat st;
	int err, fd;

	if (path_put(dir, sizeof(dir), "%s/%s", cache, machine->lists))
		return -ENAMETOOLONG;
	err = apt_open(apt, dir, machine->debian, why);
	if (err)
		return err;
	path_put(stamp, sizeof(stamp), "%s/updated", dir);
	if (!refresh && !stat(stamp, &st) && time(NULL) - st.st_mtime < LISTS_KEEP_S)
		return 0;
	fprintf(stderr, "lab: fetching Debian's package lists (into %s)\n", dir);
	err = apt_update(apt, why);
	if (err == -EINTR)
		return err;
	if (err) {
		/* the old lists may be enough: the caller decides */
		fprintf(stderr, "lab: %s\n", why->text);
		return 0;
	}
	fd = open(stamp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	utimensat(AT_FDCWD, stamp, NULL, 0);
	return 0;
}
