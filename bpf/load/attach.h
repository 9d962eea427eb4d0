/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * attach: how a loaded program is attached to each hook, how the kernel then runs it, and how it is
 * detached. One row for each hook (attach.c).
 *
 * Fill in hook, target and program of a struct attachment -> attach_link -> attach_missed ->
 * attach_unlink; link and unlink may be repeated.
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
	uint64_t address; /* of the target function; 0: unknown */
	size_t offset;	  /* of a kprobe past the entry; 0: not found yet */
	char mechanism[32];
	unsigned char text[32]; /* code before the first attach */
	int have_text;
	int optimisation_was; /* value that detach puts back; -1: nothing to put back */
};

#define ATTACH_NEEDS_MOST 5 /* including the NULL at the end */

/* The kernel options that the hook needs, such as "CONFIG_KPROBES"; ends with NULL. */
const char *const *attach_needs(enum hook hook);

/*
 * Attaches and waits until the kernel has done so. 0 or -errno, with the reason in why where it is
 * known.
 */
int attach_link(struct attachment *at, struct error *why);

/* Detaches and waits until the function's code is what it was before the first attach. */
void attach_unlink(struct attachment *at);

/*
 * Hits for which the kernel did not run the program since it was attached (a kprobe's nmissed); 0
 * for hooks that cannot miss. -EOPNOTSUPP: a kprobe on a kernel before 6.7, which does not report
 * it.
 */
int attach_missed(const struct attachment *at, uint64_t *missed);

/* The kernel's stub of the target syscall: "__x64_sys_munmap". */
const char *attach_symbol(enum probe_target target);

/*
 * Lets a kprobe switch debug.kprobes-optimization while it is attached. Only for when the user
 * allowed changes to the system.
 */
void attach_allow_sysctl(bool allow);

#endif
