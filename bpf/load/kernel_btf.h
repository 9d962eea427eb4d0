/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kernel_btf: what fentry, fexit and tp_btf programs attach to, looked up in the kernel's BTF once
 * a process.
 *
 * libbpf would parse the whole of it again for every object that holds such a program: 11 ms here,
 * 0.7 s in a guest under emulation, a hundred times a run.
 */
#ifndef BPFTOLL_BPF_LOAD_KERNEL_BTF_H
#define BPFTOLL_BPF_LOAD_KERNEL_BTF_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/*
 * Takes over libbpf's loading of those three kinds of section. Once is enough, more often is
 * harmless. 0 or -errno; a kernel without BTF or without the name is an error of the load itself
 * (-ENOENT, with libbpf's usual warning).
 */
int kernel_btf_take_over(void);

/* Fills in what such a program attaches to, from its section's name, for a load that libbpf does
 * not do. 0 or -errno. */
int kernel_btf_target(const struct bpf_program *program, enum bpf_attach_type type,
		      struct bpf_prog_load_opts *opts);

#endif
