/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows other than results, for the tests of their rendering. */
#ifndef BPFTOLL_TESTS_UNIT_REPORTS_EXAMPLE_ROWS_H
#define BPFTOLL_TESTS_UNIT_REPORTS_EXAMPLE_ROWS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/stats/slope.h"
#include "tests/unit/reports/example.h"

static inline struct effect example_about(double value, double half)
{
	return (struct effect){value, value - half, value + half};
}

/*
 * A measured price; points 0, 1, 4, 16 lie on its line, except for `first`, which every program
 * with a call has on top.
 */
static inline struct slope *example_price(struct record *rec, const char *host_program,
					  const char *helper, const char *size, const char *wakeup,
					  double slope, double half, double first)
{
	static const unsigned int repeats[] = {0, 1, 4, 16, 16};
	double costs[10 * 5];
	char id[128];
	struct slope *s = record_add_slope(rec);

	if (!s)
		abort();
	snprintf(id, sizeof(id), "%s/%s/%s/%s/hot", host_program, helper, size, wakeup);
	s->id = strdup(id);
	s->host_program = strdup(host_program);
	s->helper = strdup(helper);
	s->size = strdup(size);
	s->workload = strdup("munmap_einval");
	s->wakeup = strdup(wakeup);
	s->cache = strdup("hot");
	/* the points' noise is a fixed pattern: the fit's own interval is replaced below */
	for (size_t i = 0; i < sizeof(costs) / sizeof(*costs); i++) {
		double noise = (double)((i * 7) % 11) / 5 - 1;

		costs[i] =
			35 + slope * repeats[i % 5] + (repeats[i % 5] ? first : 0) + noise * half;
	}
	if (slope_fit(&(struct slope_lines){repeats, 5, costs, NULL, 10}, s))
		abort();
	s->slope = example_about(slope, half);
	return s;
}

/* A result whose typical cost has an interval of ± half. */
static inline void example_cost(struct record *rec, const char *hook, const char *body,
				const char *wakeup, double cost, double half)
{
	struct record_result *result =
		example_config(rec, hook, body, "munmap_einval", wakeup, cost);

	result->overhead.typical = example_about(cost, half);
}

/*
 * All incremental programs on the hook: steps of 2, 17, 12, 14; perf 180 (idle) and 4800
 * (caught_up), ringbuf 60.
 */
static inline void example_increments(struct record *rec, const char *hook, double dispatch,
				      double half)
{
	example_cost(rec, hook, "empty", "-", dispatch, half);
	example_cost(rec, hook, "pid", "-", dispatch + 2, half);
	example_cost(rec, hook, "lookup_miss", "-", dispatch + 14, half);
	example_cost(rec, hook, "lookup_hit", "-", dispatch + 19, half);
	example_cost(rec, hook, "args", "-", dispatch + 31, half);
	example_cost(rec, hook, "clock", "-", dispatch + 45, half);
	example_cost(rec, hook, "perf", "idle", dispatch + 225, 3 * half);
	example_cost(rec, hook, "perf", "caught_up", dispatch + 4845, 20 * half);
	example_cost(rec, hook, "ringbuf", "idle", dispatch + 105, 2 * half);
}

/*
 * The prices that give example_increments' steps, except for perf with nobody woken: 150, which is
 * 30 too low.
 */
static inline void example_increments_prices(struct record *rec)
{
	example_price(rec, "raw_tp", "get_current_pid_tgid", "-", "-", 2, 0.2, 0);
	example_price(rec, "raw_tp", "lookup_hit", "1024 entries", "-", 17, 0.4, 0);
	example_price(rec, "raw_tp", "lookup_miss", "1024 entries", "-", 12, 0.4, 0);
	example_price(rec, "raw_tp", "arg_probe_read", "-", "-", 12, 0.3, 0);
	example_price(rec, "raw_tp", "ktime_get_ns", "-", "-", 14, 0.3, 0);
	example_price(rec, "raw_tp", "perf_event_output", "40 bytes", "idle", 150, 4, 0);
	example_price(rec, "raw_tp", "perf_event_output", "40 bytes", "caught_up", 4800, 90, 0);
	example_price(rec, "raw_tp", "ringbuf_submit", "40 bytes", "idle", 60, 2, 0);
}

/*
 * A point of a sweep: 1 us from the call, 0.4 % and 0.3 % of a CPU at 10,000/s and in proportion at
 * other rates.
 */
static inline struct event_point *example_point(struct record *rec, const char *scenario,
						const char *variant, const char *wakeup,
						double rate, uint64_t produced, uint64_t lost)
{
	struct event_point *p = record_add_event_point(rec);
	char id[160];

	if (!p)
		abort();
	snprintf(id, sizeof(id), "%s/%s/munmap_einval/%s/-/%.0f", scenario, variant, wakeup, rate);
	p->id = strdup(id);
	p->scenario = strdup(scenario);
	p->variant = strdup(variant);
	p->hook = strdup("raw_tp");
	p->body = strdup("perf");
	p->workload = strdup("munmap_einval");
	p->wakeup = strdup(wakeup);
	p->policy = strdup("-");
	p->rate_target = rate;
	p->rate_achieved = rate * 1.0001;
	p->producers = 1;
	p->calls = p->produced = produced;
	p->received = produced - lost;
	p->lost_full = lost;
	p->buffer_bytes = 256 << 10;
	p->memory_bytes = 264 << 10;
	p->wakeups = produced / 4;
	p->start_delay_p50 = 24;
	p->start_delay_p99 = 880;
	p->start_delay_max = 2.5e6;
	p->call_p50 = example_about(1000, 20);
	p->call_p99 = (struct effect){2000, 1200, 9000};
	p->due_p50 = example_about(1050, 30);
	p->due_p99 = (struct effect){3e3, 2e3, 4e6};
	p->overhead = example_about(400, 20);
	p->producer_cpu = example_about(0.4 * rate / 1e4, 0.05);
	p->consumer_cpu = example_about(0.3 * rate / 1e4, 0.05);
	p->machine_cpu = example_about(1, 4);
	p->steal_cpu = 2.3;
	p->age_p50 = 5e3;
	p->age_p99 = 12e3;
	p->age_max = 4e6;
	return p;
}

static inline struct breakpoint *example_breakpoint(struct record *rec, const char *quantity,
						    bool found)
{
	struct breakpoint *k = record_add_breakpoint(rec);

	if (!k)
		abort();
	k->curve = strdup("sweep/raw_tp_perf/munmap_einval/idle/-");
	k->quantity = strdup(quantity);
	k->found = found;
	k->p = found ? 1e-6 : 0.41;
	k->rate.value = found ? 81200 : 1e6;
	k->highest = 1e6;
	k->slope_below = example_about(1e-3, 1e-4);
	if (found) {
		k->rate.lo = 22500;
		k->rate.hi = 144000;
		k->slope_above = example_about(2e-3, 1e-4);
	}
	return k;
}

#endif
