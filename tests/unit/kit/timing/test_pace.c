/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "calib/arch/arch.h"
#include "calib/tsc.h"
#include "kit/timing/pace.h"
#include "kit/timing/workload.h"

#define HZ 1000000000.0 /* of the fake clock, on which a tick is a nanosecond */

/*
 * Each read of the clock takes 7 ticks, a call as long as it is told, and now and then the clock
 * jumps.
 */
struct fake {
	uint64_t at, slept, sleeps, call_takes;
	uint64_t stall_at, stall;
};

static uint64_t fake_now(void *ctx)
{
	struct fake *fake = ctx;

	fake->at += 7;
	if (fake->stall_at && fake->at >= fake->stall_at) {
		fake->at += fake->stall;
		fake->stall_at = 0;
	}
	return fake->at;
}

static void fake_sleep(void *ctx, uint64_t ticks)
{
	struct fake *fake = ctx;

	fake->at += ticks + 60000; /* a timer that is late */
	fake->slept += ticks;
	fake->sleeps++;
}

static struct fake *the_fake;

/* As a workload's block, with the fake clock's time passing in the call. */
static void fake_block(char *area, uint32_t *out, size_t n, struct gate *gate, struct evict *evict)
{
	(void)area;
	(void)evict;
	for (size_t i = 0; i < n; i++) {
		pace_wait(gate->pace);
		the_fake->at += the_fake->call_takes;
		out[i] = (uint32_t)the_fake->call_takes;
	}
}

static const struct workload fake_workload = {.name = "fake", .block = fake_block};

static void run_fake(struct pace *pace, struct fake *fake, double rate, uint64_t burst,
		     size_t calls)
{
	static struct pace_clock clock;

	clock = (struct pace_clock){fake_now, fake_sleep, fake};
	the_fake = fake;
	assert_int_equal(pace_open(pace, calls, HZ), 0);
	pace->clock = &clock;
	pace_begin(pace, rate, burst);
	workload_paced(&fake_workload, NULL, pace, calls, UINT64_MAX, NULL);
	assert_int_equal(pace->done, calls);
}

static void calls_are_made_when_they_are_due(void **state)
{
	struct fake fake = {.at = 5, .call_takes = 300};
	struct pace pace;

	(void)state;
	run_fake(&pace, &fake, 100000, 1, 5000);
	for (size_t i = 0; i < 5000; i++)
		assert_in_range(pace.lag[i], 0, 28);
	assert_true(fabs(pace_achieved(&pace) / 100000 - 1) < 1e-5);
	assert_int_equal(fake.sleeps, 0);
	pace_close(&pace);
}

static void a_rate_that_divides_no_tick_does_not_drift(void **state)
{
	struct fake fake = {.call_takes = 100};
	struct pace pace;
	uint64_t due;

	(void)state;
	run_fake(&pace, &fake, 333333.3, 1, 100000);
	/* call 99,999 is due at 99,999 / 333,333.3 s, to the tick */
	due = pace_due(&pace, 99999) - pace.start;
	assert_true(fabs((double)due - 99999 / 333333.3 * HZ) <= 1);
	assert_in_range(pace.lag[99999], 0, 28);
	pace_close(&pace);
}

static void a_late_call_is_late_and_the_schedule_stays(void **state)
{
	/* the clock jumps by 1 ms at 20 ms: calls 2000 to 2099 are late, each by less than the one
	 * before */
	struct fake fake = {.call_takes = 500, .stall_at = 20000000, .stall = 1000000};
	struct pace pace;
	size_t late = 0;

	(void)state;
	run_fake(&pace, &fake, 100000, 1, 4000);
	for (size_t i = 0; i < 4000; i++)
		late += pace.lag[i] > 100;
	/* 1 ms is 100 calls of delay; each late call makes up for 10 us - 0.52 us */
	assert_in_range(late, 100, 110);
	assert_in_range(pace.lag[2000], 980000, 1000100);
	assert_in_range(pace.lag[3999], 0, 28);
	/* the rate is reached all the same: no call was put off */
	assert_true(fabs(pace_achieved(&pace) / 100000 - 1) < 1e-4);
	pace_close(&pace);
}

static void what_cannot_be_reached_shows(void **state)
{
	struct fake fake = {.call_takes = 2000};
	struct pace pace;

	(void)state;
	run_fake(&pace, &fake, 1000000, 1, 10000);
	assert_true(pace_achieved(&pace) < 500000);
	assert_true(pace_achieved(&pace) > 490000);
	assert_true(pace.lag[9999] > 9000000);
	pace_close(&pace);
}

static void low_rates_sleep_and_wake_before_the_time(void **state)
{
	struct fake fake = {.call_takes = 300};
	struct pace pace;

	(void)state;
	run_fake(&pace, &fake, 100, 1, 50);
	assert_int_equal(fake.sleeps, 49);
	/* a sleep may be 60 us late: it is set to end earlier, and the rest is spent spinning */
	for (size_t i = 0; i < 50; i++)
		assert_in_range(pace.lag[i], 0, 28);
	pace_close(&pace);
}

static void a_burst_is_back_to_back_then_silent(void **state)
{
	struct fake fake = {.call_takes = 400};
	struct pace pace;

	(void)state;
	run_fake(&pace, &fake, 100000, 1000, 3000);
	assert_int_equal(pace_due(&pace, 999), pace.start);
	assert_int_equal(pace_due(&pace, 1000), pace.start + 10000000);
	assert_int_equal(pace_due(&pace, 2999), pace.start + 20000000);
	assert_in_range(pace.lag[1000], 0, 28);
	assert_true(pace.lag[1999] > 999 * 400);
	assert_int_equal(fake.sleeps, 2);
	pace_close(&pace);
}

static void it_ends_with_its_time(void **state)
{
	struct fake fake = {.call_takes = 2000};
	struct pace_clock clock = {fake_now, fake_sleep, &fake};
	volatile sig_atomic_t stop = 1;
	struct pace pace;

	(void)state;
	the_fake = &fake;
	assert_int_equal(pace_open(&pace, 100000, HZ), 0);
	pace.clock = &clock;
	pace_begin(&pace, 1000000, 1);
	workload_paced(&fake_workload, NULL, &pace, 100000, pace.start + 20000000, NULL);
	/* 20 ms of 2 us calls, and the calls of one turn more */
	assert_in_range(pace.done, 9900, 11000);
	pace_begin(&pace, 1000000, 1);
	workload_paced(&fake_workload, NULL, &pace, 100000, UINT64_MAX, &stop);
	assert_int_equal(pace.done, 0);
	assert_true(isnan(pace_achieved(&pace)));
	pace_close(&pace);
}

/* Only the schedule is checked: nothing begins early, and the readings add up. */
static void the_real_clock_is_never_early(void **state)
{
	const struct workload *workload = workload_find("munmap_einval");
	struct tsc_rate tsc;
	struct pace pace;
	struct error why;

	(void)state;
	if (tsc_measure(50, &tsc, &why)) {
		print_message("# skip: %s\n", why.text);
		skip();
	}
	assert_int_equal(pace_open(&pace, 2000, tsc.hz), 0);
	pace_begin(&pace, 20000, 1);
	workload_paced(workload, NULL, &pace, 2000, UINT64_MAX, NULL);
	assert_int_equal(pace.done, 2000);
	assert_true(pace.first >= pace.start);
	assert_int_equal(pace.first, pace.start + pace.lag[0]);
	assert_int_equal(pace.last, pace_due(&pace, 1999) + pace.lag[1999]);
	/* never faster than asked, except by the first call's start delay */
	assert_true((double)(pace.last - pace.first) >= 1999 * pace.step - (double)pace.lag[0] - 1);
	for (size_t i = 0; i < 2000; i++)
		assert_true(pace.call[i] > 0);
	assert_true(arch_clock() >= pace.last);
	pace_close(&pace);
}

static void rates_that_cannot_be_name_the_valid_range(void **state)
{
	const struct tsc_rate tsc = {.hz = 2e9, .quantum = 2};
	struct error why;

	(void)state;
	assert_int_equal(pace_check(1, &tsc, &why), 0);
	assert_int_equal(pace_check(1e8, &tsc, &why), 0);
	assert_true(pace_check(0, &tsc, &why) != 0);
	assert_true(pace_check(-5, &tsc, &why) != 0);
	assert_true(pace_check(NAN, &tsc, &why) != 0);
	assert_true(pace_check(2e8, &tsc, &why) != 0);
	assert_non_null(strstr(why.text, "200000000"));
	assert_non_null(strstr(why.text, "within 1 and 100000000"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_made_when_they_are_due),
		cmocka_unit_test(a_rate_that_divides_no_tick_does_not_drift),
		cmocka_unit_test(a_late_call_is_late_and_the_schedule_stays),
		cmocka_unit_test(what_cannot_be_reached_shows),
		cmocka_unit_test(low_rates_sleep_and_wake_before_the_time),
		cmocka_unit_test(a_burst_is_back_to_back_then_silent),
		cmocka_unit_test(it_ends_with_its_time),
		cmocka_unit_test(the_real_clock_is_never_early),
		cmocka_unit_test(rates_that_cannot_be_name_the_valid_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
