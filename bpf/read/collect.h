/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * collect: reads a stream with exact event accounting. From the sequence numbers it knows which
 * events of each CPU are missing, doubled or out of order; it can also measure how old each event
 * was when it was read.
 *
 * collect_open -> [measure; consumer_pause … consumer_resume] -> consumer_settle (when no more
 * events are produced) -> collect_accounting, collect_check -> collect_close. Memory is allocated
 * and unmapped only in open and close: no monitored program should be attached then.
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
	struct consumer_options consumer; /* wait, cpu, timeout, perf wakeups (consumer.h) */
	uint64_t bytes_freed;		  /* what an event must hold; 0: anything */
	bool ages; /* measure ages: a clock read for each event, some 25 ns of the reader's time */
};

/* Written by the reader only; the others read it after consumer_settle. */
struct collect_cpu {
	_Atomic uint64_t received;
	uint64_t missing, disorder;
	uint32_t next;		   /* the next sequence number expected */
	struct stream_counts base; /* the stream's counts when counting began */
};

/* Lives in memory that the reader process shares; stream points to the owner's memory. */
struct collect {
	struct accounting counted; /* lost and foreign only; first, for accounting_lost */
	struct stream *stream;
	struct collect_options options;
	struct consumer *consumer; /* to be paused, settled …: consumer.h */
	uint16_t type;
	unsigned int n_cpus;
	struct collect_cpu *cpus;
	struct histogram ages; /* ns, from an event's timestamp to its reading (options.ages) */
};

struct collect_accounting {
	uint64_t received;     /* valid events, each counted once */
	uint64_t foreign;      /* anything else; one makes the result invalid */
	uint64_t missing;      /* sequence numbers that never came, up to the last one produced */
	uint64_t disorder;     /* sequence numbers that came twice or late */
	uint64_t lost_records; /* events lost according to perf's LOST records */
	uint64_t wakeups;      /* waits that ended because there was something to read */
	uint64_t cpu_ns;       /* of the reader process, since it started; 0 without one */
};

/*
 * 0 or -errno, why. Open it before the first attach or while no events are produced: earlier events
 * are not counted.
 */
int collect_open(struct stream *stream, const struct collect_options *options, struct collect **out,
		 struct error *why);

/* Ends the reader process whatever it is doing and frees everything; NULL is fine. */
void collect_close(struct collect *collect);

/*
 * Exact after consumer_settle when no more events are produced; earlier, received and wakeups show
 * progress only.
 */
void collect_accounting(const struct collect *collect, struct collect_accounting *out);

/*
 * Are all events accounted for, on every CPU: produced = received + dropped, missing = dropped,
 * nothing foreign, nothing twice? 0, or -EBADMSG with the first CPU where they are not, in why.
 */
int collect_check(const struct collect *collect, struct error *why);

/*
 * Clears the ages and starts counting from the current sequence numbers, after a warm-up. Only
 * while no events are produced.
 */
void collect_restart(struct collect *collect);

/* Bytes of kernel memory that the buffers take, with their management pages. */
uint64_t collect_memory_bytes(const struct collect *collect);

#endif
