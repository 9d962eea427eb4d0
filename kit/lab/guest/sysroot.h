/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sysroot: another architecture's headers and libraries from Debian's packages, for cross-building
 * bpftoll and for its guests' images. It is unpacked in the cache; the system's own dpkg is not
 * involved.
 */
#ifndef BPFTOLL_KIT_LAB_GUEST_SYSROOT_H
#define BPFTOLL_KIT_LAB_GUEST_SYSROOT_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "kit/lab/guest/machine.h"

/* Fetches and unpacks it unless it exists (refresh: again). Its path, or -errno and why. */
int sysroot_make(const struct machine *machine, bool refresh, char *path, size_t len,
		 struct error *why);

/*
 * The same for one that must exist already; an empty path for this machine's own kind. -ENOENT,
 * why.
 */
int sysroot_find(const struct machine *machine, char *path, size_t len, struct error *why);

#endif
