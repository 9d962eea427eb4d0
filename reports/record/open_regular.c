/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/record/open_regular.h"

int open_regular(const char *path, int flags, size_t most, struct error *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags), err = 0;
	struct stat st;

	if (fd < 0)
		return error_set(why, -errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st))
		err = error_set(why, -errno, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err = error_set(why, -EINVAL, "%s: not a regular file", path);
	else if ((size_t)st.st_size > most)
		err = error_set(why, -EFBIG, "%s: larger than %zu %s", path,
				most >> 20 ? most >> 20 : most >> 10, most >> 20 ? "MiB" : "KiB");
	if (!err)
		return fd;
	close(fd);
	return err;
}

FILE *open_regular_stream(const char *path, int flags, size_t most, int *err, struct error *why)
{
	int fd = open_regular(path, flags, most, why);
	FILE *file;

	*err = fd < 0 ? fd : 0;
	if (fd < 0)
		return NULL;
	file = fdopen(fd, "r");
	if (!file) {
		*err = error_set(why, -errno, "%s: %s", path, strerror(errno));
		close(fd);
	}
	return file;
}
