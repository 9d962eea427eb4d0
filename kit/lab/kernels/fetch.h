/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fetch: makes a folder with vmlinuz and config from one of Debian's kernel packages, completely or
 * not at all: in a temporary folder of the cache, which is then renamed.
 */
#ifndef BPFTOLL_KIT_LAB_KERNELS_FETCH_H
#define BPFTOLL_KIT_LAB_KERNELS_FETCH_H

#include "calib/error.h"
#include "kit/lab/kernels/apt.h"
#include "kit/lab/guest/machine.h"

/*
 * Downloads and unpacks into a temporary folder of the cache, checks the image, and only then moves
 * it to folder, which must not exist. 0 or -errno, why.
 */
int fetch_kernel(const struct apt *apt, const struct machine *machine,
		 const struct candidate *which, const char *cache, const char *folder,
		 struct error *why);

#endif
