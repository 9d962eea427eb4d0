/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vmlinux: unpacks the kernel inside a bzImage on the host. The guest would unpack it under
 * emulation, which takes 4 s for zstd.
 *
 * Sources: the kernel's Documentation/arch/x86/boot.rst (payload_offset), arch/x86/platform/pvh
 * (the entry at which QEMU starts an ELF kernel).
 */
#ifndef BPFTOLL_KIT_LAB_KERNELS_VMLINUX_H
#define BPFTOLL_KIT_LAB_KERNELS_VMLINUX_H

#include <stdint.h>

#include "calib/error.h"
#include "kit/system/file.h"

/*
 * Unpacks bzimage into the file `to`, which exists afterwards only if it is whole. -EBADMSG: the
 * unpacker refused, in whose words why says so; the kernel would not boot. If not 0 for another
 * reason (no unpacker in PATH, an unknown format, a kernel without PVH entry, no space), boot the
 * bzImage itself, with the same result.
 */
int vmlinux_unpack(const char *bzimage, const char *to, struct error *why);

/* Pure parts, for tests. */

/* Finds the packed kernel in the image, and how long it is unpacked. */
int vmlinux_payload(const struct file_bytes *image, struct file_bytes *payload, uint32_t *size);
/* Is it whole, an ELF kernel for x86_64, and one that QEMU can start? */
int vmlinux_check(const struct file_bytes *elf, uint32_t size);

#endif
