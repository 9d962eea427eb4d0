/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "calib/error.h"
#include "bpf/read/reader.h"

#define EVENTS_MOST 64 /* events that one epoll_wait can report */

/* There is one writer, so no locked instruction is needed. */
static void count_one(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
			      memory_order_release);
}

static bool halted(const struct reader *reader)
{
	return atomic_load_explicit(&reader->shared->halt, memory_order_relaxed);
}

/*
 * libbpf reads on as long as there is more: with faster producers it would never return. Stops it
 * on request.
 */
static int on_ring_record(void *ctx, void *data, size_t size)
{
	const struct reader *reader = ctx;
	const struct consumer_calls *calls = &reader->shared->calls;

	calls->event(calls->ctx, data, size);
	return halted(reader) ? -EINTR : 0;
}

static enum bpf_perf_event_ret on_perf_record(void *ctx, int cpu, struct perf_event_header *head)
{
	const struct reader *reader = ctx;
	const struct consumer_calls *calls = &reader->shared->calls;

	if (head->type == PERF_RECORD_SAMPLE) {
		/* linux/perf_event.h, PERF_SAMPLE_RAW: u32 size, then the data */
		const unsigned int *raw = (const void *)(head + 1);

		calls->event(calls->ctx, raw + 1, *raw);
	} else if (head->type == PERF_RECORD_LOST) {
		const struct {
			struct perf_event_header head;
			uint64_t id, lost;
		} *record = (const void *)head;

		calls->lost(calls->ctx, cpu, record->lost);
	}
	return halted(reader) ? LIBBPF_PERF_EVENT_DONE : LIBBPF_PERF_EVENT_CONT;
}

static int open_perf(struct reader *reader, const int *maps)
{
	struct reader_shared *shared = reader->shared;
	const struct consumer_options *options = &shared->options;
	int cpu = options->perf_cpu;
	LIBBPF_OPTS(perf_buffer_raw_opts, opts, .cpu_cnt = cpu >= 0, .cpus = &cpu,
		    .map_keys = &cpu);
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.wakeup_events = options->perf_wakeup_events ? options->perf_wakeup_events : 1,
	};
	size_t pages = shared->perf_bytes / (size_t)sysconf(_SC_PAGESIZE);

	if (options->perf_watermark) {
		attr.watermark = 1;
		attr.wakeup_watermark = options->perf_watermark;
	}
	reader->perf = perf_buffer__new_raw(maps[0], pages, &attr, on_perf_record, reader, &opts);
	if (!reader->perf)
		return -errno;
	shared->n_fds = perf_buffer__buffer_cnt(reader->perf);
	return 0;
}

static int open_rings(struct reader *reader, const int *maps)
{
	struct reader_shared *shared = reader->shared;

	reader->ring = ring_buffer__new(maps[0], on_ring_record, reader, NULL);
	if (!reader->ring)
		return -errno;
	for (size_t i = 1; i < shared->n_maps; i++) {
		int err = ring_buffer__add(reader->ring, maps[i], on_ring_record, reader);

		if (err)
			return err;
	}
	shared->n_fds = shared->n_maps;
	return 0;
}

int reader_consume(struct reader *reader)
{
	return reader->perf ? perf_buffer__consume(reader->perf)
			    : ring_buffer__consume(reader->ring);
}

/*
 * Reads until the buffer is empty, and looks once more after a fence. The kernel wakes a ring's
 * reader only for a record that the reader had already caught up with: a reader whose position is
 * still in its store buffer when it finds nothing would miss that wakeup (kernel/bpf/ringbuf.c,
 * bpf_ringbuf_commit). This matters only for edge-triggered waits; a level is looked at anew.
 */
static int consume_all(struct reader *reader)
{
	int got = reader_consume(reader);

	while (got > 0 && reader->ring && !halted(reader)) {
		atomic_thread_fence(memory_order_seq_cst);
		got = reader_consume(reader);
	}
	return got;
}

static int epoll_fd(const struct reader *reader)
{
	return reader->perf ? perf_buffer__epoll_fd(reader->perf)
			    : ring_buffer__epoll_fd(reader->ring);
}

/* Sets how the buffers' descriptors wake in libbpf's epoll set, and lists them for poll(2). */
static int list_fds(struct reader *reader, const int *maps)
{
	enum consumer_wait wait = reader->shared->options.wait;
	struct epoll_event bell = {.events = EPOLLIN, .data.u64 = 1};
	size_t n = reader->shared->n_fds;

	reader->fds = calloc(n + 1, sizeof(*reader->fds));
	if (!reader->fds)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		/*
		 * libbpf sets them level-triggered; whichever descriptor is ready, all buffers are
		 * read
		 */
		struct epoll_event event = {.events = wait == WAIT_LEVEL ? EPOLLIN
									 : EPOLLIN | EPOLLET};
		int fd = reader->perf ? perf_buffer__buffer_fd(reader->perf, i) : maps[i];

		reader->fds[i] = (struct pollfd){fd, POLLIN, 0};
		if (epoll_ctl(epoll_fd(reader), wait == WAIT_POLL ? EPOLL_CTL_DEL : EPOLL_CTL_MOD,
			      fd, &event))
			return -errno;
	}
	reader->fds[n] = (struct pollfd){reader->bell, POLLIN, 0};
	return epoll_ctl(epoll_fd(reader), EPOLL_CTL_ADD, reader->bell, &bell) ? -errno : 0;
}

int reader_open(struct reader *reader, struct reader_shared *shared, const int *maps, int bell,
		int answer)
{
	int err;

	*reader = (struct reader){.shared = shared, .bell = bell, .answer = answer};
	err = shared->perf ? open_perf(reader, maps) : open_rings(reader, maps);
	if (!err && bell >= 0)
		err = list_fds(reader, maps);
	if (err)
		error_say(
			&shared->why, "the %s buffer's reader: %s%s",
			shared->perf ? "perf" : "ring", strerror(-err),
			err == -EPERM || err == -EAGAIN
				? ": raise RLIMIT_MEMLOCK (ulimit -l) or kernel.perf_event_mlock_kb"
				: "");
	return err;
}

void reader_close(struct reader *reader)
{
	free(reader->fds);
	perf_buffer__free(reader->perf);
	ring_buffer__free(reader->ring);
	*reader = (struct reader){.bell = -1, .answer = -1};
}

void bell_ring(int bell)
{
	uint64_t one = 1;

	while (write(bell, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void bell_silence(int bell)
{
	uint64_t rung;

	while (read(bell, &rung, sizeof(rung)) < 0 && errno == EINTR)
		;
}

/* Returns how many descriptors are ready; *rang: the bell is one of them. */
static int wait_epoll(struct reader *reader, bool *rang)
{
	struct epoll_event events[EVENTS_MOST];
	int got = epoll_wait(epoll_fd(reader), events, EVENTS_MOST,
			     reader->shared->options.timeout_ms);

	for (int i = 0; i < got; i++)
		*rang = *rang || events[i].data.u64 == 1;
	return got;
}

static int wait_poll(struct reader *reader, bool *rang)
{
	size_t n = reader->shared->n_fds;
	int got = poll(reader->fds, n + 1, reader->shared->options.timeout_ms);

	*rang = got > 0 && reader->fds[n].revents;
	return got;
}

/* Sleeps until a buffer, the bell or the timeout; libbpf's own poll does this without a bell. */
static void wait_for_events(struct reader *reader)
{
	bool rang = false;
	int got = reader->shared->options.wait == WAIT_POLL ? wait_poll(reader, &rang)
							    : wait_epoll(reader, &rang);

	if (rang)
		bell_silence(reader->bell);
	if (got > rang)
		count_one(&reader->shared->wakeups);
}

/* Stands still until it is resumed or stopped; what came in that time is read afterwards. */
static void park(struct reader *reader)
{
	struct reader_shared *shared = reader->shared;
	struct pollfd bell = {reader->bell, POLLIN, 0};
	unsigned int pause;

	while ((pause = atomic_load(&shared->paused)) && !atomic_load(&shared->stop)) {
		if (atomic_exchange(&shared->parked, pause) != pause)
			bell_ring(reader->answer);
		if (poll(&bell, 1, -1) > 0)
			bell_silence(reader->bell);
	}
}

void reader_run(struct reader *reader)
{
	struct reader_shared *shared = reader->shared;

	atomic_store(&shared->started, 1);
	bell_ring(reader->answer);
	while (!atomic_load_explicit(&shared->stop, memory_order_relaxed)) {
		unsigned int asked;

		if (halted(reader))
			park(reader);
		else if (shared->options.wait != WAIT_SPIN ||
			 !atomic_load_explicit(&shared->active, memory_order_relaxed))
			wait_for_events(reader);
		asked = atomic_load(&shared->asked);
		if (consume_all(reader) < 0 || halted(reader) ||
		    asked == atomic_load_explicit(&shared->answered, memory_order_relaxed))
			continue;
		atomic_store_explicit(&shared->answered, asked, memory_order_release);
		bell_ring(reader->answer);
	}
}
