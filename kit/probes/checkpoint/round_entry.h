/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * round_entry: the parts of the file that round_log.h describes. Each entry is a round_entry and
 * its bytes, packed by zlib: the head's (round_head, page, experiments, configurations, counters,
 * and of programs of others round_bundle, its programs and hooks), then those of rounds
 * (round_told, experiment, its configurations, row, neighbour readings, counts).
 */
#ifndef BPFTOLL_KIT_PROBES_ROUND_ENTRY_H
#define BPFTOLL_KIT_PROBES_ROUND_ENTRY_H

#include <stdint.h>

#include "kit/probes/worker_page.h"

#define ROUND_ENTRY_MAGIC 0x31676c72U /* "rlg1" */
#define ROUND_ENTRY_MOST  (64U << 20) /* bytes, unpacked */

struct round_entry {
	uint32_t magic, crc; /* of the unpacked bytes */
	uint64_t packed, bytes;
};

struct round_counter {
	char name[64], event[96], reason[160];
};

/* What results need to know of programs of others (bpf/foreign/foreign_bundle.h): no code. */
struct round_bundle {
	uint32_t programs, hooks;
};

struct round_program {
	char program[128], section[256];
	uint8_t together, tool;
};

/* Who wrote it: structures are read back as they are. */
struct round_build {
	char version[16], commit[64];
	uint32_t page, experiment, config, row, variants, workloads;
};

/* Of a record before the rounds: they are not made of them. */
struct round_log_before {
	size_t results, conditions;
};

struct round_head {
	struct round_build build;
	struct round_log_before before;
};

struct round_told {
	uint32_t worker, experiment;
};

/* This build, as it is written and asked for. */
struct round_build round_build_here(void);

#endif
