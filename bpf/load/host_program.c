/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "calib/error.h"
#include "bpf/load/host_program.h"
#include "bpf/programs/host_programs_munmap.skel.h"
#include "bpf/load/kernel_btf.h"
#include "bpf/load/probe.h"
#include "bpf/load/reason.h"

#define LOG_BYTES   (64 * 1024)
#define VALUE_BYTES 8
#define BATCH_MOST  4096
/* Words of the context: the registers' address (not given here), the syscall's number. */
#define TEST_RUN_CTX 2

struct host_program {
	int kind;
	struct probe *stub;  /* for a hook */
	int carried_fd;	     /* the map that the stub tail-calls into */
	bool cleared;	     /* that map holds nothing, for hits to be counted */
	uint64_t lost;	     /* fell through before it was cleared */
	uint64_t counted;    /* fell through while it was, every time */
	union bpf_attr test; /* for BPF_PROG_TEST_RUN */
	uint64_t test_ctx[TEST_RUN_CTX];
};

const char *host_program_name(int host_program)
{
	return host_program == HOST_PROGRAM_TEST_RUN ? "test_run"
						     : hook_name((enum hook)host_program);
}

bool host_program_find(const char *name, int *host_program)
{
	for (int i = 0; i < HOST_PROGRAM_COUNT; i++)
		if (!strcmp(host_program_name(i), name)) {
			*host_program = i;
			return true;
		}
	return false;
}

static int open_stub(struct host_program *host_program, struct error *why)
{
	const unsigned int carried_for = (unsigned int)getpid();
	struct probe_request request = {
		.hook = (enum hook)host_program->kind,
		.name = host_program_name(host_program->kind),
		.object_name = "host_program",
		.constants = &carried_for,
		.constants_bytes = sizeof(carried_for),
	};
	int err;

	request.elf = host_programs_munmap__elf_bytes(&request.elf_bytes);
	err = probe_load(&request, &host_program->stub, why);
	if (!err)
		host_program->carried_fd = probe_map_fd(host_program->stub, "carried");
	return err;
}

int host_program_open(int kind, struct host_program **out, struct error *why)
{
	struct host_program *host_program = calloc(1, sizeof(*host_program));
	int err = 0;

	if (!host_program)
		return -ENOMEM;
	host_program->kind = kind;
	if (kind == HOST_PROGRAM_TEST_RUN) {
		host_program->test_ctx[1] = (uint64_t)probe_target_nr(TARGET_MUNMAP);
		host_program->test.test.ctx_in = (uint64_t)(uintptr_t)host_program->test_ctx;
		host_program->test.test.ctx_size_in = sizeof(host_program->test_ctx);
		host_program->test.test.prog_fd = (unsigned int)-1;
	} else {
		err = open_stub(host_program, why);
	}
	if (err)
		host_program_close(host_program);
	else
		*out = host_program;
	return err;
}

void host_program_close(struct host_program *host_program)
{
	if (!host_program)
		return;
	probe_close(host_program->stub);
	free(host_program);
}

int host_program_attach(struct host_program *host_program, struct error *why)
{
	return host_program->stub ? probe_attach(host_program->stub, why) : 0;
}

void host_program_detach(struct host_program *host_program)
{
	if (host_program->stub)
		probe_detach(host_program->stub);
	else
		host_program->test.test.prog_fd = (unsigned int)-1;
}

int host_program_load(struct host_program *host_program, const struct code *code, struct error *why)
{
	static char log[LOG_BYTES];
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = sizeof(log));
	const struct bpf_program *stub =
		host_program->stub ? probe_attachment(host_program->stub)->program : NULL;
	enum hook hook = stub ? (enum hook)host_program->kind : HOOK_RAW_TP;
	enum bpf_prog_type type = stub ? bpf_program__type(stub) : BPF_PROG_TYPE_RAW_TRACEPOINT;
	int fd, err = 0;

	*log = '\0';
	reason_clear();
	if (stub)
		opts.expected_attach_type = bpf_program__expected_attach_type(stub);
	if (type == BPF_PROG_TYPE_TRACING)
		err = kernel_btf_target(stub, opts.expected_attach_type, &opts);
	/* a name that is clear in the kernel's list of programs */
	fd = err ? err
		 : bpf_prog_load(type, "repeated", "Dual BSD/GPL", code->insns, code->n, &opts);
	if (fd < 0)
		reason_explain(attach_needs(hook), fd, log, why);
	return fd;
}

int host_program_select(struct host_program *host_program, int prog_fd)
{
	unsigned int first = 0;

	if (!host_program->stub) {
		host_program->test.test.prog_fd = (unsigned int)prog_fd;
		return 0;
	}
	if (bpf_map_update_elem(host_program->carried_fd, &first, &prog_fd, BPF_ANY))
		return -errno;
	if (host_program->cleared)
		host_program->counted +=
			host_program_fell_through(host_program) - host_program->lost;
	host_program->cleared = false;
	return 0;
}

int host_program_clear(struct host_program *host_program)
{
	unsigned int first = 0;

	if (!host_program->stub)
		return -EPERM;
	if (bpf_map_delete_elem(host_program->carried_fd, &first))
		return -errno;
	host_program->lost = host_program_fell_through(host_program);
	host_program->cleared = true;
	return 0;
}

int host_program_hits(const struct host_program *host_program, uint64_t *runs, uint64_t *missed)
{
	struct program_runs all = {0};
	int err;

	if (host_program->stub) {
		err = probe_hits(host_program->stub, runs, missed);
		if (host_program->cleared)
			*runs = host_program_fell_through(host_program);
		return err;
	}
	err = program_runs((int)host_program->test.test.prog_fd, &all);
	*runs = all.runs;
	*missed = all.missed;
	return err;
}

uint64_t host_program_fell_through(const struct host_program *host_program)
{
	return host_program->stub ? *(const volatile uint64_t *)probe_globals(host_program->stub) -
					    host_program->counted
				  : 0;
}

void *host_program_test_run(struct host_program *host_program)
{
	return host_program->stub ? NULL : &host_program->test;
}

static int fill(int fd, unsigned int entries, size_t value_bytes)
{
	unsigned int *keys = calloc(BATCH_MOST, sizeof(*keys));
	char *values = calloc(BATCH_MOST, value_bytes);
	int err = keys && values ? 0 : -ENOMEM;

	for (unsigned int at = 0; at < entries && !err;) {
		unsigned int n = entries - at < BATCH_MOST ? entries - at : BATCH_MOST;

		for (unsigned int i = 0; i < n; i++)
			keys[i] = at + i;
		if (bpf_map_update_batch(fd, keys, values, &n, NULL))
			err = -errno;
		at += n;
	}
	free(keys);
	free(values);
	return err;
}

int host_program_map(int type, unsigned int entries, struct error *why)
{
	bool percpu = type == BPF_MAP_TYPE_PERCPU_HASH;
	int cpus = libbpf_num_possible_cpus(), err;
	int fd = bpf_map_create((enum bpf_map_type)type, "looked_up", sizeof(unsigned int),
				VALUE_BYTES, entries, NULL);

	if (fd < 0)
		return error_set(why, -errno,
				 "the kernel refuses a map of type %d with %u entries: %s", type,
				 entries, strerror(errno));
	/* an array map always holds all of its keys */
	err = type == BPF_MAP_TYPE_ARRAY
		      ? 0
		      : fill(fd, entries, percpu && cpus > 0 ? (size_t)cpus * 8 : VALUE_BYTES);
	if (err) {
		error_say(why, "a map of %u entries cannot be filled: %s", entries, strerror(-err));
		close(fd);
		return err;
	}
	return fd;
}
