/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/carrier.h"
#include "bpf/carriers_munmap.skel.h"
#include "bpf/kernel_btf.h"
#include "bpf/probe.h"
#include "bpf/reason.h"

#define LOG_BYTES    (64 * 1024)
#define VALUE_BYTES  8
#define BATCH_MOST   4096
#define TEST_RUN_CTX 2 /* words: the registers' address (none), the syscall's number */

struct carrier {
	int kind;
	struct probe *stub;  /* of a hook */
	int carried_fd;	     /* the map that the stub jumps into */
	union bpf_attr test; /* of test_run */
	uint64_t test_ctx[TEST_RUN_CTX];
};

const char *carrier_name(int carrier)
{
	return carrier == CARRIER_TEST_RUN ? "test_run" : hook_name((enum hook)carrier);
}

bool carrier_find(const char *name, int *carrier)
{
	for (int i = 0; i < CARRIER_COUNT; i++)
		if (!strcmp(carrier_name(i), name)) {
			*carrier = i;
			return true;
		}
	return false;
}

static int open_stub(struct carrier *carrier, char *why, size_t why_len)
{
	const unsigned int carried_for = (unsigned int)getpid();
	struct probe_request request = {
		.hook = (enum hook)carrier->kind,
		.name = carrier_name(carrier->kind),
		.object_name = "carrier",
		.constants = &carried_for,
		.constants_bytes = sizeof(carried_for),
	};
	int err;

	request.elf = carriers_munmap__elf_bytes(&request.elf_bytes);
	err = probe_load(&request, &carrier->stub, why, why_len);
	if (!err)
		carrier->carried_fd = probe_map_fd(carrier->stub, "carried");
	return err;
}

int carrier_open(int kind, struct carrier **out, char *why, size_t why_len)
{
	struct carrier *carrier = calloc(1, sizeof(*carrier));
	int err = 0;

	if (!carrier)
		return -ENOMEM;
	carrier->kind = kind;
	if (kind == CARRIER_TEST_RUN) {
		carrier->test_ctx[1] = (uint64_t)probe_target_nr(TARGET_MUNMAP);
		carrier->test.test.ctx_in = (uint64_t)(uintptr_t)carrier->test_ctx;
		carrier->test.test.ctx_size_in = sizeof(carrier->test_ctx);
		carrier->test.test.prog_fd = (unsigned int)-1;
	} else {
		err = open_stub(carrier, why, why_len);
	}
	if (err)
		carrier_close(carrier);
	else
		*out = carrier;
	return err;
}

void carrier_close(struct carrier *carrier)
{
	if (!carrier)
		return;
	probe_close(carrier->stub);
	free(carrier);
}

int carrier_attach(struct carrier *carrier, char *why, size_t why_len)
{
	return carrier->stub ? probe_attach(carrier->stub, why, why_len) : 0;
}

void carrier_detach(struct carrier *carrier)
{
	if (carrier->stub)
		probe_detach(carrier->stub);
	else
		carrier->test.test.prog_fd = (unsigned int)-1;
}

int carrier_load(struct carrier *carrier, const struct code *code, char *why, size_t why_len)
{
	static char log[LOG_BYTES];
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = sizeof(log));
	const struct bpf_program *stub =
		carrier->stub ? probe_attachment(carrier->stub)->program : NULL;
	enum hook hook = stub ? (enum hook)carrier->kind : HOOK_RAW_TP;
	enum bpf_prog_type type = stub ? bpf_program__type(stub) : BPF_PROG_TYPE_RAW_TRACEPOINT;
	int fd, err = 0;

	*log = '\0';
	reason_clear();
	if (stub)
		opts.expected_attach_type = bpf_program__expected_attach_type(stub);
	if (type == BPF_PROG_TYPE_TRACING)
		err = kernel_btf_target(stub, opts.expected_attach_type, &opts);
	/* "carried" would also name the map; the kernel's lists show these */
	fd = err ? err
		 : bpf_prog_load(type, "repeated", "Dual BSD/GPL", code->insns, code->n, &opts);
	if (fd < 0)
		reason_explain(attach_needs(hook), fd, log, why, why_len);
	return fd;
}

int carrier_select(struct carrier *carrier, int prog_fd)
{
	unsigned int first = 0;

	if (!carrier->stub) {
		carrier->test.test.prog_fd = (unsigned int)prog_fd;
		return 0;
	}
	return bpf_map_update_elem(carrier->carried_fd, &first, &prog_fd, BPF_ANY) ? -errno : 0;
}

int carrier_hits(const struct carrier *carrier, uint64_t *runs, uint64_t *missed)
{
	struct program_runs all;
	int err;

	if (carrier->stub)
		return probe_hits(carrier->stub, runs, missed);
	err = program_runs((int)carrier->test.test.prog_fd, &all);
	if (!err) {
		*runs = all.runs;
		*missed = all.missed;
	}
	return err;
}

uint64_t carrier_fell_through(const struct carrier *carrier)
{
	return carrier->stub ? *(const volatile uint64_t *)probe_globals(carrier->stub) : 0;
}

void *carrier_test_run(struct carrier *carrier)
{
	return carrier->stub ? NULL : &carrier->test;
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

int carrier_map(int type, unsigned int entries, char *why, size_t why_len)
{
	bool percpu = type == BPF_MAP_TYPE_PERCPU_HASH;
	int cpus = libbpf_num_possible_cpus(), err;
	int fd = bpf_map_create((enum bpf_map_type)type, "looked_up", sizeof(unsigned int),
				VALUE_BYTES, entries, NULL);

	if (fd < 0) {
		snprintf(why, why_len, "the kernel refuses a map of type %d with %u entries: %s",
			 type, entries, strerror(errno));
		return -errno;
	}
	/* an array is full from the start */
	err = type == BPF_MAP_TYPE_ARRAY
		      ? 0
		      : fill(fd, entries, percpu && cpus > 0 ? (size_t)cpus * 8 : VALUE_BYTES);
	if (err) {
		snprintf(why, why_len, "a map of %u entries cannot be filled: %s", entries,
			 strerror(-err));
		close(fd);
		return err;
	}
	return fd;
}
