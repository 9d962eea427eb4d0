/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * collect: a consumer of a stream that keeps exact event accounting: by the sequence numbers in the
 * events it knows what is missing, doubled or out of order on each CPU, and how old every event was
 * when it was read.
 *
 * collect_open -> [measure; collect_pause … collect_resume] -> collect_settle (producers at rest)
 * -> collect_accounting, collect_check -> collect_close. What it allocates or unmaps is done in
 * open and close: no monitored program should be attached then.
 */
#ifndef BPFTOLL_BPF_READ_COLLECT_H
#define BPFTOLL_BPF_READ_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "bpf/read/consumer.h"
#include "bpf/read/histogram.h"
#include "bpf/load/stream.h"

struct collect;

struct collect_options {
	struct consumer_options consumer; /* wait, cpu, timeout, perf wake-ups (consumer.h) */
	uint64_t bytes_freed;		  /* what an event must say; 0: anything */
	bool ages; /* read the clock for each event: some 25 ns of the consumer's */
};

struct collect_accounting {
	uint64_t received;     /* events that are what they should be, each counted once */
	uint64_t foreign;      /* others: any makes a point invalid */
	uint64_t missing;      /* sequence numbers that never came, up to the last one produced */
	uint64_t disorder;     /* sequence numbers that came twice or late */
	uint64_t lost_records; /* events that perf's LOST records tell of */
	uint64_t wakeups;      /* waits that ended because there was something to read */
	uint64_t timeouts;     /* waits that ended with their time */
	uint64_t cpu_ns;       /* of the consumer process, since it started; 0 without one */
};

/* 0 or -errno, why. Events from before it was opened are nobody's: open it before the first attach,
 * or at rest. */
int collect_open(struct stream *stream, const struct collect_options *options, struct collect **out,
		 struct error *why);

/* Ends the process wherever it is and frees everything; NULL is fine. */
void collect_close(struct collect *collect);

/* The consumer stops between two events / goes on. 0, or -ETIMEDOUT when it does not answer within
 * 2 s. */
int collect_pause(struct collect *collect);
void collect_resume(struct collect *collect);

/* For WAIT_SPIN: see consumer_set_active. */
void collect_set_active(struct collect *collect, bool active);

/* Reads all that was sent before the call: see consumer_settle. */
int collect_settle(struct collect *collect, double deadline_s);

/* With producers at rest and after collect_settle; before that received and wakeups show progress
 * only. */
void collect_accounting(const struct collect *collect, struct collect_accounting *out);

/*
 * Do the event accounting balance to the event, on every CPU: produced = received + dropped,
 * missing = dropped, nothing foreign, nothing twice? 0 or -EBADMSG with the first CPU that does
 * not, in why.
 */
int collect_check(const struct collect *collect, struct error *why);

/* Ages of received events in ns (options.ages), from their timestamp to the consumer's read. */
const struct histogram *collect_ages(const struct collect *collect);

/* Empties the ages and starts counting anew where the last sequence numbers stand: for a warm-up.
 * At rest only. */
void collect_restart(struct collect *collect);

/* Kernel memory of the buffers, the kernel's own pages included. */
uint64_t collect_memory_bytes(const struct collect *collect);

#endif
