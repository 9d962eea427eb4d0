/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reader: libbpf's perf or ring buffer reader with a given way of waiting, run by a process of its
 * own (reader_run) or by the caller (reader_consume). consumer.c and the reader process communicate
 * through struct reader_shared.
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
	WAIT_EDGE,   /* epoll, edge-triggered: sleeps until woken, even if events wait */
	WAIT_LEVEL,  /* epoll, level-triggered, as libbpf's poll: sleeps if no events wait */
	WAIT_POLL,   /* poll(2) */
	WAIT_SPIN,   /* never sleeps while it is active */
	WAIT_COUNT
};

struct consumer_options {
	enum consumer_wait wait;
	int cpu;	/* CPU of the process */
	int timeout_ms; /* of one wait; -1: no timeout */
	int perf_cpu;	/* the only CPU with a perf buffer; -1: all online CPUs */
	/* perf: wakes the reader once in this many events, or, if not 0, once in this many bytes */
	unsigned int perf_wakeup_events, perf_watermark;
	bool inactive; /* WAIT_SPIN: sleeps until consumer_set_active */
};

/*
 * Called by the reader. A perf record's data is not aligned, and its size may include padding. ctx:
 * memory that the reader process shares.
 */
struct consumer_calls {
	void (*event)(void *ctx, const void *data, size_t size);
	void (*lost)(void *ctx, int cpu, uint64_t lost); /* for perf's LOST records */
	void *ctx;
};

/* In shared memory (arena.h). Who writes a member, and when: */
struct reader_shared {
	/* the owner, before the reader starts: */
	struct consumer_options options;
	struct consumer_calls calls;
	bool perf;
	size_t perf_bytes, n_maps;
	/* the reader, before it rings `answer` for the first time: */
	atomic_uint started; /* 1: it reads, or err says why not */
	int err;	     /* why it could not start, with the words in why */
	struct error why;
	size_t n_fds; /* number of buffers that it reads */
	/* the owner, who then rings `bell`: */
	atomic_bool stop;
	atomic_uint paused; /* number of the pause, from 1; 0: not paused */
	atomic_bool halt;   /* stop or paused; checked between two records */
	atomic_bool active;
	atomic_uint asked; /* number of requests to read everything */
	/* the reader, who then rings `answer`: */
	atomic_uint answered;
	atomic_uint parked; /* number of the pause in which it stands still */
	_Atomic uint64_t wakeups;
};

struct perf_buffer;
struct ring_buffer;

struct reader {
	struct reader_shared *shared;
	struct perf_buffer *perf;
	struct ring_buffer *ring;
	struct pollfd *fds; /* of the buffers, and last the bell */
	/*
	 * eventfds: bell asks for the reader's attention, answer says that it has acted; -1: the
	 * caller reads
	 */
	int bell, answer;
};

/*
 * A bell is an eventfd: ringing it wakes the other side to look at what was changed before; the
 * side that was woken silences it.
 */
void bell_ring(int bell);
void bell_silence(int bell);

/* maps: n_maps descriptors. 0 or -errno, with the words in shared->why. */
int reader_open(struct reader *reader, struct reader_shared *shared, const int *maps, int bell,
		int answer);
void reader_close(struct reader *reader);

/* Reports that it has started, then reads until shared->stop. */
void reader_run(struct reader *reader);

/* Reads what there is. The number of records or -errno. */
int reader_consume(struct reader *reader);

#endif
