/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Wake-up policies: what each costs the producer and the consumer, and how old events are when they are read, at a few
 * rates. A policy is when the producer wakes (its flags, perf's attributes) and how the consumer waits.
 */
#include <errno.h>

#include "kit/events.h"

/* Where a policy leaves events lying, the consumer looks by its own clock. */
#define SOON_MS	 1
#define LATER_MS 10

static const struct policy {
	enum stream_buffer buffer;
	enum drain_state drain; /* the nearest of the named states */
	const char *name;
	struct feed_way way; /* wait, wake, wake_every, timeout, perf's wakeup_events, watermark */
} policies[] = {
	{STREAM_RINGBUF,
	 DRAIN_CAUGHT_UP,
	 "default; epoll",
	 {WAIT_LEVEL, WAKE_DEFAULT, 0, -1, 0, 0}},
	{STREAM_RINGBUF, DRAIN_CAUGHT_UP, "default; poll", {WAIT_POLL, WAKE_DEFAULT, 0, -1, 0, 0}},
	{STREAM_RINGBUF, DRAIN_BUSY, "default; busy", {WAIT_SPIN, WAKE_DEFAULT, 0, -1, 0, 0}},
	{STREAM_RINGBUF,
	 DRAIN_CAUGHT_UP,
	 "FORCE_WAKEUP; epoll",
	 {WAIT_LEVEL, WAKE_ALWAYS, 0, -1, 0, 0}},
	{STREAM_RINGBUF,
	 DRAIN_IDLE,
	 "NO_WAKEUP; epoll, 1 ms",
	 {WAIT_LEVEL, WAKE_NEVER, 0, SOON_MS, 0, 0}},
	{STREAM_RINGBUF,
	 DRAIN_IDLE,
	 "NO_WAKEUP; epoll, 10 ms",
	 {WAIT_LEVEL, WAKE_NEVER, 0, LATER_MS, 0, 0}},
	{STREAM_RINGBUF, DRAIN_BUSY, "NO_WAKEUP; busy", {WAIT_SPIN, WAKE_NEVER, 0, -1, 0, 0}},
	{STREAM_RINGBUF,
	 DRAIN_SAMPLED,
	 "1 in 16; epoll, 10 ms",
	 {WAIT_EDGE, WAKE_SAMPLED, 16, LATER_MS, 0, 0}},
	{STREAM_RINGBUF,
	 DRAIN_SAMPLED,
	 "1 in 256; epoll, 10 ms",
	 {WAIT_EDGE, WAKE_SAMPLED, 256, LATER_MS, 0, 0}},
	{STREAM_PERF,
	 DRAIN_CAUGHT_UP,
	 "wakeup_events 1; epoll",
	 {WAIT_LEVEL, WAKE_DEFAULT, 0, -1, 1, 0}},
	{STREAM_PERF,
	 DRAIN_CAUGHT_UP,
	 "wakeup_events 1; poll",
	 {WAIT_POLL, WAKE_DEFAULT, 0, -1, 1, 0}},
	{STREAM_PERF,
	 DRAIN_SAMPLED,
	 "wakeup_events 16; epoll, 10 ms",
	 {WAIT_EDGE, WAKE_DEFAULT, 0, LATER_MS, 16, 0}},
	{STREAM_PERF,
	 DRAIN_SAMPLED,
	 "wakeup_events 256; epoll, 10 ms",
	 {WAIT_EDGE, WAKE_DEFAULT, 0, LATER_MS, 256, 0}},
	{STREAM_PERF,
	 DRAIN_SAMPLED,
	 "watermark 16 KiB; epoll, 10 ms",
	 {WAIT_EDGE, WAKE_DEFAULT, 0, LATER_MS, 0, 16384}},
	{STREAM_PERF,
	 DRAIN_BUSY,
	 "watermark, never; busy",
	 {WAIT_SPIN, WAKE_DEFAULT, 0, -1, 0, UINT32_MAX}},
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
		const struct load load = {.trigger = events->sweep->trigger,
					  .rate = plan->rates[r]};

		if (series_skip(name, &load, "a consumer needs a second CPU, and there is one",
				events->sweep->record))
			return -ENOMEM;
	}
	return 0;
}

int events_wakeup(const struct events *events, char *why, size_t why_len)
{
	struct sweep *sweep = events->sweep;
	struct sweep_plan plan = plan_of(events);
	int consumer_cpu = sweep->env->placement->drain_cpu;
	struct sweep_arm arms[1 + POLICIES];
	size_t n = 0;

	if (!events->any || sweep->exact)
		return 0;
	arms[n++] = (struct sweep_arm){{.scenario = "wakeup", .policy = "-", .none = true}, -1};
	for (size_t i = 0; i < POLICIES; i++) {
		const struct series_name name = {
			.scenario = "wakeup",
			.policy = policies[i].name,
			.hook = events->first,
			.buffer = policies[i].buffer,
			.drain = policies[i].drain,
			.buffer_bytes = events->options->buffer_bytes,
			.way = &policies[i].way,
		};

		if (!events->works[events->first][name.buffer] ||
		    !events_wants_drain(events, name.drain))
			continue;
		if (consumer_cpu >= 0)
			arms[n++] = (struct sweep_arm){name, consumer_cpu};
		else if (skip_policy(events, &plan, &name))
			return -ENOMEM;
	}
	return n > 1 ? sweep_run(sweep, &plan, arms, n, why, why_len) : 0;
}
