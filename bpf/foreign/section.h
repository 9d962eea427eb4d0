/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * section: where a foreign program is to be attached, from the name of its section: "tp/syscalls/
 * sys_enter_openat", "kprobe/vfs_read+8", "uprobe//bin/bash:readline", as libbpf reads it.
 *
 * section_parse. Pure.
 */
#ifndef BPFTOLL_BPF_FOREIGN_SECTION_H
#define BPFTOLL_BPF_FOREIGN_SECTION_H

#include <stdbool.h>

#include "calib/error.h"
#include "bpf/load/variant.h"

enum section_kind {
	SECTION_KPROBE,
	SECTION_KRETPROBE,
	SECTION_KSYSCALL,
	SECTION_KRETSYSCALL,
	SECTION_KPROBE_MULTI,
	SECTION_KRETPROBE_MULTI,
	SECTION_TRACEPOINT,
	SECTION_RAW_TP,
	SECTION_TP_BTF,
	SECTION_FENTRY,
	SECTION_FEXIT,
	SECTION_FMOD_RET,
	SECTION_LSM,
	SECTION_UPROBE,
	SECTION_URETPROBE,
	SECTION_USDT,
	SECTION_OTHER /* cannot be measured here: see why_not */
};

/* Programs of one family are given the same context, and may be attached to each other's places. */
enum section_family { FAMILY_REGISTERS, FAMILY_RECORD, FAMILY_RAW, FAMILY_TYPED, FAMILY_FUNCTION };

struct section {
	enum section_kind kind;
	char target[192];    /* what follows the first slash; empty: the section does not say */
	const char *why_not; /* SECTION_OTHER: in words */
};

/* The section's name is read up to its end; what is longer than target is refused as SECTION_OTHER.
 */
void section_parse(const char *section, struct section *out);

/* "kprobe", "tracepoint", …; "other". */
const char *section_word(enum section_kind kind);

/* The hook of our own whose dispatch is nearest: baselines are shared by hook. */
enum hook section_hook(enum section_kind kind);
enum section_family section_family(enum section_kind kind);

/* Is it attached to kernel functions, whose code is patched? */
bool section_patches(enum section_kind kind);

/* Is it attached to code of user space? */
bool section_is_user(enum section_kind kind);

/* The kernel options it needs, first those that are missing most often; ends with NULL. */
const char *const *section_needs(enum section_kind kind);

/*
 * The syscall that the place belongs to, "openat", or false: of sys_enter_, sys_exit_, ksyscall/,
 * and the kernel's stubs __x64_sys_ and the like.
 */
bool section_syscall(const struct section *place, char *out, size_t len);

#endif
