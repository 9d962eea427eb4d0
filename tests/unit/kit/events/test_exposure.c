/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reader that is stopped on purpose: the loss that this must cause is found, and the stall. No
 * timing is judged.
 */
#include "kit/events/exposure.h"
#include "reports/judge/loss.h"
#include "tests/unit/kit/events/pipeline_rig.h"

#define BYTES 16384
#define RATE  50e3
#define CALLS 20000
#define FROM  5000

/*
 * Stops the reader from one call to another: of the calls in between, at most as many events as the
 * buffer holds can arrive.
 */
static void a_planted_stall_is_found(void **state)
{
	static const enum stream_buffer buffers[] = {STREAM_PERF, STREAM_RINGBUF};
	static const enum wakeup_policy wakeups[] = {WAKEUP_CAUGHT_UP, WAKEUP_POLLED_1MS};
	static const size_t lengths[] = {1000, 5000};

	(void)state;
	need(works, why.text);
	need(spare >= 0, "one CPU only");
	for (size_t i = 0; i < 8; i++) {
		enum stream_buffer buffer = buffers[i & 1];
		struct pipeline_options opts = options(buffer, BYTES, wakeups[i >> 1 & 1]);
		size_t length = lengths[i >> 2], holds = BYTES / stream_record_bytes(buffer);
		/* a pause begins and ends between two slices */
		size_t slice = (size_t)(RATE * EXPOSURE_SLICE_S);
		struct exposure_stall stall = {FROM, FROM + length};
		struct event_point row = {.exposure_s = NAN};
		struct load some = load(RATE, CALLS);
		struct pipeline *pipeline = open_pipeline(&opts);
		struct window w;

		if (!exposure_window(pipeline, &some, &pace, &stall, &w, &row))
			fail_msg("%s", w.reason);
		if (w.done == CALLS) { /* otherwise the machine stalled, and with it the exposure */
			assert_int_equal(row.exposure_produced, CALLS);
			assert_true(row.exposure_lost >= length - slice - holds);
			assert_true(row.exposure_lost <= CALLS - FROM + slice);
			assert_true(row.stalls >= 1);
			assert_true(row.stalls_per_s.lo > 0);
			assert_true(row.exposure_loss.lo > 0 &&
				    row.exposure_loss.hi >= row.exposure_loss.value);
			assert_float_equal(row.buffer_fills, (double)CALLS / (double)holds, 1e-9);
		}
		assert_int_equal(w.events.produced, w.events.received + w.events.dropped);
		pipeline_close(pipeline);
	}
}

/* Windows that fit into the buffer: while the reader stands still nothing is lost. */
static void a_window_that_fits_cannot_lose(void **state)
{
	struct pipeline_options opts = options(STREAM_PERF, 256 << 10, WAKEUP_CAUGHT_UP);
	struct exposure_stall dead = {1, 4999};
	struct event_point row = {.exposure_s = NAN};
	struct load five = load(RATE, 5000);
	struct loss_bound bound;
	struct pipeline *pipeline;
	struct window w;

	(void)state;
	need(works, why.text);
	need(spare >= 0, "one CPU only");
	pipeline = open_pipeline(&opts);
	if (!exposure_window(pipeline, &five, &pace, &dead, &w, &row))
		fail_msg("%s", w.reason);
	assert_int_equal(row.exposure_lost, 0);
	assert_true(row.buffer_fills < 1);
	assert_false(loss_bound(&row, &bound));
	pipeline_close(pipeline);
}

static void long_enough_for_ten_buffers(void **state)
{
	(void)state;
	assert_true(exposure_seconds(1e4, STREAM_PERF, 256 << 10, 10) > 10);
	assert_true(exposure_seconds(1e4, STREAM_PERF, 256 << 10, 10) < 10.2);
	/* 5,461 events at a thousand a second */
	assert_true(exposure_seconds(1e3, STREAM_PERF, 256 << 10, 10) > 54.6);
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
