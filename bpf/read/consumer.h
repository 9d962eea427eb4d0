/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * consumer: a process of its own (or the caller) that reads perf buffers or ring buffers through
 * libbpf, in a given way of waiting. Knows nothing of what is in the records.
 *
 * consumer_open (starts the reader process, pinned, which opens the buffers) -> [consumer_settle,
 * consumer_pause, consumer_resume] -> consumer_close. It can be stopped between any two records,
 * however fast they come.
 *
 * A thread would share the measured process's pages: each that a munmap or madvise gives back would
 * cost a TLB flush on the reader's CPU, which a probe does not cost whom it is attached to. So the
 * callbacks run in another process: what they write must be shared memory (consumer_shared_alloc),
 * what they read must not change after consumer_open.
 */
#ifndef BPFTOLL_BPF_READ_CONSUMER_H
#define BPFTOLL_BPF_READ_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/read/reader.h"
#include "calib/error.h"

/* Where events are: one perf array, or rings. */
struct consumer_source {
	bool perf;
	size_t perf_bytes;  /* of each CPU's buffer */
	const int *map_fds; /* one, or a ring for each */
	size_t n_maps;
};

struct consumer;

/* Zeroed memory that a reader process shares; NULL with errno set. Freed after consumer_close; NULL
 * is fine. */
void *consumer_shared_alloc(size_t size);
void consumer_shared_free(void *memory);

/*
 * The first reader of a process forks it once (reader_host.h says what that costs): call this
 * before large memory is written. 0 or -errno, why. consumer_open does it, too.
 */
int consumer_prepare(struct error *why);

/* 0 or -errno, why; -EINVAL: calls->ctx is no shared memory. */
int consumer_open(const struct consumer_source *source, const struct consumer_options *options,
		  const struct consumer_calls *calls, struct consumer **out, struct error *why);

/* Ends the process wherever it is; NULL is fine. */
void consumer_close(struct consumer *consumer);

/* A spinning consumer sleeps while it is not active, as WAIT_EDGE does; the others don't care. */
void consumer_set_active(struct consumer *consumer, bool active);

/* Holds it between two records / lets it go on. 0, or -ETIMEDOUT when it does not answer within 2
 * s, or -EPIPE. */
int consumer_pause(struct consumer *consumer);
void consumer_resume(struct consumer *consumer);

/*
 * Everything sent before the call is read when it returns: by the caller (no process) or by the
 * process, which is asked to. 0, or -ETIMEDOUT when that takes longer than deadline_s: it is
 * paused, or producers outrun it; -EPIPE: the process has ended.
 */
int consumer_settle(struct consumer *consumer, double deadline_s);

/* What such an error means, in words: "its process has ended". */
const char *consumer_error(int err);

/* Does the kernel show the process sleeping? true without one. */
bool consumer_asleep(const struct consumer *consumer);

/* The reader process; 0 without one. */
pid_t consumer_pid(const struct consumer *consumer);

/* Waits that ended with something to read, and with their time; the process's CPU time, its start
 * included. */
uint64_t consumer_wakeups(const struct consumer *consumer);
uint64_t consumer_timeouts(const struct consumer *consumer);
uint64_t consumer_cpu_ns(const struct consumer *consumer);

/* Perf buffers opened; 0 for rings. */
size_t consumer_perf_buffers(const struct consumer *consumer);

#endif
