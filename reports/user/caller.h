/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * caller: who called sudo owns the results that root makes for him: he can move, render and remove
 * them. Without sudo, and where we are not root, nothing changes. The umask is heeded as it is.
 *
 * For results alone: what root trusts later (kernels in the cache, the journal) stays root's.
 */
#ifndef BPFTOLL_REPORTS_USER_CALLER_H
#define BPFTOLL_REPORTS_USER_CALLER_H

#include <stdio.h>
#include <sys/types.h>

/* A file or folder that this process has just made. */
void caller_own(int fd);

/* mkdirat, for him. 0 or -errno. */
int caller_mkdirat(int folder, const char *path, mode_t mode);

/*
 * Opens a file to write: a new one is his, one that was there keeps its owner and loses its
 * contents. NULL: errno.
 */
FILE *caller_create(const char *path);

#endif
