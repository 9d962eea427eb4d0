/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kernel_btf: looks up what fentry, fexit and tp_btf programs attach to in the kernel's BTF, once
 * for the whole process.
 *
 * libbpf would parse all of the kernel's BTF again for every object with such a program: 11 ms on a
 * server, 0.7 s in a guest under emulation, a hundred times a run.
 */
#ifndef BPFTOLL_BPF_LOAD_KERNEL_BTF_H
#define BPFTOLL_BPF_LOAD_KERNEL_BTF_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/*
 * Takes over libbpf's loading of those three kinds of section; may be called again. 0 or -errno. A
 * kernel without BTF or without the name fails at load (-ENOENT, with libbpf's usual warning).
 */
int kernel_btf_take_over(void);

/*
 * Fills in the attach target from the section's name, for a program that is loaded again without
 * libbpf. 0 or -errno.
 */
int kernel_btf_target(const struct bpf_program *program, enum bpf_attach_type type,
		      struct bpf_prog_load_opts *opts);

#endif
