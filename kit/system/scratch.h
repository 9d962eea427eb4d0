/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scratch: private temporary folders (0700, random names), and the removal of a folder with all its
 * contents.
 */
#ifndef BPFTOLL_KIT_SYSTEM_SCRATCH_H
#define BPFTOLL_KIT_SYSTEM_SCRATCH_H

#include <stddef.h>

#include "calib/error.h"

/* Makes a folder below parent (NULL: $TMPDIR or /tmp). 0 or -errno, why. */
int scratch_make(const char *parent, char *path, size_t len, struct error *why);

/* Removes it with everything in it; links are not followed. An empty path is fine. */
void scratch_remove(const char *path);

#endif
