/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows and breakpoints from made-up windows: the planted values must come out. */
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/events/curve.h"

#define HZ     1e9 /* a tick is a nanosecond */
#define ROUNDS 6
#define CALLS  2000
#define LEAD   10

static const struct tsc_rate tsc = {.hz = HZ, .quantum = 1};
static const struct rate_run_scale scale = {.tsc = &tsc, .seed = 3};
static struct pace pace;

static const struct series_name probe_name = {
	.scenario = "sweep",
	.policy = "-",
	.hook = HOOK_RAW_TP,
	.buffer = STREAM_RINGBUF,
	.wakeup = WAKEUP_SAMPLED,
	.buffer_bytes = 262144,
};

static void open_at(struct rate_run *series, const struct series_name *name, double rate)
{
	struct load load = {workload_find("munmap_einval"), NULL, rate, 0, LEAD, CALLS, NULL};

	assert_int_equal(rate_run_open(series, name, &load, ROUNDS, name->none ? 0 : CALLS), 0);
}

/* Calls of `ticks` and a few more, each started late by `lag`. */
static void fill_pace(size_t done, uint32_t ticks, uint32_t lag, unsigned int round)
{
	pace.done = done;
	for (size_t i = 0; i < done; i++) {
		pace.call[i] = ticks + (uint32_t)(i * 7 % 5) + round % 3;
		pace.lag[i] = lag;
	}
}

static struct window window_of(size_t done, double achieved)
{
	return (struct window){
		.valid = true,
		.done = done,
		.achieved = achieved,
		.seconds = (double)done / achieved,
		.wall_s = (double)done / achieved,
		.events.produced = done,
		.events.received = done,
	};
}

static void numbers_come_out_as_they_went_in(void **state)
{
	struct record *record = record_new();
	struct rate_run series;
	const struct event_point *row;

	(void)state;
	open_at(&series, &probe_name, 100000);
	for (unsigned int r = 0; r < ROUNDS; r++) {
		struct window window = window_of(LEAD + CALLS, 100000);

		fill_pace(LEAD + CALLS, 200, 20, r);
		rate_run_before(&series, &pace);
		fill_pace(LEAD + CALLS, 500, 20, r);
		window.events.dropped = 10;
		window.events.received -= 10;
		window.events.wakeups = 30;
		window.consumer_ns = (uint64_t)(window.wall_s * 0.05e9);
		rate_run_add(&series, &window, &pace, NULL);
	}
	assert_int_equal(rate_run_finish(&series, NULL, &scale, record), 0);
	row = &record->event_points[0];
	assert_string_equal(row->id, "sweep/raw_tp_ringbuf/munmap_einval/sampled/-/100000");
	assert_int_equal(row->status, RESULT_MEASURED);
	assert_int_equal(row->calls, (uint64_t)ROUNDS * (LEAD + CALLS));
	assert_int_equal(row->produced, row->received + row->lost_full);
	assert_int_equal(row->lost_full, 60);
	assert_int_equal(row->wakeups, 180);
	assert_false(row->saturated);
	assert_true(fabs(row->rate_achieved - 100000) < 1);
	assert_true(fabs(row->overhead.value - 300) < 1e-6);
	assert_true(row->overhead.lo <= 300 && row->overhead.hi >= 300);
	/* 300 ns at 100,000 a second are 3 % of a CPU */
	assert_true(fabs(row->producer_cpu.value - 3) < 1e-3);
	assert_true(fabs(row->consumer_cpu.value - 5) < 1e-3);
	assert_in_range((long)row->call_p50.value, 500, 507);
	assert_in_range((long)row->due_p50.value, 520, 527);
	assert_true(fabs(row->start_delay_p99 - 20) < 1e-6 &&
		    fabs(row->start_delay_max - 20) < 1e-6);
	rate_run_close(&series);
	record_free(record);
}

static void most_windows_too_slow_is_saturated(void **state)
{
	struct record *record = record_new();

	(void)state;
	for (unsigned int slow = 3; slow <= 4; slow++) {
		struct rate_run series;

		open_at(&series, &probe_name, 1e6);
		for (unsigned int r = 0; r < ROUNDS; r++) {
			/* a window that was cut short */
			struct window window = window_of(CALLS / 2, r < slow ? 400000 : 1e6);

			fill_pace(CALLS / 2, 500, 20, r);
			rate_run_before(&series, &pace);
			rate_run_add(&series, &window, &pace, NULL);
		}
		assert_int_equal(rate_run_finish(&series, NULL, &scale, record), 0);
		assert_int_equal(record->event_points[slow - 3].saturated, slow == 4);
		assert_true(record->event_points[slow - 3].rate_achieved < 1e6);
		rate_run_close(&series);
	}
	record_free(record);
}

static void one_invalid_window_spoils_the_row(void **state)
{
	struct record *record = record_new();
	struct rate_run series;

	(void)state;
	open_at(&series, &probe_name, 1e4);
	for (unsigned int r = 0; r < ROUNDS; r++) {
		struct window window = window_of(LEAD + CALLS, 1e4);

		fill_pace(LEAD + CALLS, 500, 20, r);
		if (r == 2) {
			window.valid = false;
			snprintf(window.reason, sizeof(window.reason), "one is missing");
		}
		rate_run_add(&series, &window, &pace, NULL);
	}
	assert_int_equal(rate_run_finish(&series, NULL, &scale, record), 0);
	assert_int_equal(record->event_points[0].status, RESULT_INVALID);
	assert_string_equal(record->event_points[0].reason, "one is missing");
	rate_run_close(&series);
	record_free(record);
}

static void instructions_are_no_times(void **state)
{
	const struct rate_run_scale exact = {.tsc = &tsc, .seed = 3, .withheld = true};
	struct window window = window_of(LEAD + CALLS, 1e4);
	struct record *record = record_new();
	struct rate_run series;

	(void)state;
	open_at(&series, &probe_name, 1e4);
	fill_pace(LEAD + CALLS, 500, 20, 0);
	rate_run_add(&series, &window, &pace, NULL);
	assert_int_equal(rate_run_finish(&series, NULL, &exact, record), 0);
	assert_int_equal(record->event_points[0].received, LEAD + CALLS);
	assert_true(isnan(record->event_points[0].rate_achieved));
	assert_true(isnan(record->event_points[0].call_p50.value));
	assert_true(isnan(record->event_points[0].start_delay_p99));
	rate_run_close(&series);
	record_free(record);
}

/*
 * Nothing is lost up to 200,000 a second, half of the events above it; the cost of a call is
 * constant.
 */
static void a_planted_breakpoint_is_found(void **state)
{
	static const double rates[] = {500e3, 1e3, 10e3, 50e3, 100e3, 200e3, 300e3, 400e3};
	enum { N = sizeof(rates) / sizeof(rates[0]) };
	struct record *record = record_new();
	struct rate_run series[N];
	bool seen = false;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		open_at(&series[i], &probe_name, rates[i]);
		for (unsigned int r = 0; r < ROUNDS; r++) {
			struct window window = window_of(LEAD + CALLS, rates[i]);
			double beyond = fmax(rates[i] - 200e3, 0) / 2;

			/* a few of noise */
			window.events.dropped =
				beyond > 0 ? (uint64_t)(beyond * window.seconds) + r % 3 : 0;
			window.events.received -= window.events.dropped;
			fill_pace(LEAD + CALLS, 200, 20, r);
			rate_run_before(&series[i], &pace);
			fill_pace(LEAD + CALLS, 500, 20, r * r);
			rate_run_add(&series[i], &window, &pace, NULL);
		}
	}
	assert_int_equal(curve_breakpoints(series, N, &scale, record), 0);
	for (size_t i = 0; i < record->n_breakpoints; i++) {
		const struct breakpoint *breakpoint = &record->breakpoints[i];

		assert_string_equal(breakpoint->curve,
				    "sweep/raw_tp_ringbuf/munmap_einval/sampled/-");
		if (strcmp(breakpoint->quantity, "loss") != 0) {
			assert_false(!strcmp(breakpoint->quantity, "overhead") &&
				     breakpoint->found);
			continue;
		}
		seen = true;
		assert_true(breakpoint->found);
		assert_true(breakpoint->rate.lo <= 205e3 && breakpoint->rate.hi >= 195e3);
	}
	assert_true(seen);
	/* three rates do not make a curve */
	record_free(record);
	record = record_new();
	assert_int_equal(curve_breakpoints(series, 3, &scale, record), 0);
	assert_int_equal(record->n_breakpoints, 0);
	for (size_t i = 0; i < N; i++)
		rate_run_close(&series[i]);
	record_free(record);
}

/*
 * A rate that was not reached is no threshold: when the producer reaches less than "1 M/s", the
 * reached rate counts.
 */
static void a_saturated_rate_is_no_point(void **state)
{
	static const double rates[] = {1e3, 10e3, 50e3, 100e3, 1e6};
	enum { N = sizeof(rates) / sizeof(rates[0]) };
	struct record *record = record_new();
	struct rate_run series[N];

	(void)state;
	for (size_t i = 0; i < N; i++) {
		open_at(&series[i], &probe_name, rates[i]);
		for (unsigned int r = 0; r < ROUNDS; r++) {
			double achieved = rates[i] > 500e3 ? 246e3 : rates[i];
			struct window window = window_of(LEAD + CALLS, achieved);

			window.events.dropped = rates[i] > 500e3 ? 400 + r : 0;
			window.events.received -= window.events.dropped;
			fill_pace(LEAD + CALLS, 200, 20, r);
			rate_run_before(&series[i], &pace);
			fill_pace(LEAD + CALLS, rates[i] > 500e3 ? 4000 : 500, 20, r * r);
			rate_run_add(&series[i], &window, &pace, NULL);
		}
	}
	assert_true(rate_run_saturated(&series[N - 1]));
	assert_int_equal(curve_breakpoints(series, N, &scale, record), 0);
	assert_true(record->n_breakpoints > 0);
	for (size_t i = 0; i < record->n_breakpoints; i++) {
		assert_false(record->breakpoints[i].found);
		assert_true(record->breakpoints[i].highest < 101e3);
	}
	for (size_t i = 0; i < N; i++)
		rate_run_close(&series[i]);
	record_free(record);
}

/*
 * A null test at 1,000 a second, with one call in twenty 10 us slower: a cost of zero must read
 * zero. With groups of 64 on one side and single calls on the other it once read some hundred ns.
 */
static void host_noise_is_no_cost(void **state)
{
	static const enum wakeup_policy wakeups[] = {WAKEUP_CAUGHT_UP, WAKEUP_SAMPLED,
						     WAKEUP_POLLED_1MS};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	static const size_t windows[] = {200, CALLS}; /* one of a fifth of a second; longer ones */

	(void)state;
	for (size_t d = 0; d < 2 * sizeof(wakeups) / sizeof(wakeups[0]); d++) {
		const size_t calls = windows[d % 2];
		struct series_name name = probe_name;
		double sum = 0;

		name.wakeup = wakeups[d / 2];
		gsl_rng_set(rng, 9);
		for (size_t t = 0; t < 200; t++) {
			struct load load = {
				workload_find("munmap_einval"), NULL, 1e3, 0, 0, calls, NULL};
			struct window window = window_of(calls, 1e3);
			struct rate_run series;
			size_t before = rate_run_before_calls(&name, &load);

			assert_int_equal(rate_run_open(&series, &name, &load, 1, before), 0);
			for (int config = 0; config < 2; config++) {
				pace.done = config ? calls : before;
				for (size_t i = 0; i < pace.done; i++) {
					pace.call[i] =
						1000 + (uint32_t)gsl_rng_uniform_int(rng, 50);
					if (gsl_rng_uniform(rng) < 0.05)
						pace.call[i] += 10000;
					pace.lag[i] = 0;
				}
				if (!config)
					rate_run_before(&series, &pace);
			}
			rate_run_add(&series, &window, &pace, NULL);
			sum += rate_run_round_cost(&series, 0, &scale).typical / 200;
			rate_run_close(&series);
		}
		print_message("%s: the null test reads %+.1f ns\n", wakeup_policy_name(name.wakeup),
			      sum);
		/*
		 * for single calls the tails are trimmed; for groups the noise is 10,000 sqrt(.05 /
		 * 200 * 2 / 200)
		 */
		assert_true(fabs(sum) < (name.wakeup == WAKEUP_SAMPLED ? 60 : 2));
	}
	gsl_rng_free(rng);
}

static int set_up(void **state)
{
	(void)state;
	return pace_open(&pace, 2 * (LEAD + CALLS), HZ);
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
		cmocka_unit_test(numbers_come_out_as_they_went_in),
		cmocka_unit_test(most_windows_too_slow_is_saturated),
		cmocka_unit_test(one_invalid_window_spoils_the_row),
		cmocka_unit_test(instructions_are_no_times),
		cmocka_unit_test(a_planted_breakpoint_is_found),
		cmocka_unit_test(a_saturated_rate_is_no_point),
		cmocka_unit_test(host_noise_is_no_cost),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
