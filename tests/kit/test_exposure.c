/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reader that is made to stand still: the loss that this must make is found, and its stall. No timing is judged. */
#define _GNU_SOURCE
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/tsc.h"
#include "kit/exposure.h"
#include "kit/mounts.h"
#include "reports/loss.h"

#define BYTES 16384
#define RATE  50e3
#define CALLS 20000
#define FROM  5000
#define MOST  CALLS

static struct pace pace;
static const struct trigger *trigger;
static volatile sig_atomic_t stop;
static char why[512];
static int producer, spare; /* CPUs; spare -1: there is one only */
static bool works;
static enum hook hook;

static struct feed_options options(enum stream_buffer buffer, size_t bytes, enum drain_state drain)
{
	return (struct feed_options){
		.stream = {.hook = hook,
			   .target = TARGET_MUNMAP,
			   .buffer = buffer,
			   .buffer_bytes = bytes},
		.drain = drain,
		.producer_cpu = producer,
		.consumer_cpu = spare,
	};
}

static struct load load(double rate, size_t calls)
{
	return (struct load){trigger, NULL, rate, 0, 0, calls, &stop};
}

static void need(bool possible, const char *what)
{
	if (!possible) {
		printf("# skip: %s\n", what);
		skip();
	}
}

/* Stands still from one call to another: of the calls meanwhile no more than the buffer holds can have come through. */
static void a_planted_stall_is_found(void **state)
{
	static const enum stream_buffer buffers[] = {STREAM_PERF, STREAM_RINGBUF};
	static const enum drain_state drains[] = {DRAIN_CAUGHT_UP, DRAIN_POLLED_1MS};
	static const size_t lengths[] = {1000, 5000};

	(void)state;
	need(works, why);
	need(spare >= 0, "one CPU only");
	for (size_t i = 0; i < 8; i++) {
		enum stream_buffer buffer = buffers[i & 1];
		struct feed_options opts = options(buffer, BYTES, drains[i >> 1 & 1]);
		size_t length = lengths[i >> 2], holds = BYTES / stream_record_bytes(buffer);
		/* a pause begins and ends between two slices */
		size_t slice = (size_t)(RATE * EXPOSURE_SLICE_S);
		struct exposure_stall stall = {FROM, FROM + length};
		struct event_point row = {.exposure_s = NAN};
		struct load some = load(RATE, CALLS);
		struct feed *feed;
		struct window w;

		if (feed_open(&opts, &feed, why, sizeof(why)) ||
		    feed_attach(feed, &some, &pace, why, sizeof(why)))
			fail_msg("%s", why);
		if (!exposure_window(feed, &some, &pace, &stall, &w, &row))
			fail_msg("%s", w.reason);
		if (w.done == CALLS) { /* else the machine stood still, and the window with it */
			assert_int_equal(row.exposure_produced, CALLS);
			assert_true(row.exposure_lost >= length - slice - holds);
			assert_true(row.exposure_lost <= CALLS - FROM + slice);
			assert_true(row.stalls >= 1);
			assert_true(row.stalls_per_s.lo > 0);
			assert_true(row.exposure_loss.lo > 0 &&
				    row.exposure_loss.hi >= row.exposure_loss.value);
			assert_float_equal(row.buffer_fills, (double)CALLS / (double)holds, 1e-9);
		}
		assert_int_equal(w.produced, w.received + w.dropped);
		feed_close(feed);
	}
}

/* The old windows: what the buffer holds is sent while the reader stands still, and nothing is lost. */
static void a_window_that_fits_cannot_lose(void **state)
{
	struct feed_options opts = options(STREAM_PERF, 256 << 10, DRAIN_CAUGHT_UP);
	struct exposure_stall dead = {1, 4999};
	struct event_point row = {.exposure_s = NAN};
	struct load five = load(RATE, 5000);
	struct loss_bound bound;
	struct feed *feed;
	struct window w;

	(void)state;
	need(works, why);
	need(spare >= 0, "one CPU only");
	if (feed_open(&opts, &feed, why, sizeof(why)) ||
	    feed_attach(feed, &five, &pace, why, sizeof(why)))
		fail_msg("%s", why);
	if (!exposure_window(feed, &five, &pace, &dead, &w, &row))
		fail_msg("%s", w.reason);
	assert_int_equal(row.exposure_lost, 0);
	assert_true(row.buffer_fills < 1);
	assert_false(loss_bound(&row, &bound));
	feed_close(feed);
}

static void long_enough_for_ten_buffers(void **state)
{
	(void)state;
	assert_true(exposure_seconds(1e4, STREAM_PERF, 256 << 10, 10) > 10);
	assert_true(exposure_seconds(1e4, STREAM_PERF, 256 << 10, 10) < 10.2);
	/* 5,461 events at a thousand a second */
	assert_true(exposure_seconds(1e3, STREAM_PERF, 256 << 10, 10) > 54.6);
}

/* The first hook that works here. */
static int set_up(void **state)
{
	struct tsc_rate tsc;
	cpu_set_t set;

	(void)state;
	mounts_complete();
	if (tsc_measure(50, &tsc, why, sizeof(why)))
		tsc.hz = 1e9;
	producer = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
	spare = producer > 0 ? 0 : -1;
	CPU_ZERO(&set);
	CPU_SET(producer, &set);
	sched_setaffinity(0, sizeof(set), &set);
	trigger = trigger_find("munmap_einval");
	if (pace_open(&pace, MOST, tsc.hz))
		return -1;
	for (int h = 0; h < HOOK_COUNT && !works; h++) {
		struct feed_options opts;
		struct load any = load(1e6, 1);
		struct feed *feed = NULL;

		hook = (enum hook)h;
		opts = options(STREAM_PERF, 4096, DRAIN_OFF);
		works = !feed_open(&opts, &feed, why, sizeof(why)) &&
			!feed_attach(feed, &any, &pace, why, sizeof(why));
		feed_close(feed);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pace_close(&pace);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_planted_stall_is_found),
		cmocka_unit_test(a_window_that_fits_cannot_lose),
		cmocka_unit_test(long_enough_for_ten_buffers),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
