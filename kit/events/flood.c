/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "calib/error.h"
#include "bpf/read/collect.h"
#include "bpf/load/stream.h"
#include "kit/timing/clock.h"
#include "kit/events/scenarios.h"
#include "kit/events/flood.h"
#include "kit/events/point.h"
#include "kit/timing/workload.h"
#include "reports/stats/stats.h"

/* As the kernel's tools/testing/selftests/bpf/bench: half a mebibyte, 500 events a batch; its one
 * wake-up in 500 is 512. */
#define BUFFER_BYTES (512u << 10)
#define BATCH	     500

#define ROUNDS	    9
#define ROUNDS_MOST 100
#define HITS	    16 /* between two looks at the clock */
#define WINDOW_S    0.25
#define SETTLE_S    5.0
#define WORKLOAD    "munmap_einval"

static const struct wait_mode {
	enum stream_buffer buffer;
	enum wakeup_policy wakeup;
	const char *policy;
	bool backlog; /* read what a whole buffer holds, with the producer at rest */
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
	struct stream *stream;
	struct collect *collect;
	uint64_t hits;
	double spent;				     /* seconds */
	double rates[ROUNDS_MOST], cpu[ROUNDS_MOST]; /* received a second, % of a CPU */
	unsigned int rounds;
	struct error why; /* set: skipped or invalid */
	bool invalid;
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

	collect.consumer.inactive = true;
	if (stream_open(&stream, &config->stream, &config->why) ||
	    collect_open(config->stream, &collect, &config->collect, &config->why))
		return;
	if (stream_monitor(config->stream, getpid()))
		error_say(&config->why, "the map of monitored processes");
}

static void close_config(struct config *config)
{
	collect_close(config->collect);
	stream_close(config->stream);
}

static void hit(struct config *config)
{
	workload_bare_loop(workload_find(WORKLOAD), HITS);
	config->hits += HITS;
}

/* A whole buffer, while the consumer stands still. */
static int fill(struct config *config)
{
	size_t holds = STREAM_BYTES_MOST / stream_record_bytes(config->wait_mode->buffer);
	int err = collect_pause(config->collect);

	for (size_t sent = 0; !err && sent + HITS * BATCH <= holds; sent += HITS * BATCH)
		hit(config);
	return err;
}

/* From the first event sent, or the first that is read of a backlog, to the last one read. */
static void window(struct config *config)
{
	struct collect_accounting before, after;
	double started, took;

	if (config->wait_mode->backlog && fill(config)) {
		error_say(&config->why, "the consumer does not stand still");
		config->invalid = true;
		return;
	}
	collect_set_active(config->collect, true);
	collect_accounting(config->collect, &before);
	started = clock_seconds();
	if (config->wait_mode->backlog)
		collect_resume(config->collect);
	while (!config->wait_mode->backlog && clock_seconds() - started < WINDOW_S)
		hit(config);
	if (collect_settle(config->collect, SETTLE_S)) {
		error_say(&config->why, "the consumer is stuck");
		config->invalid = true;
		return;
	}
	took = clock_seconds() - started;
	collect_set_active(config->collect, false);
	collect_accounting(config->collect, &after);
	config->spent += took;
	config->rates[config->rounds] = (double)(after.received - before.received) / took;
	config->cpu[config->rounds++] = (double)(after.cpu_ns - before.cpu_ns) * 1e-9 / took * 100;
	config->invalid = collect_check(config->collect, &config->why) != 0;
}

static void one_round(struct config *config)
{
	if (*config->why.text || stream_attach(config->stream, &config->why))
		return;
	window(config);
	stream_detach(config->stream);
}

static int fill_in(struct event_point *point, const struct config *config)
{
	if (*config->why.text)
		return point_fail(point, config->invalid ? RESULT_INVALID : RESULT_SKIPPED,
				  config->why.text);
	point->status = RESULT_MEASURED;
	point->producers = 1;
	point->burst = BATCH;
	point->calls = config->hits;
	point->seconds = config->spent;
	point->throughput = stats_trimmed_interval(config->rates, config->rounds);
	point->rate_achieved = point->throughput.value;
	point->consumer_cpu = stats_mean_interval(config->cpu, config->rounds);
	return point_accounting(point, config->stream, config->collect);
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
		struct event_point *point = point_add(record, &key);

		if (!point || fill_in(point, &configs[i]))
			return -ENOMEM;
		if (configs[i].invalid && !err)
			err = error_set(why, -EBADMSG, "%s: %s", point->id, configs[i].why.text);
	}
	return err;
}

static void open_configs(struct config *configs, const struct harness_env *env)
{
	for (size_t i = 0; i < WAIT_MODES; i++) {
		configs[i].wait_mode = &wait_modes[i];
		if (env->placement->reader_cpu < 0)
			error_say(&configs[i].why,
				  "a consumer needs a second CPU, and there is one");
		else
			open_config(&configs[i], env);
	}
}

int flood_run(const struct harness_env *env, unsigned int rounds, struct record *record,
	      struct error *why)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct config *configs = calloc(WAIT_MODES, sizeof(*configs));
	size_t order[WAIT_MODES];
	int err = rng && configs ? 0 : -ENOMEM;

	if (err)
		goto out;
	rounds = rounds ? rounds : ROUNDS;
	rounds = rounds > ROUNDS_MOST ? ROUNDS_MOST : rounds;
	gsl_rng_set(rng, env->seed);
	open_configs(configs, env);
	for (size_t i = 0; i < WAIT_MODES; i++)
		order[i] = i;
	for (unsigned int round = 0; round < rounds && !err; round++) {
		env->progress((double)round / rounds, "flood");
		gsl_ran_shuffle(rng, order, WAIT_MODES, sizeof(*order));
		for (size_t i = 0; i < WAIT_MODES && !*env->stop; i++)
			one_round(&configs[order[i]]);
		err = *env->stop ? -EINTR : 0;
	}
	if (!err)
		err = report(configs, record, why);
out:
	for (size_t i = 0; configs && i < WAIT_MODES; i++)
		close_config(&configs[i]);
	free(configs);
	gsl_rng_free(rng);
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
