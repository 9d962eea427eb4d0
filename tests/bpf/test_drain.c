/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The books of every drain state, to the event, also where events are lost by force. */
#define _GNU_SOURCE
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "bpf/drain.h"
#include "bpf/probe.h"
#include "bpf/shared.h"
#include "kit/mounts.h"

#define LEN   4096
#define CALLS 20000 /* more than three buffers hold */

static char why[512];

static void fire(unsigned int n)
{
	while (n--)
		syscall(SYS_munmap, 1, LEN);
}

struct bench {
	struct probe *probe;
	struct drain *drain;
};

static bool open_bench(const char *name, enum drain_state state, struct bench *b)
{
	const struct variant *v = variant_find(name);
	struct drain_expect expect = {
		.tgid = getpid(), .bytes_freed = LEN, .target = TARGET_MUNMAP};
	int consumer = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 1 : 0;

	if (probe_open(v, TARGET_MUNMAP, drain_wake_policy(state), &b->probe, why, sizeof(why)))
		return false;
	assert_int_equal(probe_monitor(b->probe, getpid()), 0);
	assert_int_equal(drain_open(body_output(v->body), state, probe_events_fd(b->probe), 0,
				    consumer, &expect, &b->drain, why, sizeof(why)),
			 0);
	if (probe_attach(b->probe, why, sizeof(why))) {
		drain_close(b->drain);
		probe_close(b->probe);
		return false;
	}
	drain_set_active(b->drain, true);
	return true;
}

static void close_bench(struct bench *b)
{
	drain_set_active(b->drain, false);
	drain_close(b->drain);
	probe_close(b->probe);
}

static void overload(const char *name, bool perf)
{
	struct drain_books books;
	struct bench b;
	uint64_t lost;

	if (!open_bench(name, DRAIN_NONE, &b)) {
		printf("# skip: %s: %s\n", name, why);
		skip();
	}
	fire(CALLS);
	lost = probe_dropped(b.probe);
	assert_true(lost > CALLS / 2);
	assert_int_equal(drain_settle(b.drain), 0);
	if (perf)
		fire(1); /* what was lost is told in front of the next event */
	assert_int_equal(drain_settle(b.drain), 0);
	drain_books(b.drain, &books);
	assert_int_equal(books.received + lost, CALLS + perf);
	assert_int_equal(books.lost_records, perf ? lost : 0);
	assert_int_equal(books.foreign, 0);
	close_bench(&b);
}

static void perf_overload_loses_and_tells(void **state)
{
	(void)state;
	overload("tracepoint_perf", true);
}

static void ringbuf_overload_loses_and_is_counted(void **state)
{
	(void)state;
	overload("tracepoint_ringbuf", false);
}

static void output_overload_loses_and_is_counted(void **state)
{
	(void)state;
	overload("tracepoint_ringbuf_output", false);
}

/* Every state with a consumer receives or counts as lost what was sent, whatever its speed. */
static void live_books_balance(void **state)
{
	static const char *const names[] = {"tracepoint_perf", "tracepoint_ringbuf"};
	unsigned int worked = 0;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (int s = DRAIN_CAUGHT_UP; s < DRAIN_STATE_COUNT; s++) {
			struct drain_books books;
			struct bench b;

			if (!open_bench(names[i], (enum drain_state)s, &b))
				continue;
			fire(CALLS);
			assert_int_equal(drain_settle(b.drain), 0);
			if (!i) {
				fire(1);
				assert_int_equal(drain_settle(b.drain), 0);
			}
			drain_books(b.drain, &books);
			assert_int_equal(books.received + probe_dropped(b.probe), CALLS + !i);
			assert_int_equal(books.foreign, 0);
			close_bench(&b);
			worked++;
		}
	if (!worked) {
		printf("# skip: %s\n", why);
		skip();
	}
}

/* Another process's events are not ours: an expectation that is wrong finds them foreign. */
static void a_wrong_event_is_foreign(void **state)
{
	struct drain_expect expect = {
		.tgid = getpid(), .bytes_freed = LEN + 1, .target = TARGET_MUNMAP};
	struct drain_books books;
	struct bench b;

	(void)state;
	if (!open_bench("tracepoint_ringbuf", DRAIN_IDLE, &b)) {
		printf("# skip: %s\n", why);
		skip();
	}
	/* closing a reader unmaps its buffer, which is an event as well: not while we are watched */
	assert_int_equal(probe_monitor(b.probe, 0), 0);
	drain_close(b.drain);
	assert_int_equal(drain_open(OUTPUT_RINGBUF, DRAIN_IDLE, probe_events_fd(b.probe), 0, -1,
				    &expect, &b.drain, why, sizeof(why)),
			 0);
	assert_int_equal(probe_monitor(b.probe, getpid()), 0);
	fire(10);
	assert_int_equal(drain_settle(b.drain), 0);
	drain_books(b.drain, &books);
	assert_int_equal(books.received, 0);
	assert_int_equal(books.foreign, 10);
	close_bench(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(perf_overload_loses_and_tells),
		cmocka_unit_test(ringbuf_overload_loses_and_is_counted),
		cmocka_unit_test(output_overload_loses_and_is_counted),
		cmocka_unit_test(live_books_balance),
		cmocka_unit_test(a_wrong_event_is_foreign),
	};
	cpu_set_t zero;

	CPU_ZERO(&zero);
	CPU_SET(0, &zero);
	sched_setaffinity(0, sizeof(zero), &zero);
	mounts_complete();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
