/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * consumer: a process of its own, or the caller, that reads perf buffers or ring buffers through
 * libbpf and waits in a given way. It does not know what the records contain.
 *
 * consumer_open (starts the reader process, pinned, which opens the buffers) -> [consumer_settle,
 * consumer_pause, consumer_resume] -> consumer_close. It can be stopped between any two records,
 * however fast they come.
 *
 * It is a process and not a thread: a thread would share the measured process's pages, and each
 * page given back by munmap or madvise would cost a TLB flush on the reader's CPU, which a real
 * probe does not cause. So the callbacks run in another process: they must write to shared memory
 * (arena.h), and what they read must not change after consumer_open.
 */
#ifndef BPFTOLL_BPF_READ_CONSUMER_H
#define BPFTOLL_BPF_READ_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/read/reader.h"
#include "calib/error.h"

/* Where the events are: one perf array, or rings. */
struct consumer_source {
	bool perf;
	size_t perf_bytes;  /* of each CPU's buffer */
	const int *map_fds; /* one, or one for each ring */
	size_t n_maps;
};

struct consumer {
	struct reader caller; /* WAIT_CALLER: what the caller reads with */
	bool has_process;
	unsigned int pauses; /* number of the last pause */
	pid_t pid;	     /* of the reader process; 0 without one */
	int pidfd, stat_fd, bell, answer;
	struct reader_shared shared; /* last, so that the reader writes to other cache lines */
};

/*
 * Starts the host of the reader processes where it does not run yet (reader_host.h). 0 or -errno,
 * why; -EINVAL: calls->ctx is not in shared memory.
 */
int consumer_open(const struct consumer_source *source, const struct consumer_options *options,
		  const struct consumer_calls *calls, struct consumer **out, struct error *why);

/* Ends the process whatever it is doing; NULL is fine. */
void consumer_close(struct consumer *consumer);

/*
 * With WAIT_SPIN the reader sleeps while it is not active, as with WAIT_EDGE; without effect
 * otherwise.
 */
void consumer_set_active(struct consumer *consumer, bool active);

/*
 * Stops it between two records, or lets it go on. 0, -ETIMEDOUT when it does not answer within 2 s,
 * or -EPIPE when it has ended.
 */
int consumer_pause(struct consumer *consumer);
void consumer_resume(struct consumer *consumer);

/*
 * When it returns, everything sent before the call has been read, by the caller (without a process)
 * or by the process. 0; -ETIMEDOUT when that takes longer than deadline_s, because it is paused or
 * events come faster than it reads; -EPIPE: the process has ended.
 */
int consumer_settle(struct consumer *consumer, double deadline_s);

/* What such an error means, in words: "its process has ended". */
const char *consumer_error(int err);

/* Does the kernel show the process as sleeping? true without one. */
bool consumer_asleep(const struct consumer *consumer);

/* Waits that ended with something to read. */
static inline uint64_t consumer_wakeups(const struct consumer *consumer)
{
	return atomic_load(&consumer->shared.wakeups);
}

/* CPU time of the reader process, including its start; 0 without one. */
uint64_t consumer_cpu_ns(const struct consumer *consumer);

#endif
