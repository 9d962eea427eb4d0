/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "bpf/collect.h"
#include "bpf/stream.h"
#include "kit/clock.h"
#include "kit/events.h"
#include "kit/flood.h"
#include "kit/point.h"
#include "kit/trigger.h"
#include "reports/stats.h"

/* As the kernel's tools/testing/selftests/bpf/bench: half a mebibyte, 500 events a batch; its one wake-up in 500 is 512. */
#define BUFFER_BYTES (512u << 10)
#define BATCH	     500

#define ROUNDS	    9
#define ROUNDS_MOST 100
#define HITS	    16 /* between two looks at the clock */
#define WINDOW_S    0.25
#define SETTLE_S    5.0
#define TRIGGER	    "munmap_einval"

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
	struct stream *stream;
	struct collect *collect;
	uint64_t hits;
	double spent;				     /* seconds */
	double rates[ROUNDS_MOST], cpu[ROUNDS_MOST]; /* received a second, % of a CPU */
	unsigned int rounds;
	char why[256]; /* set: skipped or invalid */
	bool invalid;
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

	collect.consumer.inactive = true;
	if (stream_open(&stream, &arm->stream, arm->why, sizeof(arm->why)) ||
	    collect_open(arm->stream, &collect, &arm->collect, arm->why, sizeof(arm->why)))
		return;
	if (stream_monitor(arm->stream, getpid()))
		snprintf(arm->why, sizeof(arm->why), "the map of monitored processes");
}

static void close_arm(struct arm *arm)
{
	collect_close(arm->collect);
	stream_close(arm->stream);
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
	int err = collect_pause(arm->collect);

	for (size_t sent = 0; !err && sent + HITS * BATCH <= holds; sent += HITS * BATCH)
		hit(arm);
	return err;
}

/* From the first event sent, or the first that is read of a backlog, to the last one read. */
static void window(struct arm *arm)
{
	struct collect_books before, after;
	double started, took;

	if (arm->way->backlog && fill(arm)) {
		snprintf(arm->why, sizeof(arm->why), "the consumer does not stand still");
		arm->invalid = true;
		return;
	}
	collect_set_active(arm->collect, true);
	collect_books(arm->collect, &before);
	started = clock_seconds();
	if (arm->way->backlog)
		collect_resume(arm->collect);
	while (!arm->way->backlog && clock_seconds() - started < WINDOW_S)
		hit(arm);
	if (collect_settle(arm->collect, SETTLE_S)) {
		snprintf(arm->why, sizeof(arm->why), "the consumer is stuck");
		arm->invalid = true;
		return;
	}
	took = clock_seconds() - started;
	collect_set_active(arm->collect, false);
	collect_books(arm->collect, &after);
	arm->spent += took;
	arm->rates[arm->rounds] = (double)(after.received - before.received) / took;
	arm->cpu[arm->rounds++] = (double)(after.cpu_ns - before.cpu_ns) * 1e-9 / took * 100;
	arm->invalid = collect_check(arm->collect, arm->why, sizeof(arm->why)) != 0;
}

static void one_round(struct arm *arm)
{
	if (*arm->why || stream_attach(arm->stream, arm->why, sizeof(arm->why)))
		return;
	window(arm);
	stream_detach(arm->stream);
}

static int fill_in(struct event_point *point, const struct arm *arm)
{
	if (*arm->why)
		return point_fail(point, arm->invalid ? CELL_INVALID : CELL_SKIPPED, arm->why);
	point->status = CELL_MEASURED;
	point->producers = 1;
	point->burst = BATCH;
	point->calls = arm->hits;
	point->seconds = arm->spent;
	point->throughput = stats_trimmed_interval(arm->rates, arm->rounds);
	point->rate_achieved = point->throughput.value;
	point->consumer_cpu = stats_mean_interval(arm->cpu, arm->rounds);
	return point_books(point, arm->stream, arm->collect);
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
		struct event_point *point = point_add(record, &key);

		if (!point || fill_in(point, &arms[i]))
			return -ENOMEM;
		if (arms[i].invalid && !err) {
			snprintf(why, why_len, "%s: %s", point->id, arms[i].why);
			err = -EBADMSG;
		}
	}
	return err;
}

static void open_arms(struct arm *arms, const struct harness_env *env)
{
	for (size_t i = 0; i < WAYS; i++) {
		arms[i].way = &ways[i];
		if (env->placement->drain_cpu < 0)
			snprintf(arms[i].why, sizeof(arms[i].why),
				 "a consumer needs a second CPU, and there is one");
		else
			open_arm(&arms[i], env);
	}
}

int flood_run(const struct harness_env *env, unsigned int rounds, struct record *record, char *why,
	      size_t why_len)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct arm *arms = calloc(WAYS, sizeof(*arms));
	size_t order[WAYS];
	int err = rng && arms ? 0 : -ENOMEM;

	if (err)
		goto out;
	rounds = rounds ? rounds : ROUNDS;
	rounds = rounds > ROUNDS_MOST ? ROUNDS_MOST : rounds;
	gsl_rng_set(rng, env->seed);
	open_arms(arms, env);
	for (size_t i = 0; i < WAYS; i++)
		order[i] = i;
	for (unsigned int round = 0; round < rounds && !err; round++) {
		env->progress((double)round / rounds, "flood");
		gsl_ran_shuffle(rng, order, WAYS, sizeof(*order));
		for (size_t i = 0; i < WAYS && !*env->stop; i++)
			one_round(&arms[order[i]]);
		err = *env->stop ? -EINTR : 0;
	}
	if (!err)
		err = report(arms, record, why, why_len);
out:
	for (size_t i = 0; arms && i < WAYS; i++)
		close_arm(&arms[i]);
	free(arms);
	gsl_rng_free(rng);
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
