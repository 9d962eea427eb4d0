/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kimage: a file that should be a kernel of one architecture: is it, and which one does it say it
 * is?
 */
#ifndef BPFTOLL_KIT_LAB_KERNELS_KIMAGE_H
#define BPFTOLL_KIT_LAB_KERNELS_KIMAGE_H

#include <stddef.h>

#include "calib/error.h"
#include "kit/lab/guest/machine.h"

struct kimage {
	char release[128]; /* "6.1.0-55-cloud-amd64", what uname -r will say */
};

/* 0, or -EINVAL with what is wrong in why: a kernel of another architecture is named as such.
 * Messages begin with the path. */
int kimage_read(const char *path, const struct machine *machine, struct kimage *out,
		struct error *why);

/*
 * The pure part for aarch64: an Image, as the kernel's Documentation/arch/arm64/booting.rst has it,
 * whole (its release stands somewhere in its data).
 */
int kimage_parse_arm64(const unsigned char *data, size_t len, struct kimage *out,
		       struct error *why);

#endif
