/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host_program: runs programs on munmap without attaching each of them. A host program is an
 * attached stub that tail-calls the selected program, or BPF_PROG_TEST_RUN. The jump and the stub's
 * filter cost the same whatever program is selected.
 *
 * host_program_open -> host_program_load (once for each program made for this host program) … ->
 * host_program_attach -> host_program_select, [calls], … -> host_program_detach ->
 * host_program_close.
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

/*
 * Loads the stub, which acts on calls of this process only. 0 or -errno, why in words a person can
 * act on.
 */
int host_program_open(int kind, struct host_program **out, struct error *why);
void host_program_close(struct host_program *host_program);

int host_program_attach(struct host_program *host_program, struct error *why);
void host_program_detach(struct host_program *host_program);

/*
 * Loads a program. code must have been generated for this kind of host program. Its fd, or -errno
 * with the verifier's reason.
 */
int host_program_load(struct host_program *host_program, const struct code *code,
		      struct error *why);

/* Selects the program that the next hit runs. 0 or -errno. */
int host_program_select(struct host_program *host_program, int prog_fd);

/*
 * Runs of the stub (or of BPF_PROG_TEST_RUN's program) while counting was on, and hits that the
 * kernel skipped; both by pointer. 0 or -errno.
 * host_program_fell_through: hits for which no program was selected.
 * host_program_clear: where the kernel counts for nobody here (probe_count_hits: -EPERM), selects
 * no program until the next host_program_select; runs are then what falls through, which the stub
 * counts. 0 or -errno; -EPERM for BPF_PROG_TEST_RUN, which has no stub.
 */
int host_program_clear(struct host_program *host_program);
int host_program_hits(const struct host_program *host_program, uint64_t *runs, uint64_t *missed);
uint64_t host_program_fell_through(const struct host_program *host_program);

/*
 * The argument for BPF_PROG_TEST_RUN with the selected program, sizeof(union bpf_attr) bytes; NULL
 * for a host program on a hook.
 */
void *host_program_test_run(struct host_program *host_program);

/*
 * Makes a full map of that type with `entries` 4-byte keys and 8-byte values. Its fd, or -errno
 * with the reason.
 */
int host_program_map(int type, unsigned int entries, struct error *why);

#endif
