/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * attach: one row a hook: how a loaded program is attached, and how the kernel then runs it.
 */
#ifndef BPFTOLL_BPF_LOAD_ATTACH_H
#define BPFTOLL_BPF_LOAD_ATTACH_H

#include <bpf/libbpf.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "bpf/load/variant.h"

struct attachment {
	enum hook hook;
	enum probe_target target;
	struct bpf_program *program;
	struct bpf_link *link;
	uint64_t address; /* of the target function, 0 unknown */
	size_t offset;	  /* of a kprobe past the entry, once found */
	char mechanism[32];
	unsigned char text[32]; /* code before the first attach */
	int have_text;
	int optimisation_was; /* what detach puts back, -1: nothing */
};

#define ATTACH_NEEDS_MOST 4 /* with the NULL */

/* Kernel options that the hook cannot do without, "CONFIG_KPROBES"; NULL behind the last. */
const char *const *attach_needs(enum hook hook);

/* Attaches and waits for the kernel's own state. 0 or -errno; the reason goes to why or is left
 * empty. */
int attach_link(struct attachment *at, struct error *why);

/* Detaches and waits until the function's code is what it was before the first attach. */
void attach_unlink(struct attachment *at);

/*
 * Hits that the kernel did not even hand to the program since it was attached (a kprobe's nmissed);
 * 0 for hooks that have no such thing. -EOPNOTSUPP: a kprobe on a kernel that does not tell
 * (before 6.7).
 */
int attach_missed(const struct attachment *at, uint64_t *missed);

/* The kernel's stub of the target syscall: "__x64_sys_munmap". */
const char *attach_symbol(enum probe_target target);

/* May a kprobe switch debug.kprobes-optimization while it is attached? Only when the user allowed
 * changes. */
void attach_allow_sysctl(bool allow);

#endif
