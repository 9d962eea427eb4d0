/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cheapest policy is found; one that lost events, missed its rate or delivered too late is not
 * taken.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/judge/costs/policies.h"
#include "tests/unit/reports/example.h"
#include "tests/unit/reports/example_rows.h"
#include "tests/unit/reports/rendered.h"

static struct event_point *add(struct record *rec, const char *scenario, const char *policy,
			       double rate, double producer, double consumer, double half,
			       double age)
{
	struct event_point *p = record_add_event_point(rec);
	char id[128];

	assert_non_null(p);
	snprintf(id, sizeof(id), "%s/%s/%.0f", scenario, policy, rate);
	p->id = strdup(id);
	p->scenario = strdup(scenario);
	p->variant = strdup("raw_tp_ringbuf");
	p->hook = strdup("raw_tp");
	p->body = strdup("ringbuf");
	p->workload = strdup("munmap_einval");
	p->wakeup = strdup("idle");
	p->policy = strdup(policy);
	p->rate_target = rate;
	p->overhead = example_about(producer * 100, half);
	p->producer_cpu = example_about(producer, half);
	p->consumer_cpu = example_about(consumer, half);
	p->produced = p->received = 1000;
	p->wakeups = 500;
	p->age_p50 = age / 4;
	p->age_p99 = age;
	p->age_max = 2 * age;
	return p;
}

static struct record *policies(void)
{
	struct record *rec = record_new();

	example_host(rec);
	add(rec, "wakeup", "quick and dear", 1e4, 5, 10, 0.5, 20e3);
	add(rec, "wakeup", "slow and cheap", 1e4, 1, 0.5, 0.1, 9e6);
	add(rec, "wakeup", "slow and nearly as cheap", 1e4, 1, 0.6, 0.1, 8e6);
	add(rec, "wakeup", "loses", 1e4, 0.1, 0.1, 0.01, 20e3)->received = 999;
	add(rec, "wakeup", "too slow", 1e4, 0.1, 0.1, 0.01, 20e3)->saturated = true;
	add(rec, "wakeup", "another rate", 1e5, 0.1, 0.1, 0.01, 20e3);
	add(rec, "sweep", "another scenario", 1e4, 0.1, 0.1, 0.01, 20e3);
	add(rec, "wakeup", "skipped", 1e4, 0.1, 0.1, 0.01, 20e3)->status = RESULT_SKIPPED;
	return rec;
}

static void cheapest(const struct record *rec, double rate, double limit, const char *name,
		     size_t ties)
{
	size_t got = 99;
	const struct event_point *p = policies_cheapest(rec, rate, limit, &got);

	if (!name) {
		assert_null(p);
		return;
	}
	assert_non_null(p);
	assert_string_equal(p->policy, name);
	assert_int_equal(got, ties);
}

static void test_cheapest(void **state)
{
	struct record *rec = policies();

	(void)state;
	cheapest(rec, 1e4, 10e3, NULL, 0);
	cheapest(rec, 1e4, 20e3, "quick and dear", 0);
	cheapest(rec, 1e4, 8e6, "slow and nearly as cheap", 0);
	cheapest(rec, 1e4, INFINITY, "slow and cheap", 1);
	cheapest(rec, 1e5, INFINITY, "another rate", 0);
	cheapest(rec, 1e3, INFINITY, NULL, 0);
	record_free(rec);
}

static void test_text(void **state)
{
	struct record *rec = policies();
	struct event_point *p;
	char *text;

	(void)state;
	p = add(rec, "contention", "default, epoll", NAN, 3, 4, 0.5, 1e5);
	p->producers = 2;
	p->rate_achieved = 2e6;
	p->throughput = example_about(1.5e6, 0.1e6);
	p->produced = 2000;
	p = add(rec, "flood", "1 in 512", NAN, 3, 40, 0.5, NAN);
	p->throughput = example_about(12.3e6, 0.2e6);
	text = rendered(rec, RENDER_TEXT);
	says(text, "Wakeup policies");
	says(text, "slow and nearly as cheap");
	says(text, "ringbuf: slow and cheap");
	says(text, "Contention");
	says(text, "1.50 ±0.10");
	says(text, "50 %");
	says(text, "Flood");
	says(text, "12.3 ±0.2");
	says_not(text, "another scenario");
	fits(text);
	free(text);
	text = rendered(rec, RENDER_MARKDOWN);
	says(text, "| ringbuf: slow and cheap |");
	free(text);
	record_free(rec);
}

static void test_nothing(void **state)
{
	struct record *rec = record_new();
	char *text;

	(void)state;
	example_host(rec);
	text = rendered(rec, RENDER_TEXT);
	says_not(text, "policies");
	says_not(text, "Contention");
	says_not(text, "Flood");
	free(text);
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cheapest),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
