/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forced losses with exact event accounting: tiny buffers, no reader, a reader that is stopped. No
 * timing is judged.
 */
#include <errno.h>

#include "tests/unit/kit/events/pipeline_rig.h"

static void is_valid(const struct window *w, size_t calls)
{
	if (!w->valid)
		fail_msg("%s", w->reason);
	assert_int_equal(w->done, calls);
	assert_int_equal(w->events.produced + w->events.missed, calls);
	assert_int_equal(w->events.produced, w->events.received + w->events.dropped);
}

static const enum stream_buffer buffers[] = {STREAM_PERF, STREAM_RINGBUF, STREAM_RINGBUF_OUTPUT,
					     STREAM_RING_PER_CPU};

static void every_policy_balances_window_by_window(void **state)
{
	static const enum wakeup_policy wakeups[] = {WAKEUP_NONE, WAKEUP_IDLE,	  WAKEUP_CAUGHT_UP,
						     WAKEUP_BUSY, WAKEUP_SAMPLED, WAKEUP_POLLED_1MS,
						     WAKEUP_SPIN};

	(void)state;
	need(works, why.text);
	for (size_t b = 0; b < 4; b++)
		for (size_t d = 0; d < sizeof(wakeups) / sizeof(wakeups[0]); d++) {
			struct pipeline_options opts = options(buffers[b], 256 << 10, wakeups[d]);
			struct load each = load(200000, 3000);
			struct pipeline *pipeline;
			struct window w;

			if (wakeup_policy_needs_cpu(wakeups[d]) && spare < 0)
				continue;
			pipeline = open_pipeline(&opts);
			for (int i = 0; i < 3; i++) {
				pipeline_window(pipeline, &each, &pace, &w);
				/*
				 * a stall of the machine may cut a window short: all events are
				 * accounted for all the same
				 */
				is_valid(&w, w.done);
				if (wakeups[d] == WAKEUP_NONE)
					assert_int_equal(w.events.dropped, w.events.produced);
			}
			if (pipeline_check(pipeline, &why))
				fail_msg("%s", why.text);
			pipeline_close(pipeline);
		}
}

static void a_tiny_buffer_overflows_and_the_accounting_hold(void **state)
{
	(void)state;
	need(works, why.text);
	need(spare >= 0, "one CPU only");
	for (size_t b = 0; b < 4; b++) {
		struct pipeline_options opts = options(buffers[b], 4096, WAKEUP_POLLED_1MS);
		/* all at once: more than a millisecond's calls, and room for a hundred events */
		struct load all = load(1e8, MOST);
		struct pipeline *pipeline = open_pipeline(&opts);
		struct window w;

		pipeline_window(pipeline, &all, &pace, &w);
		is_valid(&w, w.done);
		assert_true(w.events.dropped > 0);
		assert_true(w.events.received > 0);
		pipeline_close(pipeline);
	}
}

/* While the reader is stopped, exactly as many events as the buffer holds arrive. */
static void a_stopped_consumer_loses_the_rest(void **state)
{
	(void)state;
	need(works, why.text);
	need(spare >= 0, "one CPU only");
	for (size_t b = 0; b < 4; b++) {
		struct pipeline_options opts = options(buffers[b], 16384, WAKEUP_CAUGHT_UP);
		size_t holds = 16384 / stream_record_bytes(buffers[b]);
		struct pipeline *pipeline = open_pipeline(&opts);
		struct window w;

		pipeline_begin(pipeline, &w);
		assert_int_equal(consumer_pause(pipeline->collect->consumer), 0);
		pace_begin(&pace, 1e6, 0);
		workload_paced(workload, NULL, &pace, 2000, UINT64_MAX, NULL);
		consumer_resume(pipeline->collect->consumer);
		pipeline_end(pipeline, &pace, &w);
		is_valid(&w, 2000);
		/* give or take a record: a ring is full one byte early */
		assert_in_range(w.events.received, holds - 1, holds);
		/* what comes afterwards is received again */
		pipeline_begin(pipeline, &w);
		pace_begin(&pace, 10000, 0);
		workload_paced(workload, NULL, &pace, 20, UINT64_MAX, NULL);
		pipeline_end(pipeline, &pace, &w);
		is_valid(&w, 20);
		assert_int_equal(w.events.dropped, 0);
		pipeline_close(pipeline);
	}
}

static void a_stuck_consumer_ends_the_window(void **state)
{
	struct pipeline_options opts = options(STREAM_RINGBUF, 16384, WAKEUP_CAUGHT_UP);
	struct load some = load(100000, 100);
	struct pipeline *pipeline;
	struct window w;

	(void)state;
	need(works, why.text);
	need(spare >= 0, "one CPU only");
	pipeline = open_pipeline(&opts);
	assert_int_equal(consumer_pause(pipeline->collect->consumer), 0);
	pipeline_window(pipeline, &some, &pace, &w);
	assert_false(w.valid);
	assert_true(w.stuck);
	assert_non_null(strstr(w.reason, "stuck"));
	pipeline_close(pipeline);
}

/* Without a CPU for the reader, the caller reads the buffer before it is full. */
static void one_cpu_reads_for_itself(void **state)
{
	struct pipeline_options opts = options(STREAM_RINGBUF, 4096, WAKEUP_IDLE);
	struct load many = load(1e6, 5000);
	struct pipeline *pipeline;
	struct window w;

	(void)state;
	need(works, why.text);
	opts.consumer_cpu = -1;
	pipeline = open_pipeline(&opts);
	pipeline_window(pipeline, &many, &pace, &w);
	is_valid(&w, w.done);
	assert_int_equal(w.events.dropped, 0);
	pipeline_close(pipeline);
	opts.wakeup = WAKEUP_BUSY;
	assert_int_equal(pipeline_open(&opts, &pipeline, &why), -EOPNOTSUPP);
	assert_non_null(strstr(why.text, "second CPU"));
}

static void what_cannot_be_reached_ends_in_time(void **state)
{
	struct load fast = load(1e8, MOST);
	struct window w;

	(void)state;
	pipeline_window(NULL, &fast, &pace, &w);
	assert_true(w.valid);
	assert_true(w.achieved < 1e8);
	assert_int_equal(w.events.produced, 0);
	stop = 1;
	pipeline_window(NULL, &fast, &pace, &w);
	stop = 0;
	assert_int_equal(w.done, 0);
	assert_true(isnan(w.achieved));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_policy_balances_window_by_window),
		cmocka_unit_test(a_tiny_buffer_overflows_and_the_accounting_hold),
		cmocka_unit_test(a_stopped_consumer_loses_the_rest),
		cmocka_unit_test(a_stuck_consumer_ends_the_window),
		cmocka_unit_test(one_cpu_reads_for_itself),
		cmocka_unit_test(what_cannot_be_reached_ends_in_time),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
