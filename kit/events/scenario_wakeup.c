/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Wake-up policies: what each costs the producer and the consumer, and how old events are when they
 * are read, at a few rates. A policy is when the producer wakes (its flags, perf's attributes) and
 * how the consumer waits.
 */
#include <errno.h>

#include "kit/events/scenarios.h"

static const struct policy {
	enum stream_buffer buffer;
	enum wakeup_policy wakeup;
	const char *name; /* in the kernel's and libbpf's words */
} policies[] = {
	{STREAM_RINGBUF, WAKEUP_LEVEL, "default; epoll"},
	{STREAM_RINGBUF, WAKEUP_POLL, "default; poll"},
	{STREAM_RINGBUF, WAKEUP_BUSY, "default; busy"},
	{STREAM_RINGBUF, WAKEUP_FORCED, "FORCE_WAKEUP; epoll"},
	{STREAM_RINGBUF, WAKEUP_POLLED_1MS, "NO_WAKEUP; epoll, 1 ms"},
	{STREAM_RINGBUF, WAKEUP_POLLED_10MS, "NO_WAKEUP; epoll, 10 ms"},
	{STREAM_RINGBUF, WAKEUP_SPIN, "NO_WAKEUP; busy"},
	{STREAM_RINGBUF, WAKEUP_SAMPLED_16_10MS, "1 in 16; epoll, 10 ms"},
	{STREAM_RINGBUF, WAKEUP_SAMPLED_256_10MS, "1 in 256; epoll, 10 ms"},
	{STREAM_PERF, WAKEUP_LEVEL, "wakeup_events 1; epoll"},
	{STREAM_PERF, WAKEUP_POLL, "wakeup_events 1; poll"},
	{STREAM_PERF, WAKEUP_SAMPLED_16_10MS, "wakeup_events 16; epoll, 10 ms"},
	{STREAM_PERF, WAKEUP_SAMPLED_256_10MS, "wakeup_events 256; epoll, 10 ms"},
	{STREAM_PERF, WAKEUP_WATERMARK_16K_10MS, "watermark 16 KiB; epoll, 10 ms"},
	{STREAM_PERF, WAKEUP_POLLED_1MS, "watermark, never; epoll, 1 ms"},
	{STREAM_PERF, WAKEUP_SPIN, "watermark, never; busy"},
};
#define POLICIES (sizeof(policies) / sizeof(policies[0]))

/* A low rate, where each event finds the consumer asleep, and the mission's two. */
static struct sweep_plan plan_of(const struct events *events)
{
	struct sweep_plan plan = events->plan;

	if (events->options->n_rates)
		return plan;
	plan.rates[0] = 1e3;
	plan.rates[1] = 10e3;
	plan.rates[2] = 100e3;
	plan.n_rates = 3;
	return plan;
}

static int skip_policy(const struct events *events, const struct sweep_plan *plan,
		       const struct series_name *name)
{
	for (size_t r = 0; r < plan->n_rates; r++) {
		const struct load load = {.workload = events->sweep->workload,
					  .rate = plan->rates[r]};

		if (rate_run_skip(name, &load, "a consumer needs a second CPU, and there is one",
				  events->sweep->record))
			return -ENOMEM;
	}
	return 0;
}

int events_wakeup(const struct events *events, struct error *why)
{
	struct sweep *sweep = events->sweep;
	struct sweep_plan plan = plan_of(events);
	int consumer_cpu = sweep->env->placement->reader_cpu;
	struct sweep_config configs[1 + POLICIES];
	size_t n = 0;

	if (!events->any || sweep->exact)
		return 0;
	configs[n++] =
		(struct sweep_config){{.scenario = "wakeup", .policy = "-", .none = true}, -1};
	for (size_t i = 0; i < POLICIES; i++) {
		const struct series_name name = {
			.scenario = "wakeup",
			.policy = policies[i].name,
			.hook = events->first,
			.buffer = policies[i].buffer,
			.wakeup = policies[i].wakeup,
			.buffer_bytes = events->options->buffer_bytes,
		};

		if (!events->works[events->first][name.buffer] ||
		    !events_wants_wakeup(events, name.wakeup))
			continue;
		if (consumer_cpu >= 0)
			configs[n++] = (struct sweep_config){name, consumer_cpu};
		else if (skip_policy(events, &plan, &name))
			return -ENOMEM;
	}
	return n > 1 ? sweep_run(sweep, &plan, configs, n, why) : 0;
}
