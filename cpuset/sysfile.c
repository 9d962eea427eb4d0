/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cpuset/sysfile.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int sysfile_join(char path[PATH_MAX], const char *head, const char *tail)
{
	int len = snprintf(path, PATH_MAX, "%s%s", head, tail);

	return len < 0 || len >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int open_below(const char *root, const char *path, int flags)
{
	char full[PATH_MAX];
	int err = sysfile_join(full, root, path);
	int fd;

	if (err)
		return err;
	fd = open(full, flags | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

int sysfile_read(const char *root, const char *path, char text[SYSFILE_MAX])
{
	size_t len = 0;
	ssize_t got = 1;
	int fd = open_below(root, path, O_RDONLY);

	if (fd < 0)
		return fd;
	while (got && len < SYSFILE_MAX) {
		got = read(fd, text + len, SYSFILE_MAX - len);
		if (got < 0 && errno == EINTR) {
			got = 1;
			continue;
		}
		if (got < 0) {
			int err = -errno;

			close(fd);
			return err;
		}
		len += (size_t)got;
	}
	close(fd);
	if (len == SYSFILE_MAX)
		return -EFBIG;
	text[len] = '\0';
	for (len = strlen(text); len && isspace((unsigned char)text[len - 1]); len--)
		text[len - 1] = '\0';
	return 0;
}

int sysfile_write(const char *root, const char *path, const char *text)
{
	char line[SYSFILE_MAX + 1];
	int len = snprintf(line, sizeof(line), "%s\n", text);
	ssize_t put;
	int err = 0;
	int fd;

	if (len < 0 || (size_t)len >= sizeof(line))
		return -EFBIG;
	fd = open_below(root, path, O_WRONLY | O_TRUNC);
	if (fd < 0)
		return fd;
	do {
		put = write(fd, line, (size_t)len);
	} while (put < 0 && errno == EINTR);
	if (put < 0)
		err = -errno;
	else if (put != len)
		err = -EIO;
	if (close(fd) < 0 && !err)
		err = -errno;
	return err;
}
