/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* mkostemp */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/path.h"
#include "kit/system/file.h"
#include "reports/record/open_regular.h"
#include "reports/record/write_all.h"

/* A kernel with all its drivers and its debug information has less. */
#define FILE_MOST (1UL << 30)

int file_read(const char *path, int flags, struct file_bytes *out)
{
	struct error why;
	int fd = open_regular(path, flags, FILE_MOST, &why), err = 0;
	struct stat st;
	ssize_t got = 1;

	*out = (struct file_bytes){NULL, 0};
	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		err = -errno;
	else if (!(out->at = malloc((size_t)st.st_size + 1)))
		err = -ENOMEM;
	while (!err && got > 0 && out->len < (size_t)st.st_size) {
		got = read(fd, out->at + out->len, (size_t)st.st_size - out->len);
		out->len += got > 0 ? (size_t)got : 0;
		err = got < 0 ? -errno : 0;
	}
	if (!err)
		out->at[out->len] = '\0';
	close(fd);
	if (err) {
		free(out->at);
		*out = (struct file_bytes){NULL, 0};
	}
	return err;
}

int file_create(const char *path, const void *data, size_t len)
{
	FILE *file = fopen(path, "wbxe");
	int err = 0;

	if (!file)
		return -errno;
	if (fwrite(data, 1, len, file) != len)
		err = errno ? -errno : -EIO;
	return fclose(file) && !err ? -errno : err;
}

int file_replace(const char *path, const void *data, size_t len)
{
	char temporary[PATH_MAX];
	int err = path_put(temporary, sizeof(temporary), "%s.XXXXXX", path), fd;

	if (err)
		return err;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write_all(fd, data, len);
	if (!err && (fchmod(fd, 0644) || fsync(fd)))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(temporary, path))
		err = -errno;
	if (err)
		unlink(temporary);
	return err;
}
