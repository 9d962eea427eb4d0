/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kernel: what the user calls a kernel -> an image that can be booted.
 *
 * The words are a version ("6.1", "6.12.107"), a release ("6.1.0-55-cloud-amd64") or the path of an
 * image; NULL is this machine's own kernel, else Debian's stable. Debian's are fetched once and
 * kept below the user's cache folder; what words once meant they mean again, until an update is
 * asked for.
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
	char release[128];     /* what uname -r will say */
	char package[128];     /* empty for a file of the user's */
	char version[64];      /* the package's */
};

/*
 * refresh: look for newer packages. 0, or with words for the user in why: -ENOENT (no such version;
 * the message lists those there are), -EINVAL (not a kernel), -ENOTSUP (no mirror), -EIO (no
 * network and not in the cache), …
 */
int kernel_resolve(const char *spec, const struct machine *machine, bool refresh,
		   struct kernel *out, struct error *why);

/* One line for every series that the suites have, for `bpftoll lab --list`. */
int kernel_list(const struct machine *machine, char *text, size_t len, bool refresh,
		struct error *why);

#endif
