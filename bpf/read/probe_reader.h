/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe_reader: reads the buffer of a variant's probe with a given wakeup policy, and keeps the
 * event accounting.
 *
 * probe_reader_open (makes the reader, in a process pinned to the reader CPU where the policy has
 * one) -> [measure; probe_reader_settle between blocks] -> probe_reader_check ->
 * probe_reader_close. The cost of an output helper depends on what the reader does at that moment,
 * so the policy is part of a configuration's name.
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

/* What an event must hold to be counted as received; 0: anything. */
struct probe_reader_expect {
	pid_t tgid;
	uint64_t bytes_freed;
	enum probe_target target;
	uint64_t mark; /* if not 0: expect bytes whose first word is mark + their number */
	/* expect no valid length, and the process id in pid (variant as_written) */
	bool as_written;
	bool any; /* of a foreign program: expect nothing, count bytes */
};

/* Lives in memory that the reader process shares. */
struct probe_reader {
	struct accounting counted; /* first member, for accounting_lost */
	struct probe_reader_expect expect;
	bool perf;
	_Atomic uint64_t bytes; /* expect.any: of all events */
	struct consumer *consumer;
};

/*
 * events_fd: the probe's map. producer_cpu: the only CPU that gets a perf buffer (a pinned caller
 * needs no other). consumer_cpu: CPU of the reader process; ignored where the policy has none; -1:
 * no process, the caller reads by probe_reader_settle. 0 or -errno, why.
 */
int probe_reader_open(enum output output, enum wakeup_policy state, int events_fd, int producer_cpu,
		      int consumer_cpu, const struct probe_reader_expect *expect,
		      struct probe_reader **out, struct error *why);

/*
 * The same for the buffers of a foreign program: one perf event array, or n rings. Every record
 * counts as received.
 */
int probe_reader_open_any(bool perf, const int *map_fds, size_t n_maps, enum wakeup_policy state,
			  int producer_cpu, int consumer_cpu, struct probe_reader **out,
			  struct error *why);

/* Ends the process and frees everything; NULL is fine. */
void probe_reader_close(struct probe_reader *reader);

/*
 * Does the reader sleep again, with everything read? For wakeups per event, asked between calls,
 * outside the timed region: true once it has read `sent` events (received + lost) and the kernel
 * shows it as sleeping.
 */
bool probe_reader_asleep(struct probe_reader *reader, uint64_t sent);

/*
 * When it returns, everything sent so far has been read, by the caller or by the reader process.
 * With WAKEUP_NONE this empties the buffer, so call it only at the end. 0; -ETIMEDOUT when the
 * reader is stuck for 5 s; -EPIPE when its process has ended (consumer_error has the words).
 */
int probe_reader_settle(struct probe_reader *reader);

/* After everything has been read: does produced equal received + lost? 0 or -EBADMSG, why. */
int probe_reader_check(const struct probe_reader *reader, uint64_t produced, uint64_t lost,
		       struct error *why);

#endif
