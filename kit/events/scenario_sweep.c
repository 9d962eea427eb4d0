/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/error.h"
#include "kit/events/scenarios.h"

/* ring_per_cpu with its only producer is a ring buffer: it has its place where there are several.
 */
static const enum stream_buffer buffers[] = {STREAM_PERF, STREAM_RINGBUF, STREAM_RINGBUF_OUTPUT};
#define BUFFERS (sizeof(buffers) / sizeof(buffers[0]))

/* none, and every buffer in every wakeup policy */
#define CONFIGS_MOST (1 + BUFFERS * WAKEUP_NAMED_COUNT)

static int try_hook(const struct events *events, const struct series_name *name, struct error *why)
{
	struct sweep *sweep = events->sweep;
	const struct pipeline_options options = {
		.stream = {.hook = name->hook,
			   .target = sweep->workload->target,
			   .buffer = name->buffer,
			   .buffer_bytes = name->buffer_bytes},
		.wakeup = WAKEUP_OFF,
		.producer_cpu = sweep->env->placement->cpu,
		.consumer_cpu = -1,
	};
	const struct load load = {.workload = sweep->workload, .area = sweep->area};
	struct pipeline *pipeline = NULL;
	int err = pipeline_open(&options, &pipeline, why);

	if (!err)
		err = pipeline_attach(pipeline, &load, &sweep->pace, why);
	if (err && !*why->text)
		error_say(why, "%s", strerror(-err));
	pipeline_close(pipeline);
	return err;
}

int events_pick_hooks(struct events *events, struct error *why)
{
	const struct load load = {.workload = events->sweep->workload, .rate = NAN};

	for (int h = 0; h < HOOK_COUNT; h++)
		for (size_t b = 0; b < BUFFERS; b++) {
			const struct series_name name = {
				.scenario = "sweep",
				.policy = "-",
				.hook = (enum hook)h,
				.buffer = buffers[b],
				.buffer_bytes = events->options->buffer_bytes,
			};
			struct error reason = {0};

			if (*events->sweep->env->stop)
				return -EINTR;
			if (!events_wants(events, name.hook, name.buffer))
				continue;
			if (!try_hook(events, &name, &reason)) {
				events->works[h][name.buffer] = true;
				events->first = events->any ? events->first : name.hook;
				events->any = true;
			} else if (rate_run_skip(&name, &load, reason.text, events->sweep->record))
				return error_set(why, -ENOMEM, "out of memory");
		}
	return 0;
}

static struct sweep_config none_config(const char *scenario, const char *detail)
{
	return (struct sweep_config){
		{.scenario = scenario, .policy = "-", .none = true, .detail = detail}, -1};
}

/*
 * idle, where the caller itself reads between calls, disturbs the schedule: it stands in where
 * there is no CPU for a reader, or when it is asked for.
 */
static bool wants_in_sweep(const struct events *events, enum wakeup_policy wakeup)
{
	const struct sweep *sweep = events->sweep;
	bool reader = sweep->env->placement->reader_cpu >= 0 && !sweep->exact;

	if (wakeup == WAKEUP_IDLE && !events->run->wakeups.n)
		return !reader;
	return events_wants_wakeup(events, wakeup);
}

static int sweep_hook(const struct events *events, enum hook hook, struct error *why)
{
	struct sweep *sweep = events->sweep;
	int reader_cpu = sweep->env->placement->reader_cpu;
	struct sweep_config configs[CONFIGS_MOST];
	size_t n = 0;

	configs[n++] = none_config("sweep", hook_name(hook));
	for (size_t b = 0; b < BUFFERS; b++)
		for (int d = WAKEUP_OFF + 1; d < WAKEUP_NAMED_COUNT; d++) {
			const struct series_name name = {
				.scenario = "sweep",
				.policy = "-",
				.hook = hook,
				.buffer = buffers[b],
				.wakeup = (enum wakeup_policy)d,
				.buffer_bytes = events->options->buffer_bytes,
			};

			if (events->works[hook][buffers[b]] && wants_in_sweep(events, name.wakeup))
				configs[n++] = (struct sweep_config){name, reader_cpu};
		}
	return n > 1 ? sweep_run(sweep, &events->plan, configs, n, why) : 0;
}

int events_sweep(const struct events *events, struct error *why)
{
	struct sweep *sweep = events->sweep;
	double from = sweep->from, to = sweep->to;
	size_t hooks = 0, done = 0;
	int err = 0;

	for (int h = 0; h < HOOK_COUNT; h++)
		for (size_t b = 0; b < BUFFERS; b++)
			if (events->works[h][buffers[b]]) {
				hooks++;
				break;
			}
	for (int h = 0; h < HOOK_COUNT && !err; h++) {
		bool works = false;

		for (size_t b = 0; b < BUFFERS; b++)
			works = works || events->works[h][buffers[b]];
		if (!works)
			continue;
		sweep->from = from + (to - from) * (double)done / (double)hooks;
		sweep->to = from + (to - from) * (double)++done / (double)hooks;
		err = sweep_hook(events, (enum hook)h, why);
	}
	return err ? err : events_exposure(events, why);
}

/* Rates of the scenarios that are about something else: two of the mission's, unless the user named
 * some. */
static struct sweep_plan few_rates(const struct events *events)
{
	struct sweep_plan plan = events->plan;

	if (events->options->n_rates)
		return plan;
	plan.rates[0] = 10e3;
	plan.rates[1] = 100e3;
	plan.n_rates = 2;
	return plan;
}

int events_same_cpu(const struct events *events, struct error *why)
{
	static const enum wakeup_policy wakeups[] = {WAKEUP_POLLED_1MS, WAKEUP_CAUGHT_UP,
						     WAKEUP_SAMPLED};
	struct sweep_plan plan = few_rates(events);
	struct sweep_config configs[CONFIGS_MOST];
	size_t n = 0;

	if (!events->any)
		return 0;
	configs[n++] = none_config("same_cpu", NULL);
	for (size_t b = 0; b < BUFFERS; b++)
		for (size_t d = 0; d < sizeof(wakeups) / sizeof(wakeups[0]); d++) {
			const struct series_name name = {
				.scenario = "same_cpu",
				.policy = "-",
				.hook = events->first,
				.buffer = buffers[b],
				.wakeup = wakeups[d],
				.buffer_bytes = events->options->buffer_bytes,
			};

			if (events->works[events->first][buffers[b]] &&
			    events_wants_wakeup(events, name.wakeup))
				configs[n++] = (struct sweep_config){
					name, events->sweep->env->placement->cpu};
		}
	return n > 1 ? sweep_run(events->sweep, &plan, configs, n, why) : 0;
}

/* A reader that looks every millisecond: what comes in a millisecond must find room. */
int events_buffer(const struct events *events, struct error *why)
{
	static const struct {
		size_t bytes;
		const char *name;
	} sizes[] = {
		{4u << 10, "4K"}, {16u << 10, "16K"}, {64u << 10, "64K"}, {256u << 10, "256K"},
		{1u << 20, "1M"}, {4u << 20, "4M"},   {16u << 20, "16M"},
	};
	enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };
	struct sweep_plan plan = few_rates(events);
	struct sweep_config configs[1 + BUFFERS * SIZES];
	size_t n = 0;

	/* the exact lab's windows are too short to fill one */
	if (!events->any || events->sweep->exact || !events_wants_wakeup(events, WAKEUP_POLLED_1MS))
		return 0;
	plan.rounds = plan.rounds < 3 ? plan.rounds : 3;
	configs[n++] = none_config("buffer", NULL);
	for (size_t b = 0; b < BUFFERS; b++)
		for (size_t s = 0; s < SIZES; s++) {
			const struct series_name name = {
				.scenario = "buffer",
				.policy = "-",
				.hook = events->first,
				.buffer = buffers[b],
				.wakeup = WAKEUP_POLLED_1MS,
				.buffer_bytes = sizes[s].bytes,
				.detail = sizes[s].name,
			};

			if (events->works[events->first][buffers[b]] &&
			    buffers[b] != STREAM_RINGBUF_OUTPUT)
				configs[n++] = (struct sweep_config){
					name, events->sweep->env->placement->reader_cpu};
		}
	return n > 1 ? sweep_run(events->sweep, &plan, configs, n, why) : 0;
}
