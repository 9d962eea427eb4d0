/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file: reads and writes whole files. */
#ifndef BPFTOLL_KIT_FILE_H
#define BPFTOLL_KIT_FILE_H

#include <stddef.h>

struct file_bytes {
	unsigned char *at; /* a NUL follows the contents; the caller frees them */
	size_t len;
};

/*
 * flags: O_NOFOLLOW where others may write in the folder, else 0. 0 or -errno; -EINVAL: not a
 * regular file; -EFBIG: more than 1 GiB.
 */
int file_read(const char *path, int flags, struct file_bytes *out);

/* Makes a file that must not exist yet. 0 or -errno; a part that was written stays. */
int file_create(const char *path, const void *data, size_t len);

/*
 * Writes it under a temporary name beside it, syncs and renames: a reader sees the old contents or
 * the new ones. 0 or -errno: what was there before is unchanged.
 */
int file_replace(const char *path, const void *data, size_t len);

#endif
