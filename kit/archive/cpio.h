/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cpio: reads and writes the "newc" archive format. The guest's first file system goes in as such
 * an archive, and its results come out as one. Source: the kernel's
 * Documentation/driver-api/early-userspace/buffer-format.rst.
 *
 * cpio_new -> cpio_add … -> cpio_finish (sorted by name, without times and owners, so that the same
 * files give the same bytes) -> cpio_free. cpio_unpack makes regular files and folders below one
 * folder, and nothing anywhere else.
 */
#ifndef BPFTOLL_KIT_ARCHIVE_CPIO_H
#define BPFTOLL_KIT_ARCHIVE_CPIO_H

#include <stddef.h>
#include <sys/types.h>

#include "calib/error.h"

#define CPIO_MEMBERS_MOST 100000

struct cpio;

struct cpio *cpio_new(void); /* NULL: out of memory */
void cpio_free(struct cpio *cpio);

/*
 * Adds a file with these bytes (copied). name is relative ("bin/busybox"); the folders above it are
 * added as needed. mode includes the type: S_IFREG | 0755, S_IFDIR | 0755, S_IFLNK | 0777 (the
 * bytes are the target). If a name is added twice, the first one stays. 0 or -errno.
 */
int cpio_add(struct cpio *cpio, const char *name, mode_t mode, const void *data, size_t len);

/* Adds a regular file's contents. 0 or -errno. */
int cpio_add_file(struct cpio *cpio, const char *name, mode_t mode, const char *path);

/* The archive's bytes; the caller frees them. 0 or -errno. */
int cpio_finish(struct cpio *cpio, unsigned char **out, size_t *len);

/*
 * Unpacks below dir, which exists. Names that lead outside, links and devices are refused, and more
 * than CPIO_MEMBERS_MOST members, since the archive comes from a guest or another machine. -EBADMSG
 * with the fault and its byte offset in why.
 */
int cpio_unpack(const unsigned char *data, size_t len, const char *dir, struct error *why);

#endif
