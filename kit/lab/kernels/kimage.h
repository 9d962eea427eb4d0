/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kimage: checks that a file is a kernel of one architecture, and reads its release. */
#ifndef BPFTOLL_KIT_LAB_KERNELS_KIMAGE_H
#define BPFTOLL_KIT_LAB_KERNELS_KIMAGE_H

#include <stddef.h>

#include "calib/error.h"
#include "kit/lab/guest/machine.h"

struct kimage {
	char release[128]; /* "6.1.0-55-cloud-amd64", as uname -r will print */
};

/*
 * 0, or -EINVAL with the fault in why, which names the architecture of a kernel of another one.
 * Messages begin with the path.
 */
int kimage_read(const char *path, const struct machine *machine, struct kimage *out,
		struct error *why);

/*
 * The pure part for aarch64: a whole Image, as in the kernel's Documentation/arch/arm64/booting.rst
 * (its release is somewhere in its data).
 */
int kimage_parse_arm64(const unsigned char *data, size_t len, struct kimage *out,
		       struct error *why);

#endif
