/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * accounting: events of a buffer: what its programs produced is what its reader received and what
 * was lost, to the event.
 *
 * A reader's callbacks count into struct accounting (or a struct that begins with one); when
 * producers are at rest and all is read, accounting_check holds the counts of both sides against
 * each other.
 */
#ifndef BPFTOLL_BPF_ACCOUNTING_H
#define BPFTOLL_BPF_ACCOUNTING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"

/* In memory that the reader process shares. */
struct accounting {
	_Atomic uint64_t received;     /* events that are what they should be */
	_Atomic uint64_t foreign;      /* others */
	_Atomic uint64_t lost_records; /* events that perf's LOST records tell of */
};

/* One writer at a time (the reader process, or the caller where there is none): no locked
 * instruction needed. */
static inline void accounting_add(_Atomic uint64_t *counter, uint64_t by)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by,
			      memory_order_release);
}

/* Is it a record of so many bytes? Perf pads to 8 bytes behind its 4-byte size: 4 bytes more than
 * was sent. */
static inline bool accounting_has_size(size_t size, size_t sent)
{
	return size >= sent && size < sent + 8;
}

/* struct consumer_calls.lost, for a context that begins with struct accounting. */
void accounting_lost(void *ctx, int cpu, uint64_t lost);

struct accounting_sum {
	uint64_t produced, received;
	uint64_t lost; /* by the program's own count */
	uint64_t told; /* lost, by what arrived: perf's LOST records, or sequence numbers that never
			  came */
	uint64_t foreign, disorder; /* not ours; twice or out of order */
};

/* 0; or -EBADMSG, and why: all the counts behind the name of what they are of ("CPU 3"). */
int accounting_check(const struct accounting_sum *sum, const char *of, struct error *why);

#endif
