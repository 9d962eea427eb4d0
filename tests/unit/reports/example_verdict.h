/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configurations with bounds, event points, and whatever else a verdict needs, for its tests. */
#ifndef BPFTOLL_TESTS_UNIT_REPORTS_EXAMPLE_VERDICT_H
#define BPFTOLL_TESTS_UNIT_REPORTS_EXAMPLE_VERDICT_H

#include <math.h>
#include <stdbool.h>

#include "reports/record/record_rows.h"
#include "reports/judge/verdict.h"
#include "tests/unit/reports/example.h"

/* Bounds of the cost's p99, with 95 % intervals of ±100. */
static inline void give_bounds(struct record_result *result, double least, double most)
{
	result->p99_least = (struct effect){least, least - 100, least + 100};
	result->p99_bound = (struct effect){most, most - 100, most + 100};
}

/*
 * How the events of a wakeup policy are read: "caught_up" by a reader, others by the caller with
 * nobody woken.
 */
static inline struct record_reader reader_of(const char *wakeup)
{
	bool woken = strcmp(wakeup, "caught_up") == 0;

	return (struct record_reader){.wake = strdup(woken ? "default" : "never"),
				      .wait = strdup(woken ? "edge" : "caller"),
				      .interval_ms = NAN};
}

/* A configuration of a record, with all that its p99 needs. */
static inline struct record_result *add_result(struct record *rec, const char *hook,
					       const char *body, const char *wakeup, double p99)
{
	struct record_result *result =
		example_config(rec, hook, body, "munmap_einval", wakeup, 100);

	result->overhead.p99 = (struct effect){p99 - 50, p99 - 150, p99 + 50};
	result->overhead.mean = (struct effect){200, 150, 250};
	give_bounds(result, p99 - 100, p99);
	result->reader = reader_of(wakeup);
	return result;
}

/* A record of the probe under test, whose cost has this p99. */
static inline struct record *record_of(double p99)
{
	struct record *rec = record_new();
	struct record_result *aa;

	example_host(rec);
	aa = record_add_result(rec, "none_again", "none", "aa", "munmap_einval", "-", "hot");
	aa->overhead.p99 = (struct effect){1, -20, 20};
	add_result(rec, "kprobe", "as_written", "caught_up", p99);
	example_config(rec, "tracepoint", "empty", "munmap_einval", "-", 50);
	example_config(rec, "tracepoint", "ringbuf", "munmap_einval", "none", 50);
	return rec;
}

/* The event point of a configuration; producer and reader in % of a CPU at 10,000/s. */
static inline struct event_point *point_of(struct record *rec, const struct record_result *result,
					   double rate, double producer, double reader,
					   uint64_t sent, uint64_t lost)
{
	struct event_point *p = record_add_event_point(rec);

	if (!p || asprintf(&p->id, "sweep/%s/munmap_einval/%s/-/%.0f", result->variant,
			   result->wakeup, rate) < 0)
		abort();
	p->scenario = strdup("sweep");
	p->variant = strdup(result->variant);
	p->hook = strdup(result->hook);
	p->body = strdup(result->body);
	p->workload = strdup("munmap_einval");
	p->wakeup = strdup(result->wakeup);
	p->policy = strdup("-");
	p->rate_target = p->rate_achieved = rate;
	p->produced = sent;
	p->received = sent - lost;
	p->producer_cpu = (struct effect){producer, producer - 0.1, producer + 0.1};
	p->consumer_cpu = (struct effect){reader, reader - 0.1, reader + 0.1};
	p->reader = reader_of(result->wakeup);
	p->exposure_s = 12;
	p->buffer_fills = 20;
	p->exposure_produced = sent;
	p->exposure_lost = lost;
	return p;
}

#endif
