/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calib/error.h"
#include "bpf/read/accounting.h"
#include "bpf/read/consumer.h"
#include "bpf/read/reported.h"
#include "bpf/read/wakeup_policy.h"
#include "calib/clock.h"

#define PAGES_MOST  4u /* calls free 1 to 4 pages in turn */
#define PAGE_BYTES  ((size_t)sysconf(_SC_PAGESIZE))
#define EVENTS_MOST (REPORTED_CALLS * 4)

struct check {
	struct accounting counted; /* its foreign and lost; first member, for accounting_lost */
	struct reported_truth truth;
	struct entropy_event events[EVENTS_MOST];
	size_t n;		/* events that came, including those beyond the array */
	pthread_barrier_t step; /* both threads: ready to call, go, all calls made, leave */
	int cpu;		/* CPU of the calls; only its buffer is opened */
	int err;
};

static const char *const names[] = {
	[REPORTED_UNKNOWN] = NULL,
	[REPORTED_RIGHT] = "right",
	[REPORTED_WRONG] = "wrong",
};

const char *reported_name(enum reported_as as)
{
	return names[as];
}

/* ---- judging what the events say ---- */

static void add_note(struct reported *out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add_note(struct reported *out, const char *fmt, ...)
{
	size_t len = strlen(out->note);
	va_list args;

	va_start(args, fmt);
	if (len)
		len += (size_t)snprintf(out->note + len, sizeof(out->note) - len, "; ");
	if (len < sizeof(out->note))
		vsnprintf(out->note + len, sizeof(out->note) - len, fmt, args);
	va_end(args);
}

static void judge_length(const struct reported_truth *truth, const struct entropy_event *events,
			 struct reported *out)
{
	uint64_t first = events[0].bytes_freed, least = UINT64_MAX, most = 0;
	bool right = true, constant = true;

	for (size_t i = 0; i < REPORTED_CALLS; i++) {
		uint64_t bytes = truth->calls[i].bytes;

		right = right && events[i].bytes_freed == bytes;
		constant = constant && events[i].bytes_freed == first;
		least = bytes < least ? bytes : least;
		most = bytes > most ? bytes : most;
	}
	out->length = right ? REPORTED_RIGHT : REPORTED_WRONG;
	if (right)
		return;
	add_note(out, "bytes_freed = %" PRIu64 "%s for a %s of %" PRIu64 " to %" PRIu64 " bytes",
		 first, constant ? "" : ", …", probe_target_name(truth->target), least, most);
	if (constant && first == (uint64_t)probe_target_nr(truth->target))
		add_note(out, "that is the syscall's number");
}

static void judge_ids(const struct reported_truth *truth, const struct entropy_event *events,
		      struct reported *out)
{
	uint32_t pid = (uint32_t)truth->pid, tgid = (uint32_t)truth->tgid;
	bool pid_right = true, tgid_right = true, exchanged = true;

	for (size_t i = 0; i < REPORTED_CALLS; i++) {
		pid_right = pid_right && events[i].pid == pid;
		tgid_right = tgid_right && events[i].tgid == tgid;
		exchanged = exchanged && events[i].pid == tgid && events[i].tgid == pid;
	}
	out->pid = pid_right ? REPORTED_RIGHT : REPORTED_WRONG;
	out->tgid = tgid_right ? REPORTED_RIGHT : REPORTED_WRONG;
	if (exchanged)
		add_note(out, "pid holds the process's id and tgid the thread's");
	else if (!pid_right || !tgid_right)
		add_note(out, "pid %u and tgid %u for thread %u of process %u", events[0].pid,
			 events[0].tgid, pid, tgid);
}

static void judge_order(const struct reported_truth *truth, const struct entropy_event *events,
			struct reported *out)
{
	out->order = REPORTED_RIGHT;
	for (size_t i = 0; i < REPORTED_CALLS && out->order == REPORTED_RIGHT; i++) {
		const struct reported_call *call = &truth->calls[i];
		uint64_t at = events[i].timestamp_ns;

		if (at >= call->before_ns && at <= call->after_ns)
			continue;
		out->order = REPORTED_WRONG;
		add_note(out,
			 "the timestamp of event %zu lies %" PRIu64
			 " ns %s the call that should have sent it",
			 i + 1, at < call->before_ns ? call->before_ns - at : at - call->after_ns,
			 at < call->before_ns ? "before" : "behind");
	}
}

void reported_judge(const struct reported_truth *truth, const struct entropy_event *events,
		    size_t n, struct reported *out)
{
	*out = (struct reported){.length = REPORTED_UNKNOWN};
	if (n != REPORTED_CALLS) {
		/* which event belongs to which call is not known */
		out->order = REPORTED_WRONG;
		add_note(out, "%d calls gave %zu events", REPORTED_CALLS, n);
		return;
	}
	judge_length(truth, events, out);
	judge_ids(truth, events, out);
	judge_order(truth, events, out);
}

/* ---- calls whose properties are known ---- */

/* A raw system call: the C library's wrapper might do more. */
static int one_call(struct check *check, struct reported_call *call, char *area)
{
	bool munmaps = check->truth.target == TARGET_MUNMAP;
	long err;

	if (munmaps)
		area = mmap(NULL, call->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	if (area == MAP_FAILED)
		return -errno;
	memset(area, 1, call->bytes);
	call->before_ns = clock_ns();
	err = munmaps ? syscall(SYS_munmap, area, call->bytes)
		      : syscall(SYS_madvise, area, call->bytes, MADV_DONTNEED);
	call->after_ns = clock_ns();
	return err ? -errno : 0;
}

/*
 * A second thread: its thread id differs from the process id, so that one cannot pass for the
 * other.
 */
static void *make_calls(void *arg)
{
	struct check *check = arg;
	char *area = mmap(NULL, PAGES_MOST * PAGE_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(check->cpu, &set);
	check->err = area == MAP_FAILED || sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
	check->truth.pid = (pid_t)syscall(SYS_gettid);
	pthread_barrier_wait(&check->step);
	pthread_barrier_wait(&check->step);
	for (size_t i = 0; i < REPORTED_CALLS && !check->err; i++) {
		check->truth.calls[i].bytes = (1 + i % PAGES_MOST) * PAGE_BYTES;
		check->err = one_call(check, &check->truth.calls[i], area);
	}
	pthread_barrier_wait(&check->step);
	/* the end of a thread unmaps memory too: not while the probe is attached */
	pthread_barrier_wait(&check->step);
	if (area != MAP_FAILED)
		munmap(area, PAGES_MOST * PAGE_BYTES);
	return NULL;
}

static void on_event(void *ctx, const void *data, size_t size)
{
	struct check *check = ctx;

	if (!accounting_has_size(size, sizeof(check->events[0]))) {
		accounting_add(&check->counted.foreign, 1);
		return;
	}
	if (check->n < EVENTS_MOST)
		memcpy(&check->events[check->n], data, sizeof(check->events[0]));
	check->n++;
}

/* Called when the thread is ready to call. */
static int attach_and_call(struct check *check, struct probe *probe, struct error *why)
{
	int err = probe_attach(probe, why);

	/* only now, since attaching reads files and frees memory */
	if (!err)
		err = probe_monitor(probe, check->truth.tgid);
	if (err && !*why->text)
		error_say(why, "monitored_pids cannot be filled: %s", strerror(-err));
	if (err)
		check->err = err;
	pthread_barrier_wait(&check->step);
	pthread_barrier_wait(&check->step);
	probe_monitor(probe, 0);
	probe_detach(probe);
	pthread_barrier_wait(&check->step);
	return err ? err : check->err;
}

static int run_thread(struct check *check, struct probe *probe, struct error *why)
{
	pthread_t thread;
	int err;

	pthread_barrier_init(&check->step, NULL, 2);
	err = -pthread_create(&thread, NULL, make_calls, check);
	if (!err) {
		pthread_barrier_wait(&check->step);
		err = attach_and_call(check, probe, why);
		pthread_join(thread, NULL);
	}
	pthread_barrier_destroy(&check->step);
	if (err && !*why->text)
		error_say(why, "calls to check the events by: %s", strerror(-err));
	return err;
}

static int check_with(struct check *check, const struct variant *variant, struct error *why)
{
	struct probe *probe = NULL;
	struct consumer *consumer = NULL;
	const struct consumer_options options = reader_options(WAKEUP_IDLE, -1, check->cpu);
	const struct consumer_calls calls = {on_event, accounting_lost, check};
	int fd, err = probe_open(variant, check->truth.target, WAKE_NEVER, &probe, why);
	const struct consumer_source source = {.perf = body_output(variant->body) == OUTPUT_PERF,
					       .perf_bytes = RINGBUF_BYTES,
					       .map_fds = &fd,
					       .n_maps = 1};

	if (err)
		return err;
	fd = probe_events_fd(probe);
	err = consumer_open(&source, &options, &calls, &consumer, why);
	if (!err)
		err = run_thread(check, probe, why);
	if (!err)
		err = consumer_settle(consumer, 0);
	consumer_close(consumer);
	probe_close(probe);
	return err;
}

int reported_check(const struct variant *variant, enum probe_target target, struct reported *out,
		   struct error *why)
{
	struct check *check;
	uint64_t bad;
	int err;

	*out = (struct reported){.length = REPORTED_UNKNOWN};
	*why->text = '\0';
	if (body_output(variant->body) == OUTPUT_NONE)
		return error_set(why, -EINVAL, "%s sends no events", variant->name);
	check = calloc(1, sizeof(*check));
	if (!check)
		return -ENOMEM;
	check->truth.tgid = getpid();
	check->truth.target = target;
	check->cpu = sched_getcpu();
	err = check_with(check, variant, why);
	bad = check->counted.foreign + check->counted.lost_records;
	if (!err && bad)
		err = error_set(why, -EBADMSG,
				"%" PRIu64 " of its events are lost or of another size", bad);
	if (!err)
		reported_judge(&check->truth, check->events, check->n, out);
	free(check);
	return err;
}
