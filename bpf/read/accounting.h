/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * accounting: event accounting: every event that the programs produced was either received by the
 * reader or lost.
 *
 * The reader's callbacks count into a struct accounting, or into a struct that begins with one.
 * When no more events are produced and all have been read, accounting_check compares the counts of
 * both sides.
 */
#ifndef BPFTOLL_BPF_ACCOUNTING_H
#define BPFTOLL_BPF_ACCOUNTING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"

/* Lives in memory that the reader process shares. */
struct accounting {
	_Atomic uint64_t received;     /* valid events */
	_Atomic uint64_t foreign;      /* anything else */
	_Atomic uint64_t lost_records; /* events lost according to perf's LOST records */
};

/*
 * There is one writer at a time (the reader process, or the caller without one), so no locked
 * instruction is needed.
 */
static inline void accounting_add(_Atomic uint64_t *counter, uint64_t by)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by,
			      memory_order_release);
}

/*
 * Is it a record of that many bytes? A perf record is its 4-byte size and the data, padded to 8
 * bytes, so it may be 4 bytes longer than what was sent.
 */
static inline bool accounting_has_size(size_t size, size_t sent)
{
	return size >= sent && size < sent + 8;
}

/* The callback `lost` of struct consumer_calls, for a ctx that begins with struct accounting. */
void accounting_lost(void *ctx, int cpu, uint64_t lost);

struct accounting_sum {
	uint64_t produced, received;
	uint64_t lost;		    /* by the program's own count */
	uint64_t told;		    /* lost, by LOST records or missing sequence numbers */
	uint64_t foreign, disorder; /* not ours; received twice or out of order */
};

/* 0; or -EBADMSG, with all counts in why, after the name of what they are of ("CPU 3"). */
int accounting_check(const struct accounting_sum *sum, const char *of, struct error *why);

#endif
