/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kernel: finds the bootable image for what the user calls a kernel.
 *
 * The words are a version ("6.1", "6.12.107"), a release ("6.1.0-55-cloud-amd64") or the path of an
 * image; NULL is this machine's own kernel, else Debian's stable one. Debian's kernels are fetched
 * once and kept in the user's cache folder. The same words mean the same kernel until the user asks
 * for an update.
 */
#ifndef BPFTOLL_KIT_LAB_KERNELS_KERNEL_H
#define BPFTOLL_KIT_LAB_KERNELS_KERNEL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "kit/lab/guest/machine.h"

struct kernel {
	const struct machine *machine;
	char image[PATH_MAX];
	char config[PATH_MAX]; /* its build configuration; empty: unknown */
	char release[128];     /* as uname -r will print */
	char package[128];     /* empty for the user's own file */
	char version[64];      /* the package's version */
};

/*
 * refresh: look for newer packages. 0, or with words for the user in why: -ENOENT (no such version;
 * why lists those there are), -EINVAL (not a kernel), -ENOTSUP (no mirror), -EIO (no network and
 * not in the cache), …
 */
int kernel_resolve(const char *spec, const struct machine *machine, bool refresh,
		   struct kernel *out, struct error *why);

/* Prints one line for each version series in the suites, for `bpftoll lab --list`. */
int kernel_list(const struct machine *machine, char *text, size_t len, bool refresh,
		struct error *why);

#endif
