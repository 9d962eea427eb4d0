/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The scenarios that are a sweep over rates: every buffer and wakeup policy, the reader on the
 * producer's CPU, buffer sizes, and special wakeup policies.
 */
#include <errno.h>
#include <string.h>

#include "kit/events/scenario_list.h"

/* nothing attached, and every buffer with every wakeup policy */
#define CONFIGS_MOST (1 + EVENTS_BUFFERS * WAKEUP_NAMED_COUNT)

struct configs {
	const struct events *events;
	struct sweep_config list[CONFIGS_MOST];
	size_t n;
};

/* Begins with the configuration that the others are compared with: nothing attached. */
static struct configs begin(const struct events *events, const char *scenario, const char *detail)
{
	struct configs configs = {.events = events, .n = 1};

	configs.list[0] = (struct sweep_config){
		{.scenario = scenario, .policy = "-", .none = true, .detail = detail}, -1};
	return configs;
}

static bool works(const struct events *events, const struct series_name *name)
{
	return events->works[name->hook][name->buffer] && events_wants_wakeup(events, name->wakeup);
}

static void add(struct configs *configs, const struct series_name *name, int consumer_cpu)
{
	if (works(configs->events, name))
		configs->list[configs->n++] = (struct sweep_config){*name, consumer_cpu};
}

static int run(const struct configs *configs, const struct sweep_plan *plan, struct error *why)
{
	return configs->n > 1
		       ? sweep_run(configs->events->sweep, plan, configs->list, configs->n, why)
		       : 0;
}

/* ---- every rate, buffer and wakeup policy ---- */

/*
 * With the policy "none" the caller reads between calls, which disturbs the schedule. It is used if
 * no CPU is free for a reader, or if the user asks for it.
 */
static bool wants_in_sweep(const struct events *events, enum wakeup_policy wakeup)
{
	const struct sweep *sweep = events->sweep;
	bool reader = sweep->env->placement->reader_cpu >= 0 && !sweep->exact;

	return wakeup != WAKEUP_IDLE || events->run->wakeups.n || !reader;
}

static int sweep_hook(const struct events *events, enum hook hook, struct error *why)
{
	struct configs configs = begin(events, "sweep", hook_name(hook));

	for (size_t b = 0; b < EVENTS_BUFFERS; b++)
		for (int d = WAKEUP_OFF + 1; d < WAKEUP_NAMED_COUNT; d++) {
			struct series_name name = events_name(events, "sweep", events_buffers[b],
							      (enum wakeup_policy)d);

			name.hook = hook;
			if (wants_in_sweep(events, name.wakeup))
				add(&configs, &name, events->sweep->env->placement->reader_cpu);
		}
	return run(&configs, &events->plan, why);
}

static bool hook_works(const struct events *events, int hook)
{
	for (size_t b = 0; b < EVENTS_BUFFERS; b++)
		if (events->works[hook][events_buffers[b]])
			return true;
	return false;
}

int events_sweep(const struct events *events, struct error *why)
{
	struct sweep *sweep = events->sweep;
	double from = sweep->from, whole = sweep->to - sweep->from;
	size_t hooks = 0, done = 0;
	int err = 0;

	for (int h = 0; h < HOOK_COUNT; h++)
		hooks += hook_works(events, h);
	for (int h = 0; h < HOOK_COUNT && !err; h++) {
		if (!hook_works(events, h))
			continue;
		sweep->from = from + whole * (double)done / (double)hooks;
		sweep->to = from + whole * (double)++done / (double)hooks;
		err = sweep_hook(events, (enum hook)h, why);
	}
	return err ? err : events_exposure(events, why);
}

/* ---- what is about something else than the rate ---- */

/* n rates of the scenario's own, unless the user named rates. */
static struct sweep_plan few_rates(const struct events *events, const double *rates, size_t n)
{
	struct sweep_plan plan = events->plan;

	if (events->options->n_rates)
		return plan;
	memcpy(plan.rates, rates, n * sizeof(*rates));
	plan.n_rates = n;
	return plan;
}

/*
 * The two rates of the default budget, and a low one at which each event finds the reader asleep.
 */
static const double three_rates[] = {1e3, 10e3, 100e3};

int events_same_cpu(const struct events *events, struct error *why)
{
	static const enum wakeup_policy wakeups[] = {WAKEUP_POLLED_1MS, WAKEUP_CAUGHT_UP,
						     WAKEUP_SAMPLED};
	const struct sweep_plan plan = few_rates(events, three_rates + 1, 2);
	struct configs configs = begin(events, "same_cpu", NULL);

	if (!events->any)
		return 0;
	for (size_t b = 0; b < EVENTS_BUFFERS; b++)
		for (size_t d = 0; d < sizeof(wakeups) / sizeof(wakeups[0]); d++) {
			const struct series_name name =
				events_name(events, "same_cpu", events_buffers[b], wakeups[d]);

			add(&configs, &name, events->sweep->env->placement->cpu);
		}
	return run(&configs, &plan, why);
}

/*
 * Scenario buffer: the reader looks every millisecond, so the events of a millisecond must find
 * room.
 */
int events_buffer(const struct events *events, struct error *why)
{
	struct sweep_plan plan = few_rates(events, three_rates + 1, 2);
	struct configs configs = begin(events, "buffer", NULL);

	/* the windows of the exact lab are too short to fill a buffer */
	if (!events->any || events->sweep->exact)
		return 0;
	plan.rounds = plan.rounds < 3 ? plan.rounds : 3;
	for (size_t i = 0; i < EVENTS_BUFFER_KINDS * EVENTS_SIZES; i++) {
		const struct events_size *size = &events_sizes[i % EVENTS_SIZES];
		struct series_name name = events_name(
			events, "buffer", events_buffers[i / EVENTS_SIZES], WAKEUP_POLLED_1MS);

		name.buffer_bytes = size->bytes;
		name.detail = size->name;
		add(&configs, &name, events->sweep->env->placement->reader_cpu);
	}
	return run(&configs, &plan, why);
}

/* ---- special wakeup policies ---- */

/*
 * When the kernel wakes the reader (flags of the program, attributes of perf) and how the reader
 * waits.
 */
static const struct policy {
	enum stream_buffer buffer;
	enum wakeup_policy wakeup;
	const char *name; /* in the terms of the kernel and libbpf */
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
_Static_assert(POLICIES < CONFIGS_MOST && EVENTS_BUFFER_KINDS * EVENTS_SIZES < CONFIGS_MOST,
	       "the list has room for all");

static int skip_policy(const struct events *events, const struct sweep_plan *plan,
		       const struct series_name *name)
{
	for (size_t r = 0; r < plan->n_rates; r++) {
		const struct load load = {.workload = events->sweep->workload,
					  .rate = plan->rates[r]};

		if (rate_run_skip(name, &load, "a reader needs a second CPU, and there is one",
				  events->sweep->record))
			return -ENOMEM;
	}
	return 0;
}

/*
 * Scenario wakeup: what each policy costs the producer and the reader, and how old events are when
 * read.
 */
int events_wakeup(const struct events *events, struct error *why)
{
	const struct sweep_plan plan = few_rates(events, three_rates, 3);
	int consumer_cpu = events->sweep->env->placement->reader_cpu;
	struct configs configs = begin(events, "wakeup", NULL);

	if (!events->any || events->sweep->exact)
		return 0;
	for (size_t i = 0; i < POLICIES; i++) {
		struct series_name name =
			events_name(events, "wakeup", policies[i].buffer, policies[i].wakeup);

		name.policy = policies[i].name;
		if (consumer_cpu >= 0)
			add(&configs, &name, consumer_cpu);
		else if (works(events, &name) && skip_policy(events, &plan, &name))
			return -ENOMEM;
	}
	return run(&configs, &plan, why);
}
