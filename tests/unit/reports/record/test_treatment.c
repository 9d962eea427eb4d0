/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Equal names are not always equal treatments: results that must not be joined, and those that
 * must.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/judge/cpu_cost.h"
#include "reports/record/treatment.h"
#include "tests/unit/reports/example_rows.h"

static void reads(struct record_reader *reader, const char *wake, unsigned int every,
		  const char *wait, double interval_ms)
{
	reader->wake = strdup(wake);
	reader->every = every;
	reader->wait = strdup(wait);
	reader->interval_ms = interval_ms;
}

static struct record *pair(const char *wakeup, struct record_result **result,
			   struct event_point **point)
{
	struct record *rec = record_new();

	example_host(rec);
	*result = example_config(rec, "raw_tp", "perf", "munmap_einval", wakeup, 200);
	*point = example_point(rec, "sweep", "raw_tp_perf", wakeup, 1e4, 40000, 0);
	return rec;
}

static void test_whole_key(void **state)
{
	struct record_result *result;
	struct event_point *point;
	struct record *rec = pair("caught_up", &result, &point);

	(void)state;
	reads(&result->reader, "default", 0, "edge", NAN);
	reads(&point->reader, "default", 0, "edge", NAN);
	assert_true(treatment_same(result, point));
	point->workload[0] = 'x';
	assert_false(treatment_same(result, point));
	point->workload[0] = 'm';
	point->body[0] = 'x';
	assert_false(treatment_same(result, point));
	record_free(rec);

	rec = pair("caught_up", &result, &point);
	free(result->cache);
	result->cache = strdup("cold");
	assert_false(treatment_same(result, point));
	free(result->cache);
	result->cache = strdup("stirred");
	assert_true(treatment_same(result, point));
	record_free(rec);
}

/* One name, two treatments, as in older records: busy woke in cost runs and not in event runs. */
static void test_one_name_two_treatments(void **state)
{
	static const char *const names[] = {"busy", "idle", "sampled"};
	struct record_result *result;
	struct event_point *point;
	struct record *rec;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		rec = pair(names[i], &result, &point);
		assert_false(treatment_same(result, point));
		record_free(rec);
	}
	rec = pair("caught_up", &result, &point);
	assert_true(treatment_same(result, point));
	record_free(rec);

	rec = pair("busy", &result, &point);
	reads(&result->reader, "default", 0, "spin", NAN);
	reads(&point->reader, "never", 0, "spin", NAN);
	assert_false(treatment_same(result, point));
	record_free(rec);
	rec = pair("polled", &result, &point);
	reads(&result->reader, "never", 0, "edge", 1);
	reads(&point->reader, "never", 0, "edge", 10);
	assert_false(treatment_same(result, point));
	record_free(rec);
}

static void test_realised(void **state)
{
	struct record_result *result;
	struct event_point *point;
	struct record *rec = pair("sampled", &result, &point);
	double realised;

	(void)state;
	reads(&result->reader, "every", 64, "edge", NAN);
	reads(&point->reader, "every", 64, "edge", NAN);
	/* 0.0156 by definition; the record in tests has 0.006 to 0.009 */
	assert_true(treatment_realised(&result->reader, 156, 10000, &realised));
	assert_true(treatment_realised(&result->reader, 130, 10000, NULL));
	assert_false(treatment_realised(&result->reader, 80, 10000, &realised));
	assert_float_equal(realised, 0.008, 1e-9);
	result->events.present = true;
	result->events.received = 10000;
	result->events.wakeups = 80;
	point->received = 10000;
	point->wakeups = 156;
	assert_false(treatment_same(result, point));
	point->wakeups = 82;
	assert_true(treatment_same(result, point));
	result->events.wakeups = 156;
	point->wakeups = 156;
	assert_true(treatment_same(result, point));
	/* 1 in 128 is another wakeup policy, whatever its name */
	point->reader.every = 128;
	assert_false(treatment_same(result, point));
	record_free(rec);
}

static void test_cpu_cost(void **state)
{
	struct effect sum = cpu_cost_sum(example_about(0.4, 0.03), example_about(0.3, 0.04));

	(void)state;
	assert_float_equal(sum.value, 0.7, 1e-12);
	assert_float_equal(sum.hi - sum.value, 0.05, 1e-12);
	assert_true(isnan(cpu_cost_sum(example_about(1, 0), (struct effect){NAN, NAN, NAN}).value));
	assert_true(cpu_cost_rate_same(10000, 10040));
	assert_false(cpu_cost_rate_same(10000, 10200));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_key),
		cmocka_unit_test(test_one_name_two_treatments),
		cmocka_unit_test(test_realised),
		cmocka_unit_test(test_cpu_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
