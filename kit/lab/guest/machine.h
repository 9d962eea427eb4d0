/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * machine: the architectures that a guest can have, and what the lab must know about each: QEMU's
 * options, Debian's names, and the names of registers in a gdb stub.
 */
#ifndef BPFTOLL_KIT_LAB_GUEST_MACHINE_H
#define BPFTOLL_KIT_LAB_GUEST_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"

/* An instruction, identified by the bits of its first bytes that the mask keeps. */
struct machine_code {
	uint8_t mask[4], bytes[4];
};

struct machine {
	const char *arch;   /* as from uname -m */
	const char *debian; /* Debian's name of the architecture */
	const char *lists;  /* folder of its package lists, in the cache */
	const char *specs;  /* folder of the kernels that the user's words meant, in the cache */
	unsigned int elf;   /* e_machine of its programs */

	const char *qemu, *qemu_package;
	const char *board, *cpu; /* for -machine, and for -cpu under TCG */
	const char *port_device; /* the port by which results leave, as a device; NULL: -serial */
	const char *port;	 /* its name in the guest */
	const char *cmdline_tcg, *cmdline_kvm;

	const char *ask_pc, *ask_sp, *ask_link; /* requests of gdb's protocol; NULL: on the stack */
	struct machine_code window_begins,
		window_ends; /* the two clock reads of the timed region */
};

/* Finds a machine by uname -m's name; NULL: none. For NULL: this machine's own kind. */
const struct machine *machine_find(const char *arch);

/* The names: "x86_64, aarch64". */
const char *machine_names(void);

/* Is it the architecture of this machine? */
bool machine_is_own(const struct machine *machine);

/*
 * The bpftoll program for such a guest. For this machine's own kind *path is empty (this program);
 * else bpftoll-ARCH beside it, or the one in build-ARCH. -ENOENT, with how to build it in why.
 */
int machine_program(const struct machine *machine, char *path, size_t len, struct error *why);

#endif
