/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/error.h"
#include "kit/system/scratch.h"

int scratch_make(const char *parent, char *path, size_t len, struct error *why)
{
	if (!parent)
		parent = getenv("TMPDIR");
	if (!parent || !*parent)
		parent = "/tmp";
	if (snprintf(path, len, "%s/bpftoll-XXXXXX", parent) >= (int)len || !mkdtemp(path)) {
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

int scratch_copy(const char *from, const char *to)
{
	int in, out = -1, err = 0;
	struct stat st;
	off_t left;

	in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0 || fstat(in, &st)) {
		err = -errno;
		goto out;
	}
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0) {
		err = -errno;
		goto out;
	}
	for (left = st.st_size; left > 0;) {
		ssize_t sent = sendfile(out, in, NULL, (size_t)left);

		if (sent <= 0) {
			err = sent < 0 ? -errno : -EIO;
			goto out;
		}
		left -= sent;
	}
out:
	if (in >= 0)
		close(in);
	if (out >= 0 && close(out) && !err)
		err = -errno;
	return err;
}
