/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reader: libbpf's perf or ring buffer reader in a given way of waiting, run by a process of its
 * own (reader_run) or by the caller (reader_consume). What consumer.c and the reader process say to
 * each other stands in struct reader_shared.
 *
 * reader_open -> reader_run (until shared->stop) or reader_consume … -> reader_close.
 */
#ifndef BPFTOLL_BPF_READ_READER_H
#define BPFTOLL_BPF_READ_READER_H

#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"

enum consumer_wait {
	WAIT_CALLER, /* no process: the caller reads, by consumer_settle */
	WAIT_EDGE,  /* epoll, edge-triggered: sleeps until it is woken, even when there is something
		       to read */
	WAIT_LEVEL, /* epoll, level-triggered, as libbpf's own poll: sleeps while there is nothing
		       to read */
	WAIT_POLL,  /* poll(2) */
	WAIT_SPIN,  /* never sleeps while it is active */
	WAIT_COUNT
};

struct consumer_options {
	enum consumer_wait wait;
	int cpu;	/* of the process */
	int timeout_ms; /* of a wait; -1: none */
	int perf_cpu;	/* the only CPU with a perf buffer; -1: all that are online */
	/* perf: wakes the reader once in so many events, or (when not 0) once in so many bytes */
	unsigned int perf_wakeup_events, perf_watermark;
	bool inactive; /* WAIT_SPIN: asleep until consumer_set_active */
};

/* Called by whoever reads. data is not aligned for a perf record; its size may hold padding. ctx:
 * memory that the reader process shares. */
struct consumer_calls {
	void (*event)(void *ctx, const void *data, size_t size);
	void (*lost)(void *ctx, int cpu, uint64_t lost); /* perf's LOST records */
	void *ctx;
};

/* In shared memory (arena.h): written by one side or the other, as it says. */
struct reader_shared {
	/* before the reader starts: */
	struct consumer_options options;
	struct consumer_calls calls;
	bool perf;
	size_t perf_bytes, n_maps;
	/* by the reader, before it rings `answer` for the first time: */
	atomic_uint started; /* 1: it reads, or err says why not */
	int err;	     /* it could not start: why says it */
	struct error why;
	size_t n_fds; /* buffers that it reads */
	/* by the consumer's owner, who rings `bell` after it: */
	atomic_bool stop;
	atomic_uint paused; /* the pause's number, from 1; 0: none */
	atomic_bool halt;   /* stop or paused; seen between two records */
	atomic_bool active;
	atomic_uint asked; /* requests to read everything */
	/* by the reader, who rings `answer` after it: */
	atomic_uint answered;
	atomic_uint parked;	  /* in which pause it stands still */
	_Atomic uint64_t wakeups; /* waits that ended with something to read */
};

struct perf_buffer;
struct ring_buffer;

struct reader {
	struct reader_shared *shared;
	struct perf_buffer *perf;
	struct ring_buffer *ring;
	struct pollfd *fds; /* of the buffers, and last the bell */
	/* eventfds: bell asks for the reader's attention, answer tells that it has it; -1: the
	 * caller reads */
	int bell, answer;
};

/* An eventfd, which makes who waits for it look at what was changed before: rung, and silenced by
 * who was called. */
void bell_ring(int bell);
void bell_silence(int bell);

/* maps: n_maps descriptors. 0 or -errno, shared->why. */
int reader_open(struct reader *reader, struct reader_shared *shared, const int *maps, int bell,
		int answer);
void reader_close(struct reader *reader);

/* Tells that it has started, then reads until shared->stop. */
void reader_run(struct reader *reader);

/* Reads what there is. Its number or -errno. */
int reader_consume(struct reader *reader);

#endif
