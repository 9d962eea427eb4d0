/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <unistd.h>

#include "reports/record/write_all.h"

int write_all(int fd, const void *bytes, size_t len)
{
	for (const char *at = bytes, *end = at + len; at < end;) {
		ssize_t n = write(fd, at, (size_t)(end - at));

		if (n > 0)
			at += n;
		else if (n < 0 && errno != EINTR)
			return -errno;
	}
	return 0;
}
