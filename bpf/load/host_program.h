/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host_program: runs programs on munmap one after the other without attaching each: a hook with a
 * stub that jumps into the one selected, or BPF_PROG_TEST_RUN.
 *
 * host_program_open -> host_program_load (a program: code that this host program can run) … ->
 * host_program_attach -> host_program_select, [calls], … -> host_program_detach ->
 * host_program_close. The jump and the stub's filter cost the same whatever is selected.
 */
#ifndef BPFTOLL_BPF_LOAD_HOST_PROGRAM_H
#define BPFTOLL_BPF_LOAD_HOST_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "bpf/load/helper.h"

struct host_program;

const char *host_program_name(int host_program); /* "kprobe", …, "test_run" */
bool host_program_find(const char *name, int *host_program);

/* Loads the stub, for calls of this process. 0 or -errno, why in words a person can act on. */
int host_program_open(int kind, struct host_program **out, struct error *why);
void host_program_close(struct host_program *host_program);

int host_program_attach(struct host_program *host_program, struct error *why);
void host_program_detach(struct host_program *host_program);

/* An fd, or -errno with the verifier's reason. code must have been made for this kind of host
 * program. */
int host_program_load(struct host_program *host_program, const struct code *code,
		      struct error *why);

/* What the next hit runs. 0 or -errno. */
int host_program_select(struct host_program *host_program, int prog_fd);

/* Runs of the host program itself while counting was on, and hits that ran nothing since it was
 * opened. 0 or -errno. */
int host_program_hits(const struct host_program *host_program, uint64_t *runs, uint64_t *missed);
uint64_t host_program_fell_through(const struct host_program *host_program);

/* BPF_PROG_TEST_RUN's argument for the program selected, sizeof(union bpf_attr) bytes; NULL: it is
 * a hook. */
void *host_program_test_run(struct host_program *host_program);

/* A map of that type with 4-byte keys, entries of them, 8-byte values, full. An fd, or -errno with
 * the reason. */
int host_program_map(int type, unsigned int entries, struct error *why);

#endif
