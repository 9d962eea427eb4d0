/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * place: where a foreign program is to be attached, from the name of its section: "tp/syscalls/
 * sys_enter_openat", "kprobe/vfs_read+8", "uprobe//bin/bash:readline", as libbpf reads it.
 *
 * place_parse. Pure.
 */
#ifndef BPFTOLL_BPF_FOREIGN_PLACE_H
#define BPFTOLL_BPF_FOREIGN_PLACE_H

#include <stdbool.h>

#include "calib/error.h"
#include "bpf/load/variant.h"

enum place_kind {
	PLACE_KPROBE,
	PLACE_KRETPROBE,
	PLACE_KSYSCALL,
	PLACE_KRETSYSCALL,
	PLACE_KPROBE_MULTI,
	PLACE_KRETPROBE_MULTI,
	PLACE_TRACEPOINT,
	PLACE_RAW_TP,
	PLACE_TP_BTF,
	PLACE_FENTRY,
	PLACE_FEXIT,
	PLACE_FMOD_RET,
	PLACE_LSM,
	PLACE_UPROBE,
	PLACE_URETPROBE,
	PLACE_USDT,
	PLACE_OTHER /* cannot be measured here: see why_not */
};

/* Programs of one family are given the same context, and may be attached to each other's places. */
enum place_family { FAMILY_REGISTERS, FAMILY_RECORD, FAMILY_RAW, FAMILY_TYPED, FAMILY_FUNCTION };

struct place {
	enum place_kind kind;
	char target[192];    /* what follows the first slash; empty: the section does not say */
	const char *why_not; /* PLACE_OTHER: in words */
};

/* The section's name is read up to its end; what is longer than target is refused as PLACE_OTHER. */
void place_parse(const char *section, struct place *out);

/* "kprobe", "tracepoint", …; "other". */
const char *place_word(enum place_kind kind);

/* The hook of our own whose dispatch is nearest: baselines are shared by hook. */
enum hook place_hook(enum place_kind kind);
enum place_family place_family(enum place_kind kind);

/* Is it attached to kernel functions, whose code is patched? */
bool place_patches(enum place_kind kind);

/* Is it attached to code of user space? */
bool place_is_user(enum place_kind kind);

/* The kernel options it needs, first those that are missing most often; ends with NULL. */
const char *const *place_needs(enum place_kind kind);

/*
 * The syscall that the place belongs to, "openat", or false: of sys_enter_, sys_exit_, ksyscall/,
 * and the kernel's stubs __x64_sys_ and the like.
 */
bool place_syscall(const struct place *place, char *out, size_t len);

#endif
