/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * open_regular: opens a file for reading that must be a regular one. A FIFO would wait for a
 * writer, a device may never end: neither is waited for, nor read.
 */
#ifndef BPFTOLL_REPORTS_OPEN_REGULAR_H
#define BPFTOLL_REPORTS_OPEN_REGULAR_H

#include <stddef.h>
#include <stdio.h>

#include "calib/error.h"

/*
 * Returns a descriptor, or -errno with why: "PATH: reason"; -EINVAL: not a regular file; -EFBIG:
 * more than most bytes. flags: O_NOFOLLOW where others may write in the folder, else 0.
 */
int open_regular(const char *path, int flags, size_t most, struct error *why);

/* The same as a stream; NULL: *err and why. */
FILE *open_regular_stream(const char *path, int flags, size_t most, int *err, struct error *why);

#endif
