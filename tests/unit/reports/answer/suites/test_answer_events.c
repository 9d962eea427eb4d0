/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/reports/answer/answered.h"

/* How a record of today says that its reader was woken. */
static struct event_point *known(struct event_point *p)
{
	p->reader.wake = strdup("default");
	p->reader.wait = strdup("edge");
	return p;
}

static void exposed(struct event_point *p, uint64_t sent, uint64_t lost)
{
	p->exposure_s = 10;
	p->buffer_fills = 20;
	p->exposure_produced = sent;
	p->exposure_lost = lost;
}

static struct record *rates(void)
{
	struct record *rec = record_new();
	struct event_point *p;

	example_host(rec);
	known(example_point(rec, "sweep", "raw_tp_perf", "busy", 1e4, 30000, 0));
	exposed(known(example_point(rec, "sweep", "raw_tp_perf", "caught_up", 1e4, 30000, 0)),
		100000, 0);
	p = known(example_point(rec, "sweep", "raw_tp_ringbuf", "caught_up", 1e4, 30000, 0));
	free(p->body);
	p->body = strdup("ringbuf");
	p->producer_cpu = example_about(0.01, 0.2);
	p->consumer_cpu = example_about(0.01, 0.2);
	p = known(example_point(rec, "sweep", "raw_tp_perf", "caught_up", 1e5, 300000, 3000));
	p->age_p99 = NAN;
	p = known(example_point(rec, "sweep", "raw_tp_perf", "polled_1ms", 1e6, 300000, 0));
	p->saturated = true;
	return rec;
}

static void test_rates(void **state)
{
	struct record *rec = rates();
	char *text = answered(rec);

	(void)state;
	golden_is("events", text);
	says_words(text, "10 K perf, per-event 0.70 ±0.07 % 400 ±20 ns < 0.003 % 12 us");
	says_words(text, "10 K ringbuf, per-event not resolved 400 ±20 ns no bound");
	says_words(text, "100 K perf, per-event 7.00 ±0.07 % 400 ±20 ns 1 % -");
	says_words(text, "1 M perf, polled-1ms not reached no bound");
	/* the design comes before what costs less */
	assert_true(strstr(text, "perf, per-event") < strstr(text, "perf, busy-poll"));
	says_words(text, "at 10 K/s perf, per-event takes 0.70 ±0.07 % of a CPU");
	says_words(text, "cheapest is ringbuf, per-event: not resolved");
	free(text);
	record_free(rec);
}

static void test_breakpoints(void **state)
{
	struct record *rec = rates();
	char *text;

	(void)state;
	example_breakpoint(rec, "overhead", false);
	text = answered(rec);
	says_words(text, "Breaks none found in 1 curves of cost, CPU and loss up to 1 M/s");
	free(text);
	example_breakpoint(rec, "cpu", true);
	text = answered(rec);
	says_words(text,
		   "Breaks 1 of 2 curves bend for the worse, the first from 81.2 K/s [22.5 K, "
		   "144 K] (cpu of raw_tp_perf, none)");
	free(text);
	for (size_t i = 0; i < rec->n_breakpoints; i++)
		rec->breakpoints[i].highest = NAN;
	text = answered(rec);
	says_words(text, "Withdrawn of an older version: its breakpoints; measure again");
	free(text);
	record_free(rec);
}

static struct event_point *burst(struct record *rec, uint64_t buffer, uint64_t calls, uint64_t lost)
{
	struct event_point *p =
		known(example_point(rec, "burst", "raw_tp_perf", "caught_up", NAN, calls, lost));

	p->buffer_bytes = buffer;
	p->burst = calls;
	return p;
}

/* The buffer from which on nothing was lost, not the smallest that lost nothing once. */
static void test_overload(void **state)
{
	struct record *rec = rates();
	char *text;

	(void)state;
	burst(rec, 4 << 10, 1000, 0);
	burst(rec, 4 << 10, 100000, 0);
	burst(rec, 16 << 10, 100000, 200);
	burst(rec, 64 << 10, 100000, 0);
	burst(rec, 1 << 20, 100000, 0);
	text = answered(rec);
	says_words(text, "buffer that loses nothing: 100,000 calls at once: perf 64 KiB");
	free(text);
	burst(rec, 16 << 20, 100000, 1);
	text = answered(rec);
	says_words(text, "100,000 calls at once: perf over 16 MiB");
	free(text);
	record_free(rec);
}

/* Without rates there is still a table, and a row that says what was done. */
static void test_loads_alone(void **state)
{
	struct record *rec = record_new();
	char *text;

	(void)state;
	example_host(rec);
	burst(rec, 16 << 10, 100000, 200);
	text = answered(rec);
	says_words(text, "burst perf, per-event 100000 calls at once 16 KiB 0.20 %");
	free(text);
	record_free(rec);
}

static void test_nothing(void **state)
{
	struct record *rec = rates();
	char *text;

	(void)state;
	skip_all(rec, "kernel built without CONFIG_BPF_EVENTS (/proc/config.gz)");
	text = answered(rec);
	says(text, "nothing was measured with a probe");
	says_words(text, "raw_tp: kernel built without CONFIG_BPF_EVENTS");
	says_not(text, "config.gz");
	free(text);
	record_free(rec);
}

/* Records that are kept: one of today, one of the first version. */
static void test_kept(void **state)
{
	static const char *const folders[] = {"reports/examples/events", "tests/records/events"};
	static const char *const names[] = {"events_example", "events_first_version"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct record *rec = NULL;
		struct error why = {0};
		char *text;

		if (record_read(folders[i], &rec, &why))
			fail_msg("%s", why.text);
		text = answered_at(rec, folders[i], ANSWER_NARROW);
		golden_is(names[i], text);
		free(text);
		free(answered_at(rec, folders[i], ANSWER_WIDE));
		record_free(rec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),	 cmocka_unit_test(test_breakpoints),
		cmocka_unit_test(test_overload), cmocka_unit_test(test_loads_alone),
		cmocka_unit_test(test_nothing),	 cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
