/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * collect: a consumer of a stream that keeps exact event accounting: by the sequence numbers in the
 * events it knows what is missing, doubled or out of order on each CPU, and how old every event was
 * when it was read.
 *
 * collect_open -> [measure; consumer_pause … consumer_resume] -> consumer_settle (producers at
 * rest) -> collect_accounting, collect_check -> collect_close. What it allocates or unmaps is done
 * in open and close: no monitored program should be attached then.
 */
#ifndef BPFTOLL_BPF_READ_COLLECT_H
#define BPFTOLL_BPF_READ_COLLECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "bpf/read/accounting.h"
#include "bpf/read/consumer.h"
#include "bpf/read/histogram.h"
#include "bpf/load/stream.h"

struct collect_options {
	struct consumer_options consumer; /* wait, cpu, timeout, perf wake-ups (consumer.h) */
	uint64_t bytes_freed;		  /* what an event must say; 0: anything */
	bool ages; /* read the clock for each event: some 25 ns of the consumer's */
};

/* Written by the reader alone; who asks waits for consumer_settle first. */
struct collect_cpu {
	_Atomic uint64_t received;
	uint64_t missing, disorder;
	uint32_t next;		   /* sequence number that is due */
	struct stream_counts base; /* the stream's when counting began */
};

/* In memory that the reader process shares, but for what stream points to: the owner's. */
struct collect {
	struct accounting counted; /* received: each CPU's own; first: accounting_lost */
	struct stream *stream;
	struct collect_options options;
	struct consumer *consumer; /* to be paused, settled …: consumer.h */
	uint16_t type;
	unsigned int n_cpus;
	struct collect_cpu *cpus;
	struct histogram ages; /* in ns, from an event's timestamp to the read (options.ages) */
};

struct collect_accounting {
	uint64_t received;     /* events that are what they should be, each counted once */
	uint64_t foreign;      /* others: any makes a point invalid */
	uint64_t missing;      /* sequence numbers that never came, up to the last one produced */
	uint64_t disorder;     /* sequence numbers that came twice or late */
	uint64_t lost_records; /* events that perf's LOST records tell of */
	uint64_t wakeups;      /* waits that ended because there was something to read */
	uint64_t cpu_ns;       /* of the consumer process, since it started; 0 without one */
};

/* 0 or -errno, why. Events from before it was opened are nobody's: open it before the first attach,
 * or at rest. */
int collect_open(struct stream *stream, const struct collect_options *options, struct collect **out,
		 struct error *why);

/* Ends the process wherever it is and frees everything; NULL is fine. */
void collect_close(struct collect *collect);

/* With producers at rest and after consumer_settle; meanwhile received and wakeups are good for
 * progress only. */
void collect_accounting(const struct collect *collect, struct collect_accounting *out);

/*
 * Do the event accounting balance to the event, on every CPU: produced = received + dropped,
 * missing = dropped, nothing foreign, nothing twice? 0 or -EBADMSG with the first CPU that does
 * not, in why.
 */
int collect_check(const struct collect *collect, struct error *why);

/* Empties the ages and starts counting anew where the last sequence numbers stand: for a warm-up.
 * At rest only. */
void collect_restart(struct collect *collect);

/* Kernel memory of the buffers, the kernel's own pages included. */
uint64_t collect_memory_bytes(const struct collect *collect);

#endif
