/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "calib/error.h"
#include "kit/events/scenarios.h"

const enum stream_buffer events_buffers[EVENTS_BUFFERS] = {STREAM_PERF, STREAM_RINGBUF,
							   STREAM_RINGBUF_OUTPUT};

const struct events_size events_sizes[EVENTS_SIZES] = {
	{4u << 10, "4K"}, {16u << 10, "16K"}, {64u << 10, "64K"}, {256u << 10, "256K"},
	{1u << 20, "1M"}, {4u << 20, "4M"},   {16u << 20, "16M"},
};

bool events_wants_wakeup(const struct events *events, enum wakeup_policy wakeup)
{
	return name_list_wants(&events->run->wakeups, &plan_wakeups, wakeup_policy_name(wakeup));
}

static bool wants(const struct events *events, enum hook hook, enum stream_buffer buffer)
{
	char name[64];

	snprintf(name, sizeof(name), "%s_%s", hook_name(hook), stream_buffer_name(buffer));
	return name_list_wants(&events->run->variants, &plan_variants, name);
}

struct series_name events_name(const struct events *events, const char *scenario,
			       enum stream_buffer buffer, enum wakeup_policy wakeup)
{
	return (struct series_name){
		.scenario = scenario,
		.policy = "-",
		.hook = events->first,
		.buffer = buffer,
		.wakeup = wakeup,
		.buffer_bytes = events->options->buffer_bytes,
	};
}

static int try_hook(struct events *events, enum hook hook, enum stream_buffer buffer)
{
	struct sweep *sweep = events->sweep;
	const struct load load = {.workload = sweep->workload, .rate = NAN};
	struct series_name name = events_name(events, "sweep", buffer, WAKEUP_OFF);
	struct pipeline *pipeline;
	struct error reason;

	name.hook = hook;
	if (sweep_pipeline(sweep, &name, -1, &pipeline, &reason))
		return rate_run_skip(&name, &load, reason.text, sweep->record);
	pipeline_close(pipeline);
	events->works[hook][buffer] = true;
	events->first = events->any ? events->first : hook;
	events->any = true;
	return 0;
}

int events_pick_hooks(struct events *events, struct error *why)
{
	for (int h = 0; h < HOOK_COUNT; h++)
		for (size_t b = 0; b < EVENTS_BUFFERS; b++) {
			if (*events->sweep->env->stop)
				return -EINTR;
			if (wants(events, (enum hook)h, events_buffers[b]) &&
			    try_hook(events, (enum hook)h, events_buffers[b]))
				return error_set(why, -ENOMEM, "out of memory");
		}
	return 0;
}
