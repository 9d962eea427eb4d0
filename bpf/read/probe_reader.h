/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe_reader: consumes a perf buffer or a ring buffer (libbpf's readers) in a given state, and
 * keeps the event accounting.
 *
 * probe_reader_open (makes the reader, and a consumer process pinned to the reader CPU where the
 * state has one) -> [measure; probe_reader_settle between blocks] -> probe_reader_check ->
 * probe_reader_close. What an output helper costs is set by what its consumer does at that moment,
 * so the state belongs to the result's name.
 */
#ifndef BPFTOLL_BPF_READ_PROBE_READER_H
#define BPFTOLL_BPF_READ_PROBE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "calib/error.h"
#include "bpf/load/probe.h"
#include "bpf/read/accounting.h"
#include "bpf/read/consumer.h"
#include "bpf/read/wakeup_policy.h"
#include "bpf/load/variant.h"

/* What an event must say to be counted as received; 0: anything. */
struct probe_reader_expect {
	pid_t tgid;
	uint64_t bytes_freed;
	enum probe_target target;
	uint64_t mark; /* not 0: not the probe's event, but bytes whose first word is mark + their
			  number */
	/*
	 * of as_written: the length is none, and pid holds what the kernel calls tgid
	 */
	bool as_written;
};

/* In memory that the reader process shares. */
struct probe_reader {
	struct accounting counted; /* first: accounting_lost */
	struct probe_reader_expect expect;
	bool perf;
	struct consumer *consumer;
};

/*
 * events_fd: the probe's map. producer_cpu: the only CPU that gets a perf buffer (a pinned producer
 * needs no other). consumer_cpu: of the consumer process; ignored where the state has none, -1: no
 * process, the caller reads by probe_reader_settle. 0 or -errno, why.
 */
int probe_reader_open(enum output output, enum wakeup_policy state, int events_fd, int producer_cpu,
		      int consumer_cpu, const struct probe_reader_expect *expect,
		      struct probe_reader **out, struct error *why);

/* Ends the process and frees everything; NULL is fine. */
void probe_reader_close(struct probe_reader *reader);

/*
 * Is the consumer back asleep with everything read? For WAKEUP_CAUGHT_UP, asked between calls,
 * outside the window: true once it has read `sent` events (received + lost) and the kernel shows it
 * sleeping.
 */
bool probe_reader_asleep(struct probe_reader *reader, uint64_t sent);

/*
 * Everything sent so far is read when it returns: by the caller (states without a process) or by
 * the consumer, which is asked to. With WAKEUP_NONE this empties the buffer, so only at the end. 0,
 * or -ETIMEDOUT when the consumer is stuck for 5 s, or -EPIPE when its process has ended
 * (consumer_error has the words).
 */
int probe_reader_settle(struct probe_reader *reader);

/* All read and producers at rest: is what they produced what was received and what they saw fail? 0
 * or -EBADMSG, why. */
int probe_reader_check(const struct probe_reader *reader, uint64_t produced, uint64_t lost,
		       struct error *why);

#endif
