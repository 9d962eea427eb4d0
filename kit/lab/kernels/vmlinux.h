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

/*
 * Unpacks bzimage into the file `to`, which exists afterwards only if it is whole. If not 0 (no
 * unpacker in PATH, an unknown format, a kernel without PVH entry, no space), boot the bzImage
 * itself, with the same result.
 */
int vmlinux_unpack(const char *bzimage, const char *to);

#endif
