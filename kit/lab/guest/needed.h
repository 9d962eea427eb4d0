/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * needed: the shared libraries that another architecture's program needs, looked up in a sysroot:
 * its own loader cannot run here to be asked.
 */
#ifndef BPFTOLL_KIT_LAB_GUEST_NEEDED_H
#define BPFTOLL_KIT_LAB_GUEST_NEEDED_H

#include "calib/error.h"
#include "kit/lab/guest/libraries.h"

/* All that DT_NEEDED names, and what those need, below root. -ENOENT with the name of one that
 * isn't there. */
int needed_find(const char *program, const char *root, struct libraries *out, struct error *why);

#endif
