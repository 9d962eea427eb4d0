/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vmlinux: the kernel inside a bzImage, unpacked on the host: the guest would do it under
 * emulation, 4 s for zstd.
 *
 * Sources: the kernel's Documentation/arch/x86/boot.rst (payload_offset), arch/x86/platform/pvh
 * (the entry that QEMU starts an ELF kernel at).
 */
#ifndef BPFTOLL_KIT_LAB_KERNELS_VMLINUX_H
#define BPFTOLL_KIT_LAB_KERNELS_VMLINUX_H

/*
 * Unpacks bzimage into the file `to` (created, left only if it is whole). Anything but 0 (no
 * unpacker in PATH, a format it doesn't know, a kernel without PVH entry, no space) means: boot the
 * bzImage itself, it comes to the same.
 */
int vmlinux_unpack(const char *bzimage, const char *to);

#endif
