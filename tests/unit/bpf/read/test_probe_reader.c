/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact event accounting under every wakeup policy, also with forced losses. */
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

#include "calib/error.h"
#include "bpf/read/probe_reader.h"
#include "bpf/load/probe.h"
#include "bpf/programs/shared.h"
#include "kit/system/mounts.h"

#define LEN   4096
#define CALLS 20000 /* more than three buffers hold */

static struct error why;

static void fire(unsigned int n)
{
	while (n--)
		syscall(SYS_munmap, 1, LEN);
}

struct bench {
	struct probe *probe;
	struct probe_reader *wakeup;
};

static bool open_bench(const char *name, enum wakeup_policy state, struct bench *b)
{
	const struct variant *v = variant_find(name);
	struct probe_reader_expect expect = {
		.tgid = getpid(), .bytes_freed = LEN, .target = TARGET_MUNMAP};
	int consumer = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 1 : 0;

	if (probe_open(v, TARGET_MUNMAP, wakeup_ring_wake(state), &b->probe, &why))
		return false;
	assert_int_equal(probe_monitor(b->probe, getpid()), 0);
	assert_int_equal(probe_reader_open(body_output(v->body), state, probe_events_fd(b->probe),
					   0, consumer, &expect, &b->wakeup, &why),
			 0);
	if (probe_attach(b->probe, &why)) {
		probe_reader_close(b->wakeup);
		probe_close(b->probe);
		return false;
	}
	consumer_set_active(b->wakeup->consumer, true);
	return true;
}

static void close_bench(struct bench *b)
{
	consumer_set_active(b->wakeup->consumer, false);
	probe_reader_close(b->wakeup);
	probe_close(b->probe);
}

static void overload(const char *name, bool perf)
{
	struct bench b;
	uint64_t lost;

	if (!open_bench(name, WAKEUP_NONE, &b)) {
		printf("# skip: %s: %s\n", name, why.text);
		skip();
	}
	fire(CALLS);
	lost = probe_dropped(b.probe);
	assert_true(lost > CALLS / 2);
	assert_int_equal(probe_reader_settle(b.wakeup), 0);
	if (perf)
		fire(1); /* perf reports what was lost in front of the next event */
	assert_int_equal(probe_reader_settle(b.wakeup), 0);
	assert_int_equal(b.wakeup->counted.received + lost, CALLS + perf);
	assert_int_equal(b.wakeup->counted.lost_records, perf ? lost : 0);
	assert_int_equal(b.wakeup->counted.foreign, 0);
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

/*
 * With every policy that has a reader process, what was sent is received or counted as lost,
 * whatever its speed.
 */
static void live_accounting_balance(void **state)
{
	static const char *const names[] = {"tracepoint_perf", "tracepoint_ringbuf"};
	unsigned int worked = 0;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (int s = WAKEUP_CAUGHT_UP; s < WAKEUP_NAMED_COUNT; s++) {
			struct bench b;

			if (!open_bench(names[i], (enum wakeup_policy)s, &b))
				continue;
			fire(CALLS);
			assert_int_equal(probe_reader_settle(b.wakeup), 0);
			if (!i) {
				fire(1);
				assert_int_equal(probe_reader_settle(b.wakeup), 0);
			}
			assert_int_equal(b.wakeup->counted.received + probe_dropped(b.probe),
					 CALLS + !i);
			assert_int_equal(b.wakeup->counted.foreign, 0);
			close_bench(&b);
			worked++;
		}
	if (!worked) {
		printf("# skip: %s\n", why.text);
		skip();
	}
}

/* Another process's events are foreign: a wrong expectation shows it. */
static void a_wrong_event_is_foreign(void **state)
{
	struct probe_reader_expect expect = {
		.tgid = getpid(), .bytes_freed = LEN + 1, .target = TARGET_MUNMAP};
	struct bench b;

	(void)state;
	if (!open_bench("tracepoint_ringbuf", WAKEUP_IDLE, &b)) {
		printf("# skip: %s\n", why.text);
		skip();
	}
	/*
	 * closing a reader unmaps its buffer, which is an event as well: not while this process is
	 * monitored
	 */
	assert_int_equal(probe_monitor(b.probe, 0), 0);
	probe_reader_close(b.wakeup);
	assert_int_equal(probe_reader_open(OUTPUT_RINGBUF, WAKEUP_IDLE, probe_events_fd(b.probe), 0,
					   -1, &expect, &b.wakeup, &why),
			 0);
	assert_int_equal(probe_monitor(b.probe, getpid()), 0);
	fire(10);
	assert_int_equal(probe_reader_settle(b.wakeup), 0);
	assert_int_equal(b.wakeup->counted.received, 0);
	assert_int_equal(b.wakeup->counted.foreign, 10);
	close_bench(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(perf_overload_loses_and_tells),
		cmocka_unit_test(ringbuf_overload_loses_and_is_counted),
		cmocka_unit_test(output_overload_loses_and_is_counted),
		cmocka_unit_test(live_accounting_balance),
		cmocka_unit_test(a_wrong_event_is_foreign),
	};
	cpu_set_t zero;

	CPU_ZERO(&zero);
	CPU_SET(0, &zero);
	sched_setaffinity(0, sizeof(zero), &zero);
	mounts_complete();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
