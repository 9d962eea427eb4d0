/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * helper: the list of what the suite "helpers" prices, and the programs that do it so many times.
 *
 * A new one is one row in helper.c: its name, its sizes and the instructions of one repetition.
 * Each repetition is the same instructions, straight on; what a program needs once (its context
 * kept, a register set) stands before them, in the program of none as well.
 */
#ifndef BPFTOLL_BPF_LOAD_HELPER_H
#define BPFTOLL_BPF_LOAD_HELPER_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/load/code.h"
#include "bpf/load/variant.h"

/*
 * What runs a program: an attached hook, or the kernel's BPF_PROG_TEST_RUN, which attaches nothing.
 */
#define HOST_PROGRAM_TEST_RUN HOOK_COUNT
#define HOST_PROGRAM_COUNT    (HOOK_COUNT + 1)

#define HELPER_SIZES_MOST 4

/* One program of a helper. */
struct repeat {
	unsigned int size;  /* entries or bytes, 0: the helper has none */
	unsigned int times; /* 0: all but the helper */
	int host_program;   /* enum hook, or HOST_PROGRAM_TEST_RUN */
	int map_fd;	    /* looked up in, or sent to */
	int counts_fd;	    /* struct send_counts, of those that send */
	enum ring_wake wake;
	uint32_t key; /* looked up */
	int call;     /* the helper's, from its row */
};

struct helper {
	const char *name, *summary;
	/* the instructions of one repetition; call: the helper that they call, where several share
	 * them */
	void (*emit)(struct code *code, const struct repeat *r);
	int call;
	unsigned int sizes[HELPER_SIZES_MOST]; /* bytes or entries; {0}: none */
	enum output output;		       /* where it takes room; OUTPUT_NONE: nowhere */
	int map_type;			       /* looked up in; 0: none */
	int missing;			       /* the key is not in it */
	int discards;			       /* takes room, but nothing ever arrives */
};

extern const struct helper helpers[];
extern const size_t helpers_count;

/* Read and written by the programs that send; records: what the ..._output helpers copy from. */
#define SEND_SIZES 4
extern const unsigned int send_sizes[SEND_SIZES];
struct send_counts {
	uint64_t dropped, sent; /* sent: counted for the sampled wake-up only */
	uint64_t unused[6];	/* the records begin a cache line of their own */
	uint64_t records[SEND_SIZES][64];
};

/* The first word of what a helper of that size sends. */
#define SEND_MARK	   0x70110000
#define SEND_MARKED(bytes) (SEND_MARK + (bytes))

/* Which of send_counts' records has that size; -1: none. */
int helper_record(unsigned int bytes);

/* Why the helper cannot be priced on that host program whatever the kernel; NULL: it can. */
const char *helper_refused(const struct helper *helper, int host_program);

/* "1024 entries", "40 bytes", "-". */
void helper_size_text(const struct helper *helper, unsigned int size, char *text, size_t len);

/* The whole program. */
void helper_code(const struct helper *helper, const struct repeat *r, struct code *code);

#endif
