/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "bpf/consumer.h"

#define ANSWER_DEADLINE_S 2.0
#define EVENTS_MOST	  64 /* that one epoll_wait reports */

struct consumer {
	struct consumer_options options;
	struct consumer_calls calls;
	struct perf_buffer *perf;
	struct ring_buffer *ring;
	struct pollfd *fds; /* of the buffers, and last the bell */
	size_t n_fds;
	pthread_t thread;
	bool has_thread;
	int stat_fd, bell; /* bell: eventfd among the buffers, to ask for a read */
	atomic_int tid;	   /* of the thread, 0 until it runs */
	pthread_mutex_t lock;
	pthread_cond_t resumed;
	bool paused;		/* under lock */
	atomic_bool stop, halt; /* halt: stop or paused; seen between two records */
	atomic_bool parked, active;
	atomic_uint asked, answered; /* requests to read everything */
	_Atomic uint64_t wakeups, timeouts;
};

static const char *const wait_names[] = {
	[WAIT_CALLER] = "caller", [WAIT_EDGE] = "edge", [WAIT_LEVEL] = "level",
	[WAIT_POLL] = "poll",	  [WAIT_SPIN] = "spin",
};
static_assert(sizeof(wait_names) / sizeof(wait_names[0]) == WAIT_COUNT, "a name each");

const char *consumer_wait_name(enum consumer_wait wait)
{
	return wait_names[wait];
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/* One writer: no locked instruction needed. */
static void count_one(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
			      memory_order_release);
}

static bool halted(struct consumer *consumer)
{
	return atomic_load_explicit(&consumer->halt, memory_order_relaxed);
}

/* libbpf goes on for as long as there is more: a producer that is faster would keep it for ever. */
static int on_ring_record(void *ctx, void *data, size_t size)
{
	struct consumer *consumer = ctx;

	consumer->calls.event(consumer->calls.ctx, data, size);
	return halted(consumer) ? -EINTR : 0;
}

static enum bpf_perf_event_ret on_perf_record(void *ctx, int cpu, struct perf_event_header *head)
{
	struct consumer *consumer = ctx;

	if (head->type == PERF_RECORD_SAMPLE) {
		/* linux/perf_event.h, PERF_SAMPLE_RAW: u32 size, then the data */
		const unsigned int *raw = (const void *)(head + 1);

		consumer->calls.event(consumer->calls.ctx, raw + 1, *raw);
	} else if (head->type == PERF_RECORD_LOST) {
		const struct {
			struct perf_event_header head;
			uint64_t id, lost;
		} *record = (const void *)head;

		consumer->calls.lost(consumer->calls.ctx, cpu, record->lost);
	}
	return halted(consumer) ? LIBBPF_PERF_EVENT_DONE : LIBBPF_PERF_EVENT_CONT;
}

static int open_perf(struct consumer *consumer, const struct consumer_source *source)
{
	const struct consumer_options *options = &consumer->options;
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
	size_t pages = source->perf_bytes / (size_t)sysconf(_SC_PAGESIZE);

	if (options->perf_watermark) {
		attr.watermark = 1;
		attr.wakeup_watermark = options->perf_watermark;
	}
	consumer->perf = perf_buffer__new_raw(source->map_fds[0], pages, &attr, on_perf_record,
					      consumer, &opts);
	if (!consumer->perf)
		return -errno;
	consumer->n_fds = perf_buffer__buffer_cnt(consumer->perf);
	return 0;
}

static int open_rings(struct consumer *consumer, const struct consumer_source *source)
{
	consumer->ring = ring_buffer__new(source->map_fds[0], on_ring_record, consumer, NULL);
	if (!consumer->ring)
		return -errno;
	for (size_t i = 1; i < source->n_maps; i++) {
		int err = ring_buffer__add(consumer->ring, source->map_fds[i], on_ring_record,
					   consumer);

		if (err)
			return err;
	}
	consumer->n_fds = source->n_maps;
	return 0;
}

static int consume(struct consumer *consumer)
{
	return consumer->perf ? perf_buffer__consume(consumer->perf)
			      : ring_buffer__consume(consumer->ring);
}

/*
 * Reads until there is nothing, looking once more behind a fence. The kernel wakes a ring's reader only for a record that the
 * reader had already caught up with: a reader whose position is still in its store buffer while it finds nothing would miss that
 * (kernel/bpf/ringbuf.c, bpf_ringbuf_commit). Only one that sleeps on an edge must care; a level is read anew.
 */
static int consume_all(struct consumer *consumer)
{
	int got = consume(consumer);

	while (got > 0 && consumer->ring && !halted(consumer)) {
		atomic_thread_fence(memory_order_seq_cst);
		got = consume(consumer);
	}
	return got;
}

static int epoll_fd(const struct consumer *consumer)
{
	return consumer->perf ? perf_buffer__epoll_fd(consumer->perf)
			      : ring_buffer__epoll_fd(consumer->ring);
}

/* The buffers' descriptors in libbpf's epoll set are to wake in the wanted way; poll(2) wants them out of it. */
static int list_fds(struct consumer *consumer, const struct consumer_source *source)
{
	enum consumer_wait wait = consumer->options.wait;
	struct epoll_event bell = {.events = EPOLLIN, .data.u64 = 1};

	consumer->fds = calloc(consumer->n_fds + 1, sizeof(*consumer->fds));
	if (!consumer->fds)
		return -ENOMEM;
	for (size_t i = 0; i < consumer->n_fds; i++) {
		/* edge-triggered, libbpf's own poll is not; whatever a descriptor says, all is read */
		struct epoll_event event = {.events = wait == WAIT_LEVEL ? EPOLLIN
									 : EPOLLIN | EPOLLET};
		int fd = consumer->perf ? perf_buffer__buffer_fd(consumer->perf, i)
					: source->map_fds[i];

		consumer->fds[i] = (struct pollfd){fd, POLLIN, 0};
		if (epoll_ctl(epoll_fd(consumer), wait == WAIT_POLL ? EPOLL_CTL_DEL : EPOLL_CTL_MOD,
			      fd, &event))
			return -errno;
	}
	consumer->fds[consumer->n_fds] = (struct pollfd){consumer->bell, POLLIN, 0};
	return epoll_ctl(epoll_fd(consumer), EPOLL_CTL_ADD, consumer->bell, &bell) ? -errno : 0;
}

static void silence_bell(const struct consumer *consumer)
{
	uint64_t rung;

	while (read(consumer->bell, &rung, sizeof(rung)) < 0 && errno == EINTR)
		;
}

/* Returns how many were ready, the bell among them or not; *rang: it was. */
static int wait_epoll(struct consumer *consumer, bool *rang)
{
	struct epoll_event events[EVENTS_MOST];
	int got = epoll_wait(epoll_fd(consumer), events, EVENTS_MOST, consumer->options.timeout_ms);

	for (int i = 0; i < got; i++)
		*rang = *rang || events[i].data.u64 == 1;
	return got;
}

static int wait_poll(struct consumer *consumer, bool *rang)
{
	int got = poll(consumer->fds, consumer->n_fds + 1, consumer->options.timeout_ms);

	*rang = got > 0 && consumer->fds[consumer->n_fds].revents;
	return got;
}

/* Sleeps until a buffer, the bell or the clock calls; what libbpf's own poll does, with the bell beside it. */
static void wait_for_events(struct consumer *consumer)
{
	bool rang = false;
	int got = consumer->options.wait == WAIT_POLL ? wait_poll(consumer, &rang)
						      : wait_epoll(consumer, &rang);

	if (rang)
		silence_bell(consumer);
	if (got > rang)
		count_one(&consumer->wakeups);
	else if (!got)
		count_one(&consumer->timeouts);
}

static void park(struct consumer *consumer)
{
	pthread_mutex_lock(&consumer->lock);
	while (consumer->paused && !atomic_load(&consumer->stop)) {
		atomic_store(&consumer->parked, true);
		pthread_cond_wait(&consumer->resumed, &consumer->lock);
	}
	atomic_store(&consumer->parked, false);
	pthread_mutex_unlock(&consumer->lock);
}

static void *run(void *arg)
{
	struct consumer *consumer = arg;
	void *volatile first = malloc(1);

	/* a thread's first allocation maps and unmaps memory: not when munmap is being watched */
	free(first);
	atomic_store(&consumer->tid, (int)syscall(SYS_gettid));
	while (!atomic_load_explicit(&consumer->stop, memory_order_relaxed)) {
		unsigned int asked;

		if (halted(consumer))
			park(consumer);
		if (consumer->options.wait != WAIT_SPIN ||
		    !atomic_load_explicit(&consumer->active, memory_order_relaxed))
			wait_for_events(consumer);
		asked = atomic_load(&consumer->asked);
		if (consume_all(consumer) >= 0 && !halted(consumer))
			atomic_store_explicit(&consumer->answered, asked, memory_order_release);
	}
	return NULL;
}

static void ring_bell(const struct consumer *consumer)
{
	uint64_t one = 1;

	while (write(consumer->bell, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* A thread that cannot have its CPU is an error, not a thread elsewhere. */
static int create_pinned(struct consumer *consumer)
{
	pthread_attr_t attr;
	cpu_set_t set;
	int err = pthread_attr_init(&attr);

	if (err)
		return -err;
	CPU_ZERO(&set);
	CPU_SET(consumer->options.cpu, &set);
	err = pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	if (!err)
		err = pthread_create(&consumer->thread, &attr, run, consumer);
	pthread_attr_destroy(&attr);
	return -err;
}

static int start(struct consumer *consumer)
{
	char path[64];
	int err = create_pinned(consumer);

	if (err)
		return err;
	consumer->has_thread = true;
	while (!atomic_load(&consumer->tid))
		sched_yield();
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", atomic_load(&consumer->tid));
	consumer->stat_fd = open(path, O_RDONLY | O_CLOEXEC);
	return consumer->stat_fd < 0 ? -errno : 0;
}

static int open_thread(struct consumer *consumer, const struct consumer_source *source, char *why,
		       size_t why_len)
{
	int err;

	consumer->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = consumer->bell < 0 ? -errno : list_fds(consumer, source);
	if (!err)
		err = start(consumer);
	if (err)
		snprintf(why, why_len, "the consumer thread on CPU %d: %s", consumer->options.cpu,
			 strerror(-err));
	return err;
}

int consumer_open(const struct consumer_source *source, const struct consumer_options *options,
		  const struct consumer_calls *calls, struct consumer **out, char *why,
		  size_t why_len)
{
	struct consumer *consumer = calloc(1, sizeof(*consumer));
	int err;

	if (!consumer)
		return -ENOMEM;
	consumer->options = *options;
	consumer->calls = *calls;
	consumer->stat_fd = consumer->bell = -1;
	pthread_mutex_init(&consumer->lock, NULL);
	pthread_cond_init(&consumer->resumed, NULL);
	atomic_store(&consumer->active, !options->inactive);
	err = source->perf ? open_perf(consumer, source) : open_rings(consumer, source);
	if (err)
		snprintf(
			why, why_len, "the %s buffer's reader: %s%s",
			source->perf ? "perf" : "ring", strerror(-err),
			err == -EPERM || err == -EAGAIN
				? ": raise RLIMIT_MEMLOCK (ulimit -l) or kernel.perf_event_mlock_kb"
				: "");
	else if (options->wait != WAIT_CALLER)
		err = open_thread(consumer, source, why, why_len);
	if (err)
		consumer_close(consumer);
	else
		*out = consumer;
	return err;
}

void consumer_close(struct consumer *consumer)
{
	if (!consumer)
		return;
	if (consumer->has_thread) {
		atomic_store(&consumer->stop, true);
		atomic_store(&consumer->halt, true);
		consumer_resume(consumer);
		ring_bell(consumer);
		pthread_join(consumer->thread, NULL);
	}
	if (consumer->stat_fd >= 0)
		close(consumer->stat_fd);
	if (consumer->bell >= 0)
		close(consumer->bell);
	free(consumer->fds);
	perf_buffer__free(consumer->perf);
	ring_buffer__free(consumer->ring);
	pthread_cond_destroy(&consumer->resumed);
	pthread_mutex_destroy(&consumer->lock);
	free(consumer);
}

void consumer_set_active(struct consumer *consumer, bool active)
{
	if (!consumer->has_thread || consumer->options.wait != WAIT_SPIN)
		return;
	atomic_store(&consumer->active, active);
	ring_bell(consumer);
}

int consumer_pause(struct consumer *consumer)
{
	double deadline = seconds() + ANSWER_DEADLINE_S;

	if (!consumer->has_thread)
		return 0;
	pthread_mutex_lock(&consumer->lock);
	consumer->paused = true;
	atomic_store(&consumer->halt, true);
	pthread_mutex_unlock(&consumer->lock);
	ring_bell(consumer);
	while (!atomic_load(&consumer->parked)) {
		if (seconds() > deadline)
			return -ETIMEDOUT;
		usleep(50);
	}
	return 0;
}

void consumer_resume(struct consumer *consumer)
{
	pthread_mutex_lock(&consumer->lock);
	consumer->paused = false;
	atomic_store(&consumer->halt, atomic_load(&consumer->stop));
	pthread_cond_signal(&consumer->resumed);
	pthread_mutex_unlock(&consumer->lock);
	/* what came meanwhile announced itself to nobody */
	if (consumer->has_thread)
		ring_bell(consumer);
}

int consumer_settle(struct consumer *consumer, double deadline_s)
{
	double deadline = seconds() + deadline_s;
	unsigned int ask;

	if (!consumer->has_thread) {
		int got = consume(consumer);

		return got < 0 ? got : 0;
	}
	ask = atomic_fetch_add(&consumer->asked, 1) + 1;
	ring_bell(consumer);
	while (atomic_load_explicit(&consumer->answered, memory_order_acquire) != ask) {
		if (seconds() > deadline)
			return -ETIMEDOUT;
		usleep(50);
	}
	return 0;
}

bool consumer_asleep(const struct consumer *consumer)
{
	char stat[256], *state;
	ssize_t got;

	if (!consumer->has_thread)
		return true;
	/* proc(5): pid (comm) state …; the name may hold anything but its last parenthesis closes it */
	got = pread(consumer->stat_fd, stat, sizeof(stat) - 1, 0);
	if (got <= 0)
		return true;
	stat[got] = '\0';
	state = strrchr(stat, ')');
	return state && state[1] == ' ' && state[2] == 'S';
}

uint64_t consumer_wakeups(const struct consumer *consumer)
{
	return atomic_load(&consumer->wakeups);
}

uint64_t consumer_timeouts(const struct consumer *consumer)
{
	return atomic_load(&consumer->timeouts);
}

uint64_t consumer_cpu_ns(const struct consumer *consumer)
{
	struct timespec ts;
	clockid_t clock;

	if (!consumer->has_thread || pthread_getcpuclockid(consumer->thread, &clock) ||
	    clock_gettime(clock, &ts))
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

size_t consumer_perf_buffers(const struct consumer *consumer)
{
	return consumer->perf ? consumer->n_fds : 0;
}
