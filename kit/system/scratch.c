/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/system/scratch.h"

int scratch_make(const char *parent, char *path, size_t len, struct error *why)
{
	if (!parent)
		parent = getenv("TMPDIR");
	if (!parent || !*parent)
		parent = "/tmp";
	if (path_put(path, len, "%s/bpftoll-XXXXXX", parent) || !mkdtemp(path)) {
		int err = errno ? -errno : -ENAMETOOLONG;

		error_say(why, "cannot make a temporary folder in %s: %s", parent, strerror(-err));
		path[0] = '\0';
		return err;
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

void scratch_remove(const char *path)
{
	if (*path)
		nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
