/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
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

#include "bpf/drain.h"
#include "bpf/shared.h"

#define SETTLE_DEADLINE_S 2.0

struct drain {
	enum output output;
	enum drain_state state;
	struct drain_expect expect;
	struct perf_buffer *perf;
	struct ring_buffer *ring;
	pthread_t thread;
	bool has_thread;
	int cpu, stat_fd, bell; /* bell: eventfd in the reader's epoll set, to ask for a read */
	atomic_int tid;		/* of the consumer, 0 until it runs */
	atomic_bool stop, active;
	atomic_uint asked, answered; /* requests to read everything */
	_Atomic uint64_t received, foreign, lost_records, wakeups;
};

static const struct {
	const char *name, *summary;
	bool needs_cpu;
	enum wake_policy wake;
} states[] = {
	[DRAIN_OFF] = {"-", "the body sends nothing", false, WAKE_DEFAULT},
	[DRAIN_NONE] = {"none", "nobody reads: the buffer is full, every event is lost", false,
			WAKE_DEFAULT},
	[DRAIN_IDLE] = {"idle", "events are kept, nobody is woken", false, WAKE_NEVER},
	[DRAIN_CAUGHT_UP] = {"caught_up", "the consumer sleeps and every event wakes it", true,
			     WAKE_DEFAULT},
	[DRAIN_BUSY] = {"busy", "the consumer spins on the buffer", true, WAKE_DEFAULT},
	[DRAIN_SAMPLED] = {"sampled", "one event in 64 wakes the consumer", true, WAKE_SAMPLED},
};
static_assert(sizeof(states) / sizeof(states[0]) == DRAIN_STATE_COUNT, "a row for each state");

const char *drain_state_name(enum drain_state state)
{
	return states[state].name;
}

const char *drain_state_summary(enum drain_state state)
{
	return states[state].summary;
}

bool drain_state_find(const char *name, enum drain_state *out)
{
	for (int i = 0; i < DRAIN_STATE_COUNT; i++)
		if (!strcmp(states[i].name, name)) {
			*out = (enum drain_state)i;
			return true;
		}
	return false;
}

bool drain_needs_cpu(enum drain_state state)
{
	return states[state].needs_cpu;
}

enum wake_policy drain_wake_policy(enum drain_state state)
{
	return states[state].wake;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/* One writer at a time (the thread, or the caller where there is none): no locked instruction needed. */
static void count(_Atomic uint64_t *counter, uint64_t by)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by,
			      memory_order_release);
}

static void check_event(struct drain *drain, const void *data, size_t size)
{
	const struct drain_expect *want = &drain->expect;
	struct entropy_event e; /* a perf record leaves it at 4 bytes past a multiple of 8 */
	bool good;

	if (size < sizeof(e)) {
		count(&drain->foreign, 1);
		return;
	}
	memcpy(&e, data, sizeof(e));
	/* a perf record is padded to 8 bytes behind its 4-byte size: 4 bytes more than was sent */
	good = size < sizeof(e) + 8 && e.tgid == (uint32_t)want->tgid &&
	       e.bytes_freed == want->bytes_freed && e.timestamp_ns &&
	       e.event_type == (want->target == TARGET_MUNMAP ? ENTROPY_MUNMAP : ENTROPY_MADVISE);
	count(good ? &drain->received : &drain->foreign, 1);
}

static int on_ring_event(void *ctx, void *data, size_t size)
{
	check_event(ctx, data, size);
	return 0;
}

static void on_perf_event(void *ctx, int cpu, void *data, unsigned int size)
{
	(void)cpu;
	check_event(ctx, data, size);
}

static void on_perf_lost(void *ctx, int cpu, unsigned long long lost)
{
	struct drain *drain = ctx;

	(void)cpu;
	count(&drain->lost_records, lost);
}

static enum bpf_perf_event_ret on_perf_record(void *ctx, int cpu, struct perf_event_header *head)
{
	if (head->type == PERF_RECORD_SAMPLE) {
		/* linux/perf_event.h, PERF_SAMPLE_RAW: u32 size, then the data */
		const unsigned int *raw = (const void *)(head + 1);

		on_perf_event(ctx, cpu, (void *)(raw + 1), *raw);
	} else if (head->type == PERF_RECORD_LOST) {
		const struct {
			struct perf_event_header head;
			uint64_t id, lost;
		} *record = (const void *)head;

		on_perf_lost(ctx, cpu, record->lost);
	}
	return LIBBPF_PERF_EVENT_CONT;
}

static int open_perf(struct drain *drain, int events_fd, int producer_cpu)
{
	LIBBPF_OPTS(perf_buffer_raw_opts, opts, .cpu_cnt = 1, .cpus = &producer_cpu,
		    .map_keys = &producer_cpu);
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.wakeup_events = drain->state == DRAIN_SAMPLED ? WAKE_SAMPLE_EVERY : 1,
	};

	/* the kernel takes the whole buffer for so high a mark: nobody is woken but once in 256 KiB (ring_buffer_init) */
	if (drain->state == DRAIN_IDLE || drain->state == DRAIN_NONE) {
		attr.watermark = 1;
		attr.wakeup_watermark = UINT32_MAX;
	}
	drain->perf = perf_buffer__new_raw(events_fd, PERF_BUFFER_PAGES, &attr, on_perf_record,
					   drain, &opts);
	return drain->perf ? 0 : -errno;
}

static int open_ring(struct drain *drain, int events_fd)
{
	drain->ring = ring_buffer__new(events_fd, on_ring_event, drain, NULL);
	return drain->ring ? 0 : -errno;
}

static int consume(struct drain *drain)
{
	return drain->perf ? perf_buffer__consume(drain->perf) : ring_buffer__consume(drain->ring);
}

static int epoll_fd(const struct drain *drain)
{
	return drain->perf ? perf_buffer__epoll_fd(drain->perf)
			   : ring_buffer__epoll_fd(drain->ring);
}

/* Sleeps until the buffer or the bell calls; what libbpf's own poll does, with the bell beside it. */
static void wait_for_events(struct drain *drain)
{
	struct epoll_event events[64];
	int got = epoll_wait(epoll_fd(drain), events, 64, -1);
	bool buffer = false;
	uint64_t rung;

	for (int i = 0; i < got; i++) {
		if (events[i].data.u64 != (uint64_t)drain->bell)
			buffer = true;
		else if (read(drain->bell, &rung, sizeof(rung)) < 0)
			continue;
	}
	if (buffer)
		count(&drain->wakeups, 1);
}

static void *consumer(void *arg)
{
	struct drain *drain = arg;
	void *volatile first = malloc(1);
	cpu_set_t set;

	/* a thread's first allocation maps and unmaps memory: not when munmap is being watched */
	free(first);
	CPU_ZERO(&set);
	CPU_SET(drain->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	atomic_store(&drain->tid, (int)syscall(SYS_gettid));
	while (!atomic_load_explicit(&drain->stop, memory_order_relaxed)) {
		unsigned int asked;

		if (drain->state != DRAIN_BUSY || !atomic_load(&drain->active))
			wait_for_events(drain);
		asked = atomic_load(&drain->asked);
		consume(drain);
		atomic_store_explicit(&drain->answered, asked, memory_order_release);
	}
	return NULL;
}

static void ring_bell(const struct drain *drain)
{
	uint64_t one = 1;

	while (write(drain->bell, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static int start_consumer(struct drain *drain, int events_fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	char path[64];
	int err;

	drain->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (drain->bell < 0)
		return -errno;
	event.data.u64 = (uint64_t)drain->bell;
	if (epoll_ctl(epoll_fd(drain), EPOLL_CTL_ADD, drain->bell, &event))
		return -errno;
	/*
	 * Edge-triggered, which libbpf's own poll is not: a consumer that has read everything sleeps until the next
	 * wake-up, not until the next event. Whatever its fd says is read as a whole.
	 */
	event = (struct epoll_event){.events = EPOLLIN | EPOLLET};
	if (epoll_ctl(epoll_fd(drain), EPOLL_CTL_MOD,
		      drain->perf ? perf_buffer__buffer_fd(drain->perf, 0) : events_fd, &event))
		return -errno;
	err = pthread_create(&drain->thread, NULL, consumer, drain);
	if (err)
		return -err;
	drain->has_thread = true;
	while (!atomic_load(&drain->tid))
		sched_yield();
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", atomic_load(&drain->tid));
	drain->stat_fd = open(path, O_RDONLY | O_CLOEXEC);
	return drain->stat_fd < 0 ? -errno : 0;
}

int drain_open(enum output output, enum drain_state state, int events_fd, int producer_cpu,
	       int consumer_cpu, const struct drain_expect *expect, struct drain **out, char *why,
	       size_t why_len)
{
	struct drain *drain = calloc(1, sizeof(*drain));
	int err;

	if (!drain)
		return -ENOMEM;
	drain->output = output;
	drain->state = state;
	drain->expect = *expect;
	drain->cpu = consumer_cpu;
	drain->stat_fd = drain->bell = -1;
	err = output == OUTPUT_PERF ? open_perf(drain, events_fd, producer_cpu)
				    : open_ring(drain, events_fd);
	if (err) {
		snprintf(
			why, why_len, "the %s buffer's reader: %s%s",
			output == OUTPUT_PERF ? "perf" : "ring", strerror(-err),
			err == -EPERM || err == -EAGAIN
				? ": raise RLIMIT_MEMLOCK (ulimit -l) or kernel.perf_event_mlock_kb"
				: "");
		goto out;
	}
	if (drain_needs_cpu(state) && consumer_cpu >= 0) {
		err = start_consumer(drain, events_fd);
		if (err)
			snprintf(why, why_len, "the consumer thread: %s", strerror(-err));
	}
out:
	if (err)
		drain_close(drain);
	else
		*out = drain;
	return err;
}

void drain_close(struct drain *drain)
{
	if (!drain)
		return;
	if (drain->has_thread) {
		atomic_store(&drain->stop, true);
		ring_bell(drain);
		pthread_join(drain->thread, NULL);
	}
	if (drain->stat_fd >= 0)
		close(drain->stat_fd);
	if (drain->bell >= 0)
		close(drain->bell);
	perf_buffer__free(drain->perf);
	ring_buffer__free(drain->ring);
	free(drain);
}

static uint64_t settled(const struct drain *drain)
{
	return atomic_load_explicit(&drain->received, memory_order_acquire) +
	       atomic_load_explicit(&drain->foreign, memory_order_acquire);
}

bool drain_asleep(struct drain *drain, uint64_t sent)
{
	char stat[256], *state;
	ssize_t got;

	if (settled(drain) < sent)
		return false;
	/* proc(5): pid (comm) state …; the name may hold anything but its last parenthesis closes it */
	got = pread(drain->stat_fd, stat, sizeof(stat) - 1, 0);
	if (got <= 0)
		return true;
	stat[got] = '\0';
	state = strrchr(stat, ')');
	return state && state[1] == ' ' && state[2] == 'S';
}

void drain_set_active(struct drain *drain, bool active)
{
	if (!drain->has_thread || drain->state != DRAIN_BUSY)
		return;
	atomic_store(&drain->active, active);
	ring_bell(drain);
}

int drain_settle(struct drain *drain)
{
	double deadline = seconds() + SETTLE_DEADLINE_S;
	unsigned int ask;

	if (!drain->has_thread) {
		int got = consume(drain);

		return got < 0 ? got : 0;
	}
	ask = atomic_fetch_add(&drain->asked, 1) + 1;
	if (!atomic_load(&drain->active))
		ring_bell(drain);
	while (atomic_load_explicit(&drain->answered, memory_order_acquire) != ask) {
		if (seconds() > deadline)
			return -ETIMEDOUT;
		usleep(50);
	}
	return 0;
}

void drain_books(const struct drain *drain, struct drain_books *out)
{
	*out = (struct drain_books){
		.received = atomic_load(&drain->received),
		.foreign = atomic_load(&drain->foreign),
		.lost_records = atomic_load(&drain->lost_records),
		.wakeups = atomic_load(&drain->wakeups),
	};
}
