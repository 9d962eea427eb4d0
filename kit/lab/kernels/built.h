/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * built: was a kernel built so that the lab's guest can run in it? A guest that cannot may end in
 * silence; its configuration says why before it starts.
 *
 * The configuration is the file beside the image, else what the kernel holds of itself
 * (CONFIG_IKCONFIG: gzip between two marks, kernel/configs.c).
 */
#ifndef BPFTOLL_KIT_LAB_KERNELS_BUILT_H
#define BPFTOLL_KIT_LAB_KERNELS_BUILT_H

#include "calib/error.h"
#include "kit/system/file.h"
#include "kit/lab/kernels/kernel.h"

/*
 * unpacked: the kernel as it runs (an ELF file, an arm64 Image), or "". Makes the file `to` of the
 * configuration that such a kernel holds, where none is beside the image; "" in config: neither is
 * there, otherwise the file to be read. 0, or with why: -ENOTSUP (an option is missing), -ENOMEM, …
 */
int built_check(const struct kernel *kernel, const char *unpacked, const char *to,
		char config[PATH_MAX], struct error *why);

/* Pure parts, for tests. */

/* The configuration in a kernel's bytes, for free(); NULL: none is there, or it is damaged. */
char *built_held(const struct file_bytes *kernel);
/* Does this configuration's text have what the guest needs? source: where it is from. */
int built_suffices(const char *text, const struct machine *machine, const char *source,
		   struct error *why);

#endif
