/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * helper: the table of helpers that the suite "helpers" prices, and the generator of programs that
 * call one of them a given number of times.
 *
 * A new helper is one row in helper.c: name, sizes, and the instructions of one repetition.
 * Repetitions follow each other without branches. What a program needs only once (saving the
 * context, setting a register) comes before them, and is in the program with zero repetitions too,
 * so that it cancels in the difference.
 */
#ifndef BPFTOLL_BPF_LOAD_HELPER_H
#define BPFTOLL_BPF_LOAD_HELPER_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/load/code.h"
#include "bpf/load/variant.h"

/* What runs a program: an attached hook, or BPF_PROG_TEST_RUN, which needs nothing attached. */
#define HOST_PROGRAM_TEST_RUN HOOK_COUNT
#define HOST_PROGRAM_COUNT    (HOOK_COUNT + 1)

#define HELPER_SIZES_MOST 4

/* One program to generate. */
struct repeat {
	unsigned int size;  /* entries or bytes; 0: the helper has no size */
	unsigned int times; /* 0: everything except the helper */
	int host_program;   /* enum hook, or HOST_PROGRAM_TEST_RUN */
	int map_fd;	    /* map to look up in, or buffer to send to */
	int counts_fd;	    /* map of struct send_counts, for programs that send */
	enum ring_wake wake;
	uint32_t key; /* key to look up */
	int call;     /* the row's BPF helper, set by helper_code */
};

struct helper {
	const char *name, *summary;
	/*
	 * emits the instructions of one repetition; call: the BPF helper to call, where several
	 * rows share one function
	 */
	void (*emit)(struct code *code, const struct repeat *r);
	int call;
	unsigned int sizes[HELPER_SIZES_MOST]; /* bytes or entries; {0}: the helper has no size */
	enum output output;		       /* buffer that it sends to; OUTPUT_NONE: none */
	int map_type;			       /* type of the map to look up in; 0: none */
	int missing;			       /* look up a key that is not in the map */
	int discards;			       /* reserves room and discards it: no event arrives */
};

extern const struct helper helpers[];
extern const size_t helpers_count;

/* Read and written by the programs that send. records: what the ..._output helpers copy from. */
#define SEND_SIZES 4
extern const unsigned int send_sizes[SEND_SIZES];
struct send_counts {
	uint64_t dropped, sent; /* sent: kept only for one wakeup in N events */
	uint64_t unused[6];	/* the records start on a cache line of their own */
	uint64_t records[SEND_SIZES][64];
};

/* The first word of an event that the helper of this size sends. */
#define SEND_MARK	   0x70110000
#define SEND_MARKED(bytes) (SEND_MARK + (bytes))

/* Index of the record of that size in send_counts; -1: none. */
int helper_record(unsigned int bytes);

/* Why the helper cannot be priced on that host program, whatever the kernel; NULL: it can. */
const char *helper_refused(const struct helper *helper, int host_program);

/* The size in words: "1024 entries", "40 bytes"; "-" without one. */
void helper_size_text(const struct helper *helper, unsigned int size, char *text, size_t len);

/* Generates the whole program. */
void helper_code(const struct helper *helper, const struct repeat *r, struct code *code);

#endif
