/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * boot: makes a guest from a kernel and a command, and starts it.
 *
 * Fill in the first part of struct boot; boot_build makes the image, unpacks the kernel where that
 * starts faster, and refuses one whose configuration lacks what a guest needs (-ENOTSUP); then
 * boot_start, again with other options if needed. The caller removes both files.
 */
#ifndef BPFTOLL_KIT_LAB_BOOT_H
#define BPFTOLL_KIT_LAB_BOOT_H

#include "calib/error.h"
#include "kit/lab/guest/guest.h"
#include "kit/lab/kernels/kernel.h"

struct boot {
	const struct kernel *kernel;
	const char *program; /* NULL or empty: the running program */
	char *const *argv;   /* argv[0] is ignored */
	const char *object;  /* as in struct image_parts */
	bool keep_output;    /* as in struct image_parts */
	char image[PATH_MAX + 32],
		vmlinux[PATH_MAX + 32]; /* vmlinux: empty if the kernel's own image is booted */
};

/* The names of the files it makes begin with prefix. 0 or -errno, why. */
int boot_build(struct boot *boot, enum guest_accel accel, const char *prefix, struct error *why);

/* options without machine, kernel and image. 0 or -errno, why. */
int boot_start(const struct boot *boot, struct guest_options options, struct guest *guest,
	       struct error *why);

#endif
