/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bzimage: checks that a file is a bootable x86 kernel, and reads its release. Source: the kernel's
 * Documentation/arch/x86/boot.rst.
 */
#ifndef BPFTOLL_KIT_LAB_KERNELS_BZIMAGE_H
#define BPFTOLL_KIT_LAB_KERNELS_BZIMAGE_H

#include <stddef.h>

#include "calib/error.h"

struct bzimage {
	char release[128]; /* "6.1.0-55-cloud-amd64", as uname -r will print */
	char banner[256];  /* the whole line: builder, number, the distribution's version */
};

/* head: the file's len bytes. 0, or -EINVAL with the fault in why. */
int bzimage_parse(const unsigned char *head, size_t len, struct bzimage *out, struct error *why);

#endif
