/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scenario flood: how many events a second the reader can take, from a program that sends as many
 * as it can: a batch for each hit, as the kernel's own benchmark of its buffers does. It measures
 * the reader, not a probe.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/clock.h"
#include "kit/events/throughput.h"
#include "kit/timing/rounds.h"
#include "kit/events/scenario_list.h"

/*
 * As in the kernel's tools/testing/selftests/bpf/bench: 512 KiB and 500 events a batch. Its wakeup
 * of one in 500 is one in 512 here, a power of two.
 */
#define BUFFER_BYTES (512u << 10)
#define BATCH	     500

#define ROUNDS	 9
#define HITS	 16 /* between two checks of the clock */
#define WINDOW_S 0.25
#define WORKLOAD "munmap_einval"

static const struct wait_mode {
	enum stream_buffer buffer;
	enum wakeup_policy wakeup;
	const char *policy;
	bool backlog; /* the reader takes a full buffer while the producer rests */
} wait_modes[] = {
	{STREAM_RINGBUF, WAKEUP_CAUGHT_UP, "default, epoll", false},
	{STREAM_RINGBUF, WAKEUP_SAMPLED_512, "1 in 512, epoll", false},
	{STREAM_RINGBUF, WAKEUP_SPIN, "no wakeup, busy", false},
	{STREAM_RINGBUF_OUTPUT, WAKEUP_SAMPLED_512, "1 in 512, epoll", false},
	{STREAM_RING_PER_CPU, WAKEUP_SAMPLED_512, "1 in 512, epoll", false},
	{STREAM_PERF, WAKEUP_CAUGHT_UP, "wakeup_events 1, epoll", false},
	{STREAM_PERF, WAKEUP_SAMPLED_512, "wakeup_events 512, epoll", false},
	{STREAM_PERF, WAKEUP_SPIN, "watermark, never; busy", false},
	{STREAM_RINGBUF, WAKEUP_BACKLOG, "a backlog of 16 MiB", true},
	{STREAM_PERF, WAKEUP_BACKLOG, "a backlog of 16 MiB", true},
};
#define WAIT_MODES (sizeof(wait_modes) / sizeof(wait_modes[0]))

struct config {
	const struct wait_mode *wait_mode;
	struct throughput throughput;
	uint64_t hits;
	double spent; /* seconds in all rounds */
};

struct flood {
	const struct harness_env *env;
	struct record *record;
	struct config configs[WAIT_MODES];
	struct rounds rounds;
};

static void open_config(struct config *config, const struct harness_env *env)
{
	const struct stream_options stream = {
		.hook = HOOK_RAW_TP,
		.target = TARGET_MUNMAP,
		.buffer = config->wait_mode->buffer,
		.buffer_bytes = config->wait_mode->backlog ? STREAM_BYTES_MOST : BUFFER_BYTES,
		.wake = wakeup_policy_row(config->wait_mode->wakeup)->wake,
		.wake_every = wakeup_policy_row(config->wait_mode->wakeup)->every,
		.batch = BATCH,
	};
	struct collect_options collect = {
		.consumer = reader_options(config->wait_mode->wakeup, env->placement->reader_cpu,
					   env->placement->cpu),
	};

	struct throughput *throughput = &config->throughput;

	if (env->placement->reader_cpu < 0) {
		error_say(&throughput->why, "a reader needs a second CPU, and there is one");
		return;
	}
	collect.consumer.inactive = true;
	throughput_open(throughput, &stream, &collect);
	if (!*throughput->why.text && probe_monitor_also(throughput->stream->probe, getpid()))
		error_say(&throughput->why, "the map of monitored processes");
}

static void hit(struct config *config)
{
	workload_bare_loop(workload_find(WORKLOAD), HITS);
	config->hits += HITS;
}

/* Fills the buffer while the reader is stopped. */
static int fill(struct config *config)
{
	size_t holds = STREAM_BYTES_MOST / stream_record_bytes(config->wait_mode->buffer);
	int err = consumer_pause(config->throughput.collect->consumer);

	for (size_t sent = 0; !err && sent + HITS * BATCH <= holds; sent += HITS * BATCH)
		hit(config);
	return err;
}

/* One window: from the first event sent (of a backlog: the first one read) to the last one read. */
static void window(struct config *config)
{
	struct throughput *throughput = &config->throughput;
	double started, took;

	if (config->wait_mode->backlog && fill(config)) {
		error_say(&throughput->why, "the reader does not stand still");
		throughput->invalid = true;
		return;
	}
	consumer_set_active(throughput->collect->consumer, true);
	throughput_begin(throughput);
	started = clock_seconds();
	if (config->wait_mode->backlog)
		consumer_resume(throughput->collect->consumer);
	while (!config->wait_mode->backlog && clock_seconds() - started < WINDOW_S)
		hit(config);
	if (!throughput_drained(throughput))
		return;
	took = clock_seconds() - started;
	consumer_set_active(throughput->collect->consumer, false);
	config->spent += took;
	throughput_end(throughput, took);
	throughput->rounds++;
}

static int visit(void *ctx, size_t i)
{
	struct flood *flood = ctx;
	struct config *config = &flood->configs[i];
	struct throughput *throughput = &config->throughput;

	if (!*throughput->why.text && !probe_attach(throughput->stream->probe, &throughput->why)) {
		window(config);
		probe_detach(throughput->stream->probe);
	}
	return *flood->rounds.stop ? -EINTR : 0;
}

static int report(const struct config *configs, struct record *record, struct error *why)
{
	int err = 0;

	for (size_t i = 0; i < WAIT_MODES; i++) {
		const struct point_key key = {
			.scenario = "flood",
			.hook = HOOK_RAW_TP,
			.buffer = configs[i].wait_mode->buffer,
			.workload = WORKLOAD,
			.wakeup = configs[i].wait_mode->wakeup,
			.policy = configs[i].wait_mode->policy,
			.rest = "",
		};
		struct event_point *row;

		if (!throughput_has_row(&configs[i].throughput))
			continue;
		if (throughput_row(&configs[i].throughput, &key, record, &row))
			return -ENOMEM;
		if (row->status == RESULT_MEASURED) {
			row->producers = 1;
			row->burst = BATCH;
			row->calls = configs[i].hits;
			row->seconds = configs[i].spent;
			row->rate_achieved = row->throughput.value;
		}
		if (row->status == RESULT_INVALID && !err)
			err = error_set(why, -EBADMSG, "%s: %s", row->id, row->reason);
	}
	return err;
}

static int provisional_rows(void *ctx, struct record *record)
{
	const struct flood *flood = ctx;
	struct error ignored; /* it is in the row */
	int err = report(flood->configs, record, &ignored);

	return err == -EBADMSG ? 0 : err;
}

static void keep_round(void *ctx)
{
	const struct flood *flood = ctx;
	const struct harness_env *env = flood->env;

	checkpoint_rounds(env->checkpoint, flood->record, env->dir, provisional_rows, ctx);
}

int flood_run(const struct harness_env *env, unsigned int rounds, struct record *record,
	      struct error *why)
{
	struct flood *flood = calloc(1, sizeof(*flood));
	int err = -ENOMEM, kept = 0;

	if (!flood)
		return err;
	flood->env = env;
	flood->record = record;
	flood->rounds = throughput_rounds(env, "flood", WAIT_MODES, rounds, ROUNDS);
	flood->rounds.after = keep_round;
	if (rounds_open(&flood->rounds))
		goto out;
	for (size_t i = 0; i < WAIT_MODES; i++) {
		flood->configs[i].wait_mode = &wait_modes[i];
		open_config(&flood->configs[i], env);
	}
	err = rounds_run(&flood->rounds, visit, flood);
	/* a stopped run keeps its rounds */
	if (!err || err == -EINTR)
		kept = report(flood->configs, record, why);
	err = err ? err : kept;
out:
	for (size_t i = 0; i < WAIT_MODES; i++)
		throughput_close(&flood->configs[i].throughput);
	rounds_close(&flood->rounds);
	free(flood);
	return err;
}

int events_flood(const struct events *events, struct error *why)
{
	struct sweep *sweep = events->sweep;

	if (sweep->exact)
		return 0;
	return sweep_wrote(sweep, flood_run(sweep->env, events->run->rounds, sweep->record, why),
			   why);
}
