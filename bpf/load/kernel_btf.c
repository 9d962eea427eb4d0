/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/load/kernel_btf.h"
#include "bpf/load/reason.h"

/* Two functions and one tracepoint. */
#define NAMES_MOST 8

static struct {
	char name[80];
	int id;
} known[NAMES_MOST];
static size_t n_known;

static int look_up(const char *name, unsigned int kind)
{
	struct btf *btf;
	int id;

	for (size_t i = 0; i < n_known; i++)
		if (!strcmp(known[i].name, name))
			return known[i].id;
	btf = btf__load_vmlinux_btf();
	if (!btf)
		return -errno;
	id = btf__find_by_name_kind(btf, name, kind);
	btf__free(btf);
	if (n_known < NAMES_MOST) {
		snprintf(known[n_known].name, sizeof(known[0].name), "%s", name);
		known[n_known++].id = id;
	}
	return id;
}

int kernel_btf_target(const struct bpf_program *program, enum bpf_attach_type type,
		      struct bpf_prog_load_opts *opts)
{
	const char *section = bpf_program__section_name(program);
	const char *target = strchr(section, '/');
	char name[80];
	int id;

	if (!target)
		return -EINVAL;
	snprintf(name, sizeof(name), "%s%s", type == BPF_TRACE_RAW_TP ? "btf_trace_" : "",
		 target + 1);
	id = look_up(name, type == BPF_TRACE_RAW_TP ? BTF_KIND_TYPEDEF : BTF_KIND_FUNC);
	if (id < 0) {
		reason_note("%s %s",
			    id == -ENOENT ? "the kernel's BTF does not know"
					  : "the kernel's BTF cannot be read, looking for",
			    name);
		return id;
	}
	opts->attach_btf_id = (unsigned int)id;
	opts->expected_attach_type = type;
	return 0;
}

/*
 * libbpf calls this when the program has been relocated and is about to be loaded; only here is it
 * made a tracing program.
 */
static int prepare(struct bpf_program *program, struct bpf_prog_load_opts *opts, long cookie)
{
	int err = kernel_btf_target(program, (enum bpf_attach_type)cookie, opts);

	if (err)
		return err;
	bpf_program__set_expected_attach_type(program, (enum bpf_attach_type)cookie);
	return bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
}

int kernel_btf_take_over(void)
{
	static const struct {
		const char *section;
		enum bpf_attach_type type;
	} kinds[] = {
		{"tp_btf+", BPF_TRACE_RAW_TP},
		{"fentry+", BPF_TRACE_FENTRY},
		{"fexit+", BPF_TRACE_FEXIT},
	};
	static bool done;

	for (size_t i = 0; !done && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = prepare,
			    .cookie = kinds[i].type);
		/* a type for which libbpf does not parse the kernel's BTF before it calls us */
		int err = libbpf_register_prog_handler(kinds[i].section, BPF_PROG_TYPE_KPROBE, 0,
						       &opts);

		if (err < 0)
			return err;
	}
	done = true;
	return 0;
}
