/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * boot: a kernel and a command -> a guest that runs it.
 *
 * Fill in the first part, boot_build (the image, and the kernel unpacked where that starts sooner),
 * then boot_start, again with other options if need be. Both files are the caller's to remove.
 */
#ifndef BPFTOLL_KIT_LAB_BOOT_H
#define BPFTOLL_KIT_LAB_BOOT_H

#include "calib/error.h"
#include "kit/lab/guest/guest.h"
#include "kit/lab/kernels/kernel.h"

struct boot {
	const struct kernel *kernel;
	const char *program; /* NULL or empty: the running one */
	char *const *argv;   /* argv[0] is ignored */
	bool keep_output;    /* as in struct image_parts */
	char image[PATH_MAX + 32],
		vmlinux[PATH_MAX + 32]; /* vmlinux: empty, the kernel's own image boots */
};

/* The files' names begin with prefix. 0 or -errno, why. */
int boot_build(struct boot *boot, enum guest_accel accel, const char *prefix, struct error *why);

/* options without machine, kernel and image. 0 or -errno, why. */
int boot_start(const struct boot *boot, struct guest_options options, struct guest *guest,
	       struct error *why);

#endif
