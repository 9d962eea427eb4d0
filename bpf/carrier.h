/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * carrier: runs programs on munmap one after the other without attaching each: a hook with a stub that jumps into the
 * one selected, or BPF_PROG_TEST_RUN.
 *
 * carrier_open -> carrier_load (a program: code that this carrier can run) … -> carrier_attach -> carrier_select,
 * [calls], … -> carrier_detach -> carrier_close. The jump and the stub's filter cost the same whatever is selected.
 */
#ifndef BPFTOLL_CARRIER_H
#define BPFTOLL_CARRIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/helper.h"

struct carrier;

const char *carrier_name(int carrier); /* "kprobe", …, "test_run" */
bool carrier_find(const char *name, int *carrier);

/* Loads the stub, for calls of this process. 0 or -errno, why in words a person can act on. */
int carrier_open(int kind, struct carrier **out, char *why, size_t why_len);
void carrier_close(struct carrier *carrier);

int carrier_attach(struct carrier *carrier, char *why, size_t why_len);
void carrier_detach(struct carrier *carrier);

/* An fd, or -errno with the verifier's reason. code must have been made for this kind of carrier. */
int carrier_load(struct carrier *carrier, const struct code *code, char *why, size_t why_len);

/* What the next hit runs. 0 or -errno. */
int carrier_select(struct carrier *carrier, int prog_fd);

/* Runs of the carrier itself while counting was on, and hits that ran nothing since it was opened. 0 or -errno. */
int carrier_hits(const struct carrier *carrier, uint64_t *runs, uint64_t *missed);
uint64_t carrier_fell_through(const struct carrier *carrier);

/* BPF_PROG_TEST_RUN's argument for the program selected, sizeof(union bpf_attr) bytes; NULL: it is a hook. */
void *carrier_test_run(struct carrier *carrier);

/* A map of that type with 4-byte keys, entries of them, 8-byte values, full. An fd, or -errno with the reason. */
int carrier_map(int type, unsigned int entries, char *why, size_t why_len);

#endif
