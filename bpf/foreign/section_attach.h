/* SPDX-License-Identifier: GPL-3.0-or-later */
/* section_attach: attaches a loaded program to a place. */
#ifndef BPFTOLL_BPF_FOREIGN_SECTION_ATTACH_H
#define BPFTOLL_BPF_FOREIGN_SECTION_ATTACH_H

#include <bpf/libbpf.h>

#include "calib/error.h"
#include "bpf/foreign/section.h"

/* The link, or NULL with errno, and with why where libbpf's own words would say less. */
struct bpf_link *section_attach(struct bpf_program *program, const struct section *place,
				struct error *why);

/* What the kernel runs it by: "perf tracepoint", "trampoline", …. */
const char *section_mechanism(enum section_kind kind);

#endif
