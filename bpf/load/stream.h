/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream: the complete probe with event accounting. Each event carries its CPU and that CPU's
 * sequence number, and the program counts per CPU what it produced and what it could not send. This
 * costs a little more than the program of the same name in variants.def, which is the one to price
 * a probe by.
 *
 * stream_open -> probe_monitor_also (the processes whose calls count) -> collect_open (collect.h)
 * -> probe_attach … probe_detach … -> collect_close -> stream_close.
 */
#ifndef BPFTOLL_BPF_LOAD_STREAM_H
#define BPFTOLL_BPF_LOAD_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "calib/error.h"
#include "bpf/load/probe.h"
#include "bpf/load/variant.h"

enum stream_buffer {
	STREAM_PERF,	       /* a perf buffer for each CPU */
	STREAM_RINGBUF,	       /* one ring for all CPUs, reserve and submit */
	STREAM_RINGBUF_OUTPUT, /* one ring for all CPUs, bpf_ringbuf_output() */
	STREAM_RING_PER_CPU,   /* a ring for each CPU (array of maps), reserve and submit */
	STREAM_BUFFER_COUNT
};

#define STREAM_BYTES_LEAST 4096u
#define STREAM_BYTES_MOST  (16u << 20)

struct stream_options {
	enum hook hook;
	enum probe_target target;
	enum stream_buffer buffer;
	size_t buffer_bytes; /* of a ring, or of a CPU's perf buffer; a power of two, whole pages
			      */
	enum ring_wake wake; /* of rings; of a perf buffer its reader's (collect.h) */
	unsigned int wake_every; /* WAKE_SAMPLED: one wakeup in this many events of a CPU */
	unsigned int batch;	 /* events per hit; 0 or 1: one; more: a flood (raw_tp only) */
};

/* What the program did on one CPU. */
struct stream_counts {
	uint64_t produced; /* events that it tried to send: the next sequence number */
	uint64_t dropped;  /* of these, those that found no room */
};

struct stream {
	struct stream_options options;
	/* To be attached, detached and told whose calls send events (nobody's do at first):
	 * probe.h. Its map of events is the perf array, the ring, or the array of rings. */
	struct probe *probe;
	unsigned int n_cpus; /* possible ones: 0 … n_cpus - 1 */
	int *rings;	     /* STREAM_RING_PER_CPU: one fd for each CPU; -1: not made */
};

const char *stream_buffer_name(
	enum stream_buffer buffer); /* "perf", "ringbuf", "ringbuf_output", "ring_per_cpu" */

/* Are the options valid? 0 or -EINVAL with the valid range; changes nothing. */
int stream_check(const struct stream_options *options, struct error *why);

/* Loads the program and makes its rings. 0 or -errno, why in words a person can act on. */
int stream_open(const struct stream_options *options, struct stream **out, struct error *why);
void stream_close(struct stream *stream); /* NULL is fine */

/* Counts of one CPU or of all, since stream_open; exact when no call is being made. */
struct stream_counts stream_counts(const struct stream *stream, unsigned int cpu);
struct stream_counts stream_total(const struct stream *stream);

/*
 * Hits that never ran the program: recursion_misses, and what a kprobe's link counts as missed
 * (since 6.7; before that *partial is set for kprobe hooks). Not part of stream_counts. 0 or
 * -errno.
 */
int stream_missed(const struct stream *stream, uint64_t *missed, bool *partial);

/* Bytes that one event takes in a buffer, header and padding included. */
size_t stream_record_bytes(enum stream_buffer buffer);

/*
 * Bytes of kernel memory that the rings take, with their management pages; 0 for perf buffers,
 * which collect_memory_bytes reports.
 */
uint64_t stream_memory_bytes(const struct stream *stream);

#endif
