/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * machine: the architectures that a guest can have, and all that the lab must know of each: how
 * QEMU is called, what Debian calls it, and how a gdb stub names its registers.
 */
#ifndef BPFTOLL_KIT_LAB_GUEST_MACHINE_H
#define BPFTOLL_KIT_LAB_GUEST_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"

/* An instruction: those bits of its first bytes that the mask keeps. */
struct machine_code {
	uint8_t mask[4], bytes[4];
};

struct machine {
	const char *arch;   /* uname -m */
	const char *debian; /* the architecture's name in Debian */
	const char *lists;  /* the folder of its package lists, below the cache */
	const char *specs;  /* the folder of what a user's words meant, likewise */
	unsigned int elf;   /* e_machine of its programs */

	const char *qemu, *qemu_package;
	const char *board, *cpu; /* -machine, and -cpu under TCG */
	const char *port_device; /* the port that results leave by, as a device; NULL: -serial */
	const char *port;	 /* what the guest calls it */
	const char *cmdline_tcg, *cmdline_kvm;

	const char *ask_pc, *ask_sp,
		*ask_link; /* requests of gdb's protocol; ask_link NULL: the stack holds it */
	struct machine_code window_begins, window_ends; /* the window's two clock reads */
};

/* By uname -m's name; NULL: there is no such guest. NULL for the name: this machine's own kind. */
const struct machine *machine_find(const char *arch);

/* "x86_64, aarch64" */
const char *machine_names(void);

/* Is it the architecture that runs this? */
bool machine_is_own(const struct machine *machine);

/*
 * The bpftoll that runs in such a guest: this program for its own kind (NULL is returned in *path's
 * place: an empty string), else bpftoll-ARCH beside it, or the one in build-ARCH. -ENOENT, and in
 * why how to build it.
 */
int machine_program(const struct machine *machine, char *path, size_t len, struct error *why);

#endif
