/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Streams and their event accounting: every program loads or says why not; forced losses are
 * counted exactly.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/error.h"
#include "bpf/read/collect.h"
#include "bpf/load/stream.h"
#include "kit/system/mounts.h"

#define LEN	 4096
#define CALLS	 20000
#define SETTLE_S 5.0

static struct error why;

static void fire(unsigned int n)
{
	while (n--)
		syscall(SYS_munmap, 1, LEN);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static int last_cpu(void)
{
	return (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
}

struct bench {
	struct stream *stream;
	struct collect *collect;
};

/* false: the hook does not work here, and why says so. Anything else must work. */
static bool open_bench(const struct stream_options *options, enum consumer_wait wait,
		       struct bench *b)
{
	struct collect_options collect = {
		.consumer = {.wait = wait, .cpu = last_cpu(), .timeout_ms = -1, .perf_cpu = -1},
		.bytes_freed = LEN,
		.ages = true,
	};

	if (stream_open(options, &b->stream, &why))
		return false;
	if (collect_open(b->stream, &collect, &b->collect, &why))
		fail_msg("%s", why.text);
	if (probe_attach(b->stream->probe, &why)) {
		collect_close(b->collect);
		stream_close(b->stream);
		return false;
	}
	assert_int_equal(probe_monitor_also(b->stream->probe, getpid()), 0);
	return true;
}

/* Unmapping by a reader would be an event: no process is monitored while it closes. */
static void close_bench(struct bench *b)
{
	probe_detach(b->stream->probe);
	collect_close(b->collect);
	stream_close(b->stream);
}

static void accounting_balance(struct bench *b, struct collect_accounting *accounting)
{
	assert_int_equal(consumer_settle(b->collect->consumer, SETTLE_S), 0);
	if (collect_check(b->collect, &why))
		fail_msg("%s", why.text);
	collect_accounting(b->collect, accounting);
}

static struct stream_options tracepoint(enum stream_buffer buffer, size_t bytes)
{
	return (struct stream_options){.hook = HOOK_TRACEPOINT,
				       .target = TARGET_MUNMAP,
				       .buffer = buffer,
				       .buffer_bytes = bytes};
}

static void need(bool works)
{
	if (!works) {
		printf("# skip: %s\n", why.text);
		skip();
	}
}

static void every_program_sends_or_says_why_not(void **state)
{
	unsigned int worked = 0;

	(void)state;
	for (int hook = 0; hook < HOOK_COUNT; hook++)
		for (int buffer = 0; buffer < STREAM_BUFFER_COUNT; buffer++) {
			struct stream_options options =
				tracepoint((enum stream_buffer)buffer, 65536);
			struct collect_accounting accounting;
			struct bench b;

			options.hook = (enum hook)hook;
			if (!open_bench(&options, WAIT_CALLER, &b)) {
				assert_true(strlen(why.text) > 10);
				printf("# skip: %s to %s: %s\n", hook_name(options.hook),
				       stream_buffer_name(options.buffer), why.text);
				continue;
			}
			fire(100);
			probe_detach(b.stream->probe);
			accounting_balance(&b, &accounting);
			assert_int_equal(accounting.received, 100);
			assert_int_equal(b.collect->ages.n, 100);
			close_bench(&b);
			worked++;
		}
	if (!worked)
		skip();
}

static void overload(enum stream_buffer buffer, size_t bytes)
{
	struct stream_options options = tracepoint(buffer, bytes);
	size_t holds = bytes / stream_record_bytes(buffer);
	struct stream_counts counts;
	struct collect_accounting accounting;
	struct bench b;

	need(open_bench(&options, WAIT_CALLER, &b));
	fire(CALLS);
	counts = stream_total(b.stream);
	assert_int_equal(counts.produced, CALLS);
	/* the last record must leave a gap between head and tail */
	assert_in_range(CALLS - counts.dropped, holds - 2, holds);
	accounting_balance(&b, &accounting);
	assert_int_equal(accounting.received, CALLS - counts.dropped);
	assert_int_equal(accounting.missing, counts.dropped);
	/* there is room again: the next event arrives, after perf's report of the lost ones */
	fire(1);
	accounting_balance(&b, &accounting);
	assert_int_equal(accounting.received, CALLS + 1 - counts.dropped);
	assert_int_equal(accounting.lost_records, buffer == STREAM_PERF ? counts.dropped : 0);
	close_bench(&b);
}

static void full_buffers_lose_to_the_event(void **state)
{
	(void)state;
	for (int buffer = 0; buffer < STREAM_BUFFER_COUNT; buffer++) {
		overload((enum stream_buffer)buffer, 4096);
		overload((enum stream_buffer)buffer, 65536);
	}
}

static void a_large_buffer_loses_nothing(void **state)
{
	(void)state;
	for (int buffer = 0; buffer < STREAM_BUFFER_COUNT; buffer++) {
		struct stream_options options =
			tracepoint((enum stream_buffer)buffer, STREAM_BYTES_MOST);
		struct collect_accounting accounting;
		struct bench b;

		need(open_bench(&options, WAIT_CALLER, &b));
		fire(CALLS);
		accounting_balance(&b, &accounting);
		assert_int_equal(accounting.received, CALLS);
		assert_true(collect_memory_bytes(b.collect) > STREAM_BYTES_MOST);
		close_bench(&b);
	}
}

/* All ways of waiting with all policies: whatever the reader's speed, every event is counted. */
static void live_accounting_balance(void **state)
{
	static const enum ring_wake wakes[] = {WAKE_DEFAULT, WAKE_NEVER, WAKE_SAMPLED, WAKE_ALWAYS};

	(void)state;
	for (int wait = WAIT_EDGE; wait < WAIT_COUNT; wait++)
		for (size_t w = 0; w < 4; w++) {
			struct stream_options options = tracepoint(
				wakes[w] == WAKE_ALWAYS ? STREAM_RING_PER_CPU : STREAM_RINGBUF,
				65536);
			struct collect_accounting accounting;
			struct bench b;

			options.wake = wakes[w];
			options.wake_every = 64;
			need(open_bench(&options, (enum consumer_wait)wait, &b));
			fire(CALLS);
			accounting_balance(&b, &accounting);
			assert_true(accounting.cpu_ns > 0);
			close_bench(&b);
		}
}

/* Without being asked to read, a sleeping reader gets every event that wakes it. */
static void nothing_stays_in_the_buffer(enum stream_buffer buffer, enum consumer_wait wait)
{
	struct stream_options options = tracepoint(buffer, 262144);
	struct collect_accounting accounting;
	struct bench b;
	time_t deadline = time(NULL) + 20;

	need(open_bench(&options, wait, &b));
	for (unsigned int burst = 1; burst <= 300; burst++) {
		fire(20);
		do {
			collect_accounting(b.collect, &accounting);
			if (time(NULL) > deadline)
				fail_msg("%s: %ju of %u received", stream_buffer_name(buffer),
					 (uintmax_t)accounting.received, burst * 20);
		} while (accounting.received < burst * 20);
	}
	accounting_balance(&b, &accounting);
	close_bench(&b);
}

static void a_sleeping_consumer_reads_all_that_woke_it(void **state)
{
	(void)state;
	for (int buffer = 0; buffer < STREAM_BUFFER_COUNT; buffer++)
		for (int wait = WAIT_EDGE; wait <= WAIT_POLL; wait++)
			nothing_stays_in_the_buffer((enum stream_buffer)buffer,
						    (enum consumer_wait)wait);
}

static void a_stopped_consumer_loses_and_recovers(void **state)
{
	(void)state;
	for (int buffer = 0; buffer < STREAM_BUFFER_COUNT; buffer++) {
		struct stream_options options = tracepoint((enum stream_buffer)buffer, 4096);
		struct collect_accounting accounting;
		struct bench b;
		uint64_t dropped;

		need(open_bench(&options, WAIT_LEVEL, &b));
		assert_int_equal(consumer_pause(b.collect->consumer), 0);
		fire(1000);
		dropped = stream_total(b.stream).dropped;
		assert_true(dropped > 800);
		/* a reader that does not answer must not block the caller */
		assert_int_equal(consumer_settle(b.collect->consumer, 0.02), -ETIMEDOUT);
		consumer_resume(b.collect->consumer);
		assert_int_equal(consumer_settle(b.collect->consumer, SETTLE_S), 0);
		fire(1);
		accounting_balance(&b, &accounting);
		assert_int_equal(accounting.received, 1001 - dropped);
		close_bench(&b);
	}
}

static void closing_while_it_is_stuck(void **state)
{
	struct stream_options options = tracepoint(STREAM_RINGBUF, 4096);
	struct bench b;

	(void)state;
	need(open_bench(&options, WAIT_EDGE, &b));
	assert_int_equal(consumer_pause(b.collect->consumer), 0);
	fire(1000);
	close_bench(&b);
}

/* Waits until the others are ready, then makes the calls. */
static void child(int cpu, const int go[2])
{
	char byte;

	pin(cpu);
	close(go[1]);
	if (read(go[0], &byte, 1) == 0)
		fire(CALLS);
	_exit(0);
}

/* A child on each CPU, all at once, with one reader and small buffers. */
static void several_producers(enum stream_buffer buffer)
{
	struct stream_options options = tracepoint(buffer, 16384);
	struct collect_accounting accounting;
	int n = last_cpu() + 1, go[2];
	struct bench b;

	need(open_bench(&options, WAIT_LEVEL, &b));
	assert_int_equal(pipe(go), 0);
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (!pid)
			child(i, go);
		assert_int_equal(probe_monitor_also(b.stream->probe, pid), 0);
	}
	close(go[1]);
	for (int i = 0; i < n; i++)
		wait(NULL);
	close(go[0]);
	assert_int_equal(stream_total(b.stream).produced, n * CALLS);
	for (int i = 0; i < n; i++)
		assert_int_equal(stream_counts(b.stream, (unsigned int)i).produced, CALLS);
	accounting_balance(&b, &accounting);
	close_bench(&b);
}

static void producers_on_every_cpu(void **state)
{
	(void)state;
	for (int buffer = 0; buffer < STREAM_BUFFER_COUNT; buffer++)
		several_producers((enum stream_buffer)buffer);
}

/* Many events per hit: the event accounting is exact as well. */
static void a_flood_is_booked(void **state)
{
	(void)state;
	for (int buffer = 0; buffer < STREAM_BUFFER_COUNT; buffer++) {
		struct stream_options options = tracepoint((enum stream_buffer)buffer, 262144);
		struct collect_accounting accounting;
		struct bench b;

		options.hook = HOOK_RAW_TP;
		options.batch = 500;
		need(open_bench(&options, WAIT_SPIN, &b));
		fire(200);
		accounting_balance(&b, &accounting);
		assert_int_equal(accounting.received + accounting.missing, 200 * 500);
		close_bench(&b);
	}
}

static void another_length_is_foreign(void **state)
{
	struct stream_options options = tracepoint(STREAM_RINGBUF, 65536);
	struct collect_accounting accounting;
	struct bench b;

	(void)state;
	need(open_bench(&options, WAIT_CALLER, &b));
	fire(10);
	syscall(SYS_munmap, 1, LEN + 1);
	assert_int_equal(consumer_settle(b.collect->consumer, SETTLE_S), 0);
	assert_int_equal(collect_check(b.collect, &why), -EBADMSG);
	collect_accounting(b.collect, &accounting);
	assert_int_equal(accounting.received, 10);
	assert_int_equal(accounting.foreign, 1);
	/* after counting starts anew, all later events are accounted for */
	collect_restart(b.collect);
	fire(5);
	accounting_balance(&b, &accounting);
	assert_int_equal(accounting.received, 5);
	close_bench(&b);
}

static void nobody_monitored_sends_nothing(void **state)
{
	struct stream_options options = tracepoint(STREAM_RINGBUF, 65536);
	struct stream *stream = NULL;

	(void)state;
	need(!stream_open(&options, &stream, &why));
	need(!probe_attach(stream->probe, &why));
	fire(10);
	assert_int_equal(stream_total(stream).produced, 0);
	stream_close(stream);
}

static void refused(struct stream_options options, const char *word)
{
	struct stream *stream = NULL;

	why.text[0] = 0;
	assert_int_equal(stream_open(&options, &stream, &why), -EINVAL);
	assert_non_null(strstr(why.text, word));
}

static void bad_options_are_refused_with_the_range(void **state)
{
	struct stream_options options = tracepoint(STREAM_RINGBUF, 4096);

	(void)state;
	refused(tracepoint(STREAM_PERF, 0), "4096 to 16777216");
	refused(tracepoint(STREAM_RINGBUF, 12288), "power of two");
	refused(tracepoint(STREAM_RINGBUF, 2048), "4096");
	refused(tracepoint(STREAM_RINGBUF, STREAM_BYTES_MOST * 2ul), "16777216");
	options.wake = WAKE_SAMPLED;
	options.wake_every = 64; /* 102 events fit */
	refused(options, "half of the 102");
	options.wake_every = 3;
	refused(options, "power of two");
	options.wake = WAKE_DEFAULT;
	options.batch = 500;
	refused(options, "raw_tp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_program_sends_or_says_why_not),
		cmocka_unit_test(full_buffers_lose_to_the_event),
		cmocka_unit_test(a_large_buffer_loses_nothing),
		cmocka_unit_test(live_accounting_balance),
		cmocka_unit_test(a_sleeping_consumer_reads_all_that_woke_it),
		cmocka_unit_test(a_stopped_consumer_loses_and_recovers),
		cmocka_unit_test(closing_while_it_is_stuck),
		cmocka_unit_test(producers_on_every_cpu),
		cmocka_unit_test(a_flood_is_booked),
		cmocka_unit_test(another_length_is_foreign),
		cmocka_unit_test(nobody_monitored_sends_nothing),
		cmocka_unit_test(bad_options_are_refused_with_the_range),
	};

	pin(0);
	mounts_complete();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
