/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * drain: consumes a perf buffer or a ring buffer (libbpf's readers) in a given state, and keeps the books.
 *
 * drain_open (makes the reader, and a consumer process pinned to the drain CPU where the state has one) ->
 * [measure; drain_settle between blocks] -> drain_books -> drain_close. What an output helper costs is set by what
 * its consumer does at that moment, so the state belongs to the cell's name.
 */
#ifndef BPFTOLL_DRAIN_H
#define BPFTOLL_DRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/probe.h"
#include "bpf/reader_state.h"
#include "bpf/variant.h"

struct drain;

struct drain_books {
	uint64_t received;     /* events with the right pid, length and type */
	uint64_t foreign;      /* events that are not: any makes the cell invalid */
	uint64_t lost_records; /* events that perf's LOST records tell of */
	uint64_t wakeups;      /* returns of epoll_wait with something to read */
};

/* What an event must say to be counted as received. */
struct drain_expect {
	pid_t tgid;
	uint64_t bytes_freed;
	enum probe_target target;
	uint64_t
		mark; /* not 0: not the mission's event, but bytes whose first word is mark + their number */
	/* from the mission's own code: the length is none, and pid holds what the kernel calls tgid */
	bool as_written;
};

/*
 * events_fd: the probe's map. producer_cpu: the only CPU that gets a perf buffer (a pinned producer needs no
 * other). consumer_cpu: of the consumer process; ignored where the state has none, -1: no process, the caller reads by drain_settle. 0 or -errno, why.
 */
int drain_open(enum output output, enum drain_state state, int events_fd, int producer_cpu,
	       int consumer_cpu, const struct drain_expect *expect, struct drain **out, char *why,
	       size_t why_len);

/* Ends the process and frees everything; NULL is fine. */
void drain_close(struct drain *drain);

/* A spinning consumer spins only while its own arm is measured; the other states always sleep when nothing comes. */
void drain_set_active(struct drain *drain, bool active);

/*
 * Is the consumer back asleep with everything read? For DRAIN_CAUGHT_UP, asked between calls, outside the window:
 * true once it has read `sent` events (received + lost) and the kernel shows it sleeping.
 */
bool drain_asleep(struct drain *drain, uint64_t sent);

/*
 * Everything sent so far is read when it returns: by the caller (states without a process) or by the consumer, which is asked
 * to. With DRAIN_NONE this empties the buffer, so only at the end. 0, or -ETIMEDOUT when the consumer is
 * stuck for 2 s, or -EPIPE when its process has ended (consumer_error has the words).
 */
int drain_settle(struct drain *drain);

void drain_books(const struct drain *drain, struct drain_books *out);

/* All read and producers at rest: is what they produced what was received and what they saw fail? 0 or -EBADMSG, why. */
int drain_check(const struct drain *drain, uint64_t produced, uint64_t lost, char *why,
		size_t why_len);

#endif
