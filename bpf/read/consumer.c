/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calib/error.h"
#include "bpf/read/arena.h"
#include "bpf/read/consumer.h"
#include "bpf/read/reader.h"
#include "bpf/read/reader_host.h"
#include "calib/clock.h"

#define ANSWER_DEADLINE_S 2.0
#define START_DEADLINE_S  10.0 /* long, since a guest without KVM is slow */

const char *consumer_error(int err)
{
	return err == -EPIPE ? "its process has ended" : strerror(-err);
}

/* ---- requests to the process and its answers ---- */

/* Waits until the reader has set *what to wanted: 0, -ETIMEDOUT, or -EPIPE when it has ended. */
static int await(struct consumer *consumer, const atomic_uint *what, unsigned int wanted,
		 double deadline_s)
{
	double deadline = clock_seconds() + deadline_s;
	struct pollfd wait[] = {{consumer->answer, POLLIN, 0}, {consumer->pidfd, POLLIN, 0}};

	while (atomic_load_explicit(what, memory_order_acquire) != wanted) {
		double left_ms = 1e3 * (deadline - clock_seconds());

		if (wait[1].revents)
			return -EPIPE;
		if (left_ms <= 0)
			return -ETIMEDOUT;
		if (poll(wait, 2, (int)left_ms + 1) > 0 && wait[0].revents)
			bell_silence(consumer->answer);
	}
	return 0;
}

/* ---- opening and closing ---- */

static int start(struct consumer *consumer, const struct consumer_source *source, struct error *why)
{
	int *fds = malloc((source->n_maps + 2) * sizeof(*fds));
	char path[64];
	int err;

	if (!fds)
		return -ENOMEM;
	fds[0] = consumer->bell;
	fds[1] = consumer->answer;
	memcpy(fds + 2, source->map_fds, source->n_maps * sizeof(*fds));
	err = reader_host_fork(&consumer->shared, fds, &consumer->pid, &consumer->pidfd, why);
	free(fds);
	if (err)
		return err;
	consumer->has_process = true;
	err = await(consumer, &consumer->shared.started, 1, START_DEADLINE_S);
	if (err == -EPIPE && consumer->shared.err)
		err = consumer->shared.err;
	if (err)
		return error_set(why, err, "%s",
				 *consumer->shared.why.text ? consumer->shared.why.text
							    : consumer_error(err));
	/* the task's own file: the process's would sum up its threads and take a lock for it */
	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", consumer->pid, consumer->pid);
	consumer->stat_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (consumer->stat_fd >= 0)
		return 0;
	err = -errno;
	return error_set(why, err, "%s: %s", path, strerror(-err));
}

static int open_process(struct consumer *consumer, const struct consumer_source *source,
			struct error *why)
{
	if (!arena_holds(consumer->shared.calls.ctx, 1))
		return error_set(why, -EINVAL,
				 "what a reader process writes must be shared memory");
	consumer->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	consumer->answer = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (consumer->bell >= 0 && consumer->answer >= 0)
		return start(consumer, source, why);
	return error_set(why, -errno, "an eventfd: %s", strerror(errno));
}

static int open_caller(struct consumer *consumer, const struct consumer_source *source,
		       struct error *why)
{
	int err = reader_open(&consumer->caller, &consumer->shared, source->map_fds, -1, -1);

	if (err)
		error_say(why, "%s", consumer->shared.why.text);
	return err;
}

int consumer_open(const struct consumer_source *source, const struct consumer_options *options,
		  const struct consumer_calls *calls, struct consumer **out, struct error *why)
{
	/*
	 * shared with the reader; and the process that makes the calls asks whether the reader
	 * sleeps
	 */
	struct consumer *consumer = arena_alloc(sizeof(*consumer));
	int err;

	if (!consumer)
		return error_set(why, -ENOMEM, "memory shared with the reader: %s",
				 strerror(ENOMEM));
	consumer->pidfd = consumer->stat_fd = consumer->bell = consumer->answer = -1;
	consumer->shared.options = *options;
	consumer->shared.calls = *calls;
	consumer->shared.perf = source->perf;
	consumer->shared.perf_bytes = source->perf_bytes;
	consumer->shared.n_maps = source->n_maps;
	atomic_store(&consumer->shared.active, !options->inactive);
	err = options->wait == WAIT_CALLER ? open_caller(consumer, source, why)
					   : open_process(consumer, source, why);
	if (err)
		consumer_close(consumer);
	else
		*out = consumer;
	return err;
}

/* The reader ends between two records; one that does not is killed. */
static void end_process(struct consumer *consumer)
{
	struct pollfd end = {consumer->pidfd, POLLIN, 0};

	atomic_store(&consumer->shared.stop, true);
	atomic_store(&consumer->shared.halt, true);
	bell_ring(consumer->bell);
	if (poll(&end, 1, (int)(1e3 * ANSWER_DEADLINE_S)) > 0)
		return;
	syscall(SYS_pidfd_send_signal, consumer->pidfd, SIGKILL, NULL, 0);
	poll(&end, 1, (int)(1e3 * ANSWER_DEADLINE_S));
}

void consumer_close(struct consumer *consumer)
{
	const int fds[] = {consumer ? consumer->pidfd : -1, consumer ? consumer->stat_fd : -1,
			   consumer ? consumer->bell : -1, consumer ? consumer->answer : -1};

	if (!consumer)
		return;
	if (consumer->has_process)
		end_process(consumer);
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	reader_close(&consumer->caller);
	arena_free(consumer);
}

void consumer_set_active(struct consumer *consumer, bool active)
{
	if (!consumer->has_process || consumer->shared.options.wait != WAIT_SPIN)
		return;
	atomic_store(&consumer->shared.active, active);
	bell_ring(consumer->bell);
}

int consumer_pause(struct consumer *consumer)
{
	if (!consumer->has_process)
		return 0;
	atomic_store(&consumer->shared.paused, ++consumer->pauses);
	atomic_store(&consumer->shared.halt, true);
	bell_ring(consumer->bell);
	return await(consumer, &consumer->shared.parked, consumer->pauses, ANSWER_DEADLINE_S);
}

void consumer_resume(struct consumer *consumer)
{
	if (!consumer->has_process)
		return;
	atomic_store(&consumer->shared.halt, false);
	atomic_store(&consumer->shared.paused, 0);
	/* events that came while it was paused woke nobody */
	bell_ring(consumer->bell);
}

int consumer_settle(struct consumer *consumer, double deadline_s)
{
	unsigned int asked;

	if (!consumer->has_process) {
		int got = reader_consume(&consumer->caller);

		return got < 0 ? got : 0;
	}
	asked = atomic_fetch_add(&consumer->shared.asked, 1) + 1;
	bell_ring(consumer->bell);
	return await(consumer, &consumer->shared.answered, asked, deadline_s);
}

bool consumer_asleep(const struct consumer *consumer)
{
	char stat[256], *state;
	ssize_t got;

	if (!consumer->has_process)
		return true;
	/*
	 * proc(5): "pid (comm) state …"; the name may contain anything, so look for the last
	 * parenthesis
	 */
	got = pread(consumer->stat_fd, stat, sizeof(stat) - 1, 0);
	if (got <= 0)
		return true;
	stat[got] = '\0';
	state = strrchr(stat, ')');
	return state && state[1] == ' ' && state[2] == 'S';
}

uint64_t consumer_cpu_ns(const struct consumer *consumer)
{
	struct timespec ts;
	clockid_t clock;

	if (!consumer->has_process || clock_getcpuclockid(consumer->pid, &clock) ||
	    clock_gettime(clock, &ts))
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}
