/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file: whole files, read and written at once. */
#ifndef BPFTOLL_KIT_FILE_H
#define BPFTOLL_KIT_FILE_H

#include <stddef.h>

struct file_bytes {
	unsigned char *at; /* NUL behind the last; to be freed */
	size_t len;
};

/* flags: O_NOFOLLOW where others may write in the folder, else 0. 0 or -errno, -EINVAL: not a
 * regular file. */
int file_read(const char *path, int flags, struct file_bytes *out);

/* Makes a file that was not there before. 0 or -errno; what there is of it stays. */
int file_create(const char *path, const void *data, size_t len);

#endif
