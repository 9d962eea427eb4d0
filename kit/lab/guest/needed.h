/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * needed: the shared libraries that a program of another architecture needs, looked up in a
 * sysroot, since the program's loader cannot run on this machine.
 */
#ifndef BPFTOLL_KIT_LAB_GUEST_NEEDED_H
#define BPFTOLL_KIT_LAB_GUEST_NEEDED_H

#include "calib/error.h"
#include "kit/lab/guest/libraries.h"

/*
 * All that DT_NEEDED names, and what those libraries need, below root. -ENOENT with the name of a
 * missing one.
 */
int needed_find(const char *program, const char *root, struct libraries *out, struct error *why);

#endif
