/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many events a second the consumer can take, from a program that sends as many as it can: a batch a hit, as the kernel's own
 * bench of its buffers does. It prices the consumer, not a probe.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/clock.h"
#include "kit/throughput.h"
#include "kit/rounds.h"
#include "kit/scenario_list.h"

/* As the kernel's tools/testing/selftests/bpf/bench: half a mebibyte, 500 events a batch; its one wake-up in 500 is 512. */
#define BUFFER_BYTES (512u << 10)
#define BATCH	     500

#define ROUNDS	 9
#define HITS	 16 /* between two looks at the clock */
#define WINDOW_S 0.25
#define TRIGGER	 "munmap_einval"

static const struct way {
	enum stream_buffer buffer;
	enum drain_state drain;
	const char *policy;
	bool backlog; /* read what a whole buffer holds, with the producer at rest */
} ways[] = {
	{STREAM_RINGBUF, DRAIN_CAUGHT_UP, "default, epoll", false},
	{STREAM_RINGBUF, DRAIN_SAMPLED_512, "1 in 512, epoll", false},
	{STREAM_RINGBUF, DRAIN_SPIN, "no wakeup, busy", false},
	{STREAM_RINGBUF_OUTPUT, DRAIN_SAMPLED_512, "1 in 512, epoll", false},
	{STREAM_RING_PER_CPU, DRAIN_SAMPLED_512, "1 in 512, epoll", false},
	{STREAM_PERF, DRAIN_CAUGHT_UP, "wakeup_events 1, epoll", false},
	{STREAM_PERF, DRAIN_SAMPLED_512, "wakeup_events 512, epoll", false},
	{STREAM_PERF, DRAIN_SPIN, "watermark, never; busy", false},
	{STREAM_RINGBUF, DRAIN_BACKLOG, "a backlog of 16 MiB", true},
	{STREAM_PERF, DRAIN_BACKLOG, "a backlog of 16 MiB", true},
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

struct arm {
	const struct way *way;
	struct throughput throughput;
	uint64_t hits;
	double spent; /* seconds */
};

struct flood {
	struct arm arms[WAYS];
	struct rounds rounds;
};

static void open_arm(struct arm *arm, const struct harness_env *env)
{
	const struct stream_options stream = {
		.hook = HOOK_RAW_TP,
		.target = TARGET_MUNMAP,
		.buffer = arm->way->buffer,
		.buffer_bytes = arm->way->backlog ? STREAM_BYTES_MOST : BUFFER_BYTES,
		.wake = reader_state(arm->way->drain)->wake,
		.wake_every = reader_state(arm->way->drain)->every,
		.batch = BATCH,
	};
	struct collect_options collect = {
		.consumer = reader_options(arm->way->drain, env->placement->drain_cpu,
					   env->placement->cpu),
	};

	struct throughput *throughput = &arm->throughput;

	if (env->placement->drain_cpu < 0) {
		snprintf(throughput->why, sizeof(throughput->why),
			 "a consumer needs a second CPU, and there is one");
		return;
	}
	collect.consumer.inactive = true;
	throughput_open(throughput, &stream, &collect);
	if (!*throughput->why && stream_monitor(throughput->stream, getpid()))
		snprintf(throughput->why, sizeof(throughput->why),
			 "the map of monitored processes");
}

static void hit(struct arm *arm)
{
	trigger_bare_loop(trigger_find(TRIGGER), HITS);
	arm->hits += HITS;
}

/* A whole buffer, while the consumer stands still. */
static int fill(struct arm *arm)
{
	size_t holds = STREAM_BYTES_MOST / stream_record_bytes(arm->way->buffer);
	int err = collect_pause(arm->throughput.collect);

	for (size_t sent = 0; !err && sent + HITS * BATCH <= holds; sent += HITS * BATCH)
		hit(arm);
	return err;
}

/* From the first event sent, or the first that is read of a backlog, to the last one read. */
static void window(struct arm *arm)
{
	struct throughput *throughput = &arm->throughput;
	double started, took;

	if (arm->way->backlog && fill(arm)) {
		snprintf(throughput->why, sizeof(throughput->why),
			 "the consumer does not stand still");
		throughput->invalid = true;
		return;
	}
	collect_set_active(throughput->collect, true);
	throughput_begin(throughput);
	started = clock_seconds();
	if (arm->way->backlog)
		collect_resume(throughput->collect);
	while (!arm->way->backlog && clock_seconds() - started < WINDOW_S)
		hit(arm);
	if (!throughput_drained(throughput))
		return;
	took = clock_seconds() - started;
	collect_set_active(throughput->collect, false);
	arm->spent += took;
	throughput_end(throughput, took);
	throughput->rounds++;
}

static int visit(void *ctx, size_t i)
{
	struct flood *flood = ctx;
	struct arm *arm = &flood->arms[i];
	struct throughput *throughput = &arm->throughput;

	if (!*throughput->why &&
	    !stream_attach(throughput->stream, throughput->why, sizeof(throughput->why))) {
		window(arm);
		stream_detach(throughput->stream);
	}
	return *flood->rounds.stop ? -EINTR : 0;
}

static int report(const struct arm *arms, struct record *record, char *why, size_t why_len)
{
	int err = 0;

	for (size_t i = 0; i < WAYS; i++) {
		const struct point_key key = {
			.scenario = "flood",
			.hook = HOOK_RAW_TP,
			.buffer = arms[i].way->buffer,
			.trigger = TRIGGER,
			.drain = arms[i].way->drain,
			.policy = arms[i].way->policy,
			.rest = "",
		};
		struct event_point *row;

		if (throughput_row(&arms[i].throughput, &key, record, &row))
			return -ENOMEM;
		if (row->status == CELL_MEASURED) {
			row->producers = 1;
			row->burst = BATCH;
			row->calls = arms[i].hits;
			row->seconds = arms[i].spent;
			row->rate_achieved = row->throughput.value;
		}
		if (row->status == CELL_INVALID && !err) {
			snprintf(why, why_len, "%s: %s", row->id, row->reason);
			err = -EBADMSG;
		}
	}
	return err;
}

int flood_run(const struct harness_env *env, unsigned int rounds, struct record *record, char *why,
	      size_t why_len)
{
	struct flood *flood = calloc(1, sizeof(*flood));
	int err = -ENOMEM;

	if (!flood)
		return err;
	flood->rounds = (struct rounds){
		.n = WAYS,
		.most = rounds < THROUGHPUT_ROUNDS_MOST ? rounds : THROUGHPUT_ROUNDS_MOST,
		.rng = gsl_rng_alloc(gsl_rng_mt19937),
		.stop = env->stop,
		.progress = env->progress,
		.what = "flood",
		.to = 1,
	};
	if (!rounds)
		flood->rounds.most = ROUNDS;
	if (!flood->rounds.rng || rounds_open(&flood->rounds))
		goto out;
	gsl_rng_set(flood->rounds.rng, env->seed);
	for (size_t i = 0; i < WAYS; i++) {
		flood->arms[i].way = &ways[i];
		open_arm(&flood->arms[i], env);
	}
	err = rounds_run(&flood->rounds, visit, flood);
	if (!err)
		err = report(flood->arms, record, why, why_len);
out:
	for (size_t i = 0; i < WAYS; i++)
		throughput_close(&flood->arms[i].throughput);
	gsl_rng_free(flood->rounds.rng);
	rounds_close(&flood->rounds);
	free(flood);
	return err;
}

int events_flood(const struct events *events, char *why, size_t why_len)
{
	struct sweep *sweep = events->sweep;

	if (sweep->exact)
		return 0;
	return sweep_wrote(sweep,
			   flood_run(sweep->env, events->run->rounds, sweep->record, why, why_len),
			   why, why_len);
}
