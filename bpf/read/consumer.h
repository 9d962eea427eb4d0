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
 * callbacks run in another process: what they write must be shared memory (arena.h), what
 * they read must not change after consumer_open.
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

struct consumer {
	struct reader caller; /* WAIT_CALLER */
	bool has_process;
	unsigned int pauses; /* so far */
	pid_t pid;	     /* of the reader process; 0 without one */
	int pidfd, stat_fd, bell, answer;
	struct reader_shared shared; /* last: what the reader writes is on lines of its own */
};

/* Starts the reader host where it does not run yet. 0 or -errno, why; -EINVAL: calls->ctx is no
 * shared memory. */
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

/* Waits that ended with something to read. */
static inline uint64_t consumer_wakeups(const struct consumer *consumer)
{
	return atomic_load(&consumer->shared.wakeups);
}

/* CPU time of the reader process, its start included; 0 without one. */
uint64_t consumer_cpu_ns(const struct consumer *consumer);

#endif
