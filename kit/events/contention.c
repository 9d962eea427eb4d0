/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "calib/error.h"
#include "bpf/read/collect.h"
#include "bpf/programs/shared.h"
#include "bpf/load/stream.h"
#include "kit/events/contention.h"
#include "kit/events/scenarios.h"
#include "kit/system/place.h"
#include "kit/events/point.h"
#include "kit/events/producers.h"
#include "reports/stats/stats.h"

#define ROUNDS	    21
#define ROUNDS_MOST 100
#define WINDOW_S    0.02
#define SETTLE_S    5.0

/* Room for a window of 5 M events/s a CPU; all buffers of a configuration together stay below the
 * second figure. */
#define IDLE_BYTES_CPU	(4ul << 20)
#define IDLE_BYTES_MOST (256ul << 20)

#define CPUS_MOST  STREAM_CPUS
#define TEAMS_MOST 12 /* 1, 2, 4 … 1024, and all */

/* One buffer in one state with so many producers; or, without a stream, nothing attached. */
struct config {
	size_t n; /* producers */
	bool none, idle, shares_cpu;
	enum stream_buffer buffer;
	struct stream *stream;
	struct collect *collect;
	uint64_t calls, produced_before;
	unsigned int rounds;
	/* a round each */
	double overhead[ROUNDS_MOST], rate[ROUNDS_MOST], arrived[ROUNDS_MOST], cpu[ROUNDS_MOST];
	struct error why; /* set: skipped or invalid */
	bool invalid;
};

struct contention {
	const struct harness_env *env;
	const struct workload *workload;
	enum hook hook;
	unsigned int rounds;
	int cpus[CPUS_MOST];
	size_t n_cpus;
	struct producers *producers;
	struct producer_run *runs;
	struct config *configs;
	size_t n_configs;
	gsl_rng *rng;
};

/* What the producers of one window did together. */
struct together {
	uint64_t calls;
	double rate;	    /* calls a second, wall time */
	double ns_per_call; /* of CPU time */
};

/* The measuring CPU first, the consumer's last: it is taken only when all are wanted. */
static void order_cpus(struct contention *contention)
{
	int all[CPUS_MOST], wakeup = contention->env->placement->reader_cpu;
	size_t n = place_cpus(all, CPUS_MOST);

	contention->cpus[contention->n_cpus++] = contention->env->placement->cpu;
	for (size_t i = 0; i < n; i++)
		if (all[i] != contention->env->placement->cpu && all[i] != wakeup)
			contention->cpus[contention->n_cpus++] = all[i];
	if (wakeup >= 0 && contention->n_cpus < CPUS_MOST)
		contention->cpus[contention->n_cpus++] = wakeup;
}

static size_t idle_bytes(const struct contention *contention, enum stream_buffer buffer)
{
	size_t bytes = IDLE_BYTES_CPU;

	if (buffer == STREAM_RINGBUF || buffer == STREAM_RINGBUF_OUTPUT)
		return STREAM_BYTES_MOST;
	while (bytes > STREAM_BYTES_LEAST && bytes * contention->n_cpus > IDLE_BYTES_MOST)
		bytes /= 2;
	return bytes;
}

static enum wakeup_policy state_of(const struct config *config)
{
	if (config->none)
		return WAKEUP_OFF;
	return config->idle ? WAKEUP_IDLE : WAKEUP_CAUGHT_UP;
}

static void open_config(const struct contention *contention, struct config *config)
{
	const struct placement *placement = contention->env->placement;
	const struct stream_options stream = {
		.hook = contention->hook,
		.target = contention->workload->target,
		.buffer = config->buffer,
		.buffer_bytes =
			config->idle ? idle_bytes(contention, config->buffer) : RINGBUF_BYTES,
		.wake = wakeup_wake_policy(state_of(config)),
	};
	const struct collect_options collect = {
		.consumer = reader_options(
			state_of(config),
			placement->reader_cpu >= 0 ? placement->reader_cpu : placement->cpu, -1),
		.bytes_freed = contention->workload->bytes,
		.ages = !config->idle,
	};

	if (stream_open(&stream, &config->stream, &config->why) ||
	    collect_open(config->stream, &collect, &config->collect, &config->why))
		return;
	for (size_t i = 0; i < config->n; i++)
		if (stream_monitor(config->stream, producers_pid(contention->producers, i)))
			error_say(&config->why,
				  "%zu producers do not fit into the map of monitored processes",
				  config->n);
}

/* Nothing; then every buffer in both states. */
static void plan_team(struct contention *contention, size_t n)
{
	contention->configs[contention->n_configs++] = (struct config){.n = n, .none = true};
	for (int buffer = 0; buffer < STREAM_BUFFER_COUNT; buffer++)
		for (int idle = 1; idle >= 0; idle--) {
			struct config *config = &contention->configs[contention->n_configs++];
			const struct placement *placement = contention->env->placement;

			*config = (struct config){.n = n, .idle = idle};
			config->buffer = (enum stream_buffer)buffer;
			config->shares_cpu = placement->reader_cpu < 0 || n == contention->n_cpus;
			open_config(contention, config);
		}
}

static int make_calls(struct contention *contention, size_t n, struct together *out)
{
	double hz = contention->env->tsc->hz;
	int err = producers_run(contention->producers, n, (uint64_t)(WINDOW_S * hz), hz,
				contention->runs);

	*out = (struct together){0};
	for (size_t i = 0; i < n && !err; i++) {
		const struct producer_run *run = &contention->runs[i];

		out->calls += run->calls;
		out->rate += (double)run->calls * hz / run->ticks;
		out->ns_per_call += run->cpu_ns / (double)run->calls / (double)n;
	}
	return err;
}

/* Between attach and detach. Received events are those of this window, whenever the consumer got to
 * them. */
static int through(struct contention *contention, struct config *config, struct together *out)
{
	struct collect_accounting before, after;
	int err;

	collect_accounting(config->collect, &before);
	err = make_calls(contention, config->n, out);
	if (err)
		return err;
	if (collect_settle(config->collect, SETTLE_S)) {
		error_say(&config->why, "the consumer is stuck");
		config->invalid = true;
		return 0;
	}
	collect_accounting(config->collect, &after);
	config->arrived[config->rounds] =
		out->rate * (double)(after.received - before.received) / (double)out->calls;
	config->cpu[config->rounds] = (double)(after.cpu_ns - before.cpu_ns) * 1e-9 * out->rate /
				      (double)out->calls * 100;
	config->invalid = collect_check(config->collect, &config->why) != 0;
	return 0;
}

static int visit(struct contention *contention, struct config *config)
{
	struct together none, with;
	int err;

	if (*config->why.text)
		return 0;
	err = make_calls(contention, config->n, &none);
	if (err)
		return err;
	with = none;
	if (!config->none) {
		if (stream_attach(config->stream, &config->why))
			return 0;
		err = through(contention, config, &with);
		stream_detach(config->stream);
		if (err || config->invalid)
			return err;
	}
	config->calls += with.calls;
	config->rate[config->rounds] = with.rate;
	config->overhead[config->rounds++] = with.ns_per_call - none.ns_per_call;
	return 0;
}

static int fill_in(struct event_point *point, const struct config *config)
{
	point->producers = (unsigned int)config->n;
	if (*config->why.text)
		return point_fail(point, config->invalid ? RESULT_INVALID : RESULT_SKIPPED,
				  config->why.text);
	point->status = RESULT_MEASURED;
	point->calls = config->calls;
	point->seconds = config->rounds * WINDOW_S;
	point->rate_achieved = stats_trimmed_interval(config->rate, config->rounds).value;
	if (config->none)
		return 0;
	point->overhead = stats_trimmed_interval(config->overhead, config->rounds);
	point->throughput = stats_trimmed_interval(config->arrived, config->rounds);
	if (!config->idle)
		point->consumer_cpu = stats_mean_interval(config->cpu, config->rounds);
	return point_accounting(point, config->stream, config->collect);
}

static const char *policy_of(const struct config *config)
{
	if (config->none)
		return "-";
	if (config->idle)
		return "nobody is woken";
	return config->shares_cpu ? "default, epoll, on a producer's CPU" : "default, epoll";
}

static int report(const struct contention *contention, struct record *record, struct error *why)
{
	int err = 0;

	for (size_t i = 0; i < contention->n_configs; i++) {
		const struct config *config = &contention->configs[i];
		char rest[32];
		const struct point_key key = {
			.scenario = "contention",
			.none = config->none,
			.hook = contention->hook,
			.buffer = config->buffer,
			.workload = contention->workload->name,
			.wakeup = state_of(config),
			.policy = policy_of(config),
			.rest = rest,
		};
		struct event_point *point;

		snprintf(rest, sizeof(rest), "%zu CPU%s", config->n, config->n > 1 ? "s" : "");
		point = point_add(record, &key);
		if (!point || fill_in(point, config))
			return -ENOMEM;
		if (config->invalid && !err)
			err = error_set(why, -EBADMSG, "%s: %s", point->id, config->why.text);
	}
	return err;
}

static int rounds(struct contention *contention, struct error *why)
{
	size_t *order = calloc(contention->n_configs, sizeof(*order));
	int err = order ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < contention->n_configs; i++)
		order[i] = i;
	for (unsigned int round = 0; round < contention->rounds && !err; round++) {
		contention->env->progress((double)round / contention->rounds, "contention");
		gsl_ran_shuffle(contention->rng, order, contention->n_configs, sizeof(*order));
		for (size_t i = 0; i < contention->n_configs && !err; i++)
			err = *contention->env->stop
				      ? -EINTR
				      : visit(contention, &contention->configs[order[i]]);
	}
	if (err && err != -EINTR)
		error_say(why, "the producers: %s", strerror(-err));
	free(order);
	return err;
}

static void let_go(struct contention *contention)
{
	for (size_t i = 0; i < contention->n_configs; i++) {
		collect_close(contention->configs[i].collect);
		stream_close(contention->configs[i].stream);
	}
	producers_close(contention->producers);
	free(contention->configs);
	free(contention->runs);
	gsl_rng_free(contention->rng);
	free(contention);
}

int contention_run(const struct harness_env *env, const struct workload *workload, enum hook hook,
		   unsigned int rounds_wanted, struct record *record, struct error *why)
{
	struct contention *contention = calloc(1, sizeof(*contention));
	int err = -ENOMEM;

	if (!contention)
		return -ENOMEM;
	contention->env = env;
	contention->workload = workload;
	contention->hook = hook;
	contention->rounds = rounds_wanted ? rounds_wanted : ROUNDS;
	contention->rounds = contention->rounds > ROUNDS_MOST ? ROUNDS_MOST : contention->rounds;
	order_cpus(contention);
	contention->rng = gsl_rng_alloc(gsl_rng_mt19937);
	contention->runs = calloc(contention->n_cpus, sizeof(*contention->runs));
	contention->configs =
		calloc(TEAMS_MOST * (1 + 2 * STREAM_BUFFER_COUNT), sizeof(*contention->configs));
	if (!contention->rng || !contention->runs || !contention->configs)
		goto out;
	gsl_rng_set(contention->rng, env->seed);
	err = producers_open(workload, contention->cpus, contention->n_cpus, &contention->producers,
			     why);
	if (err)
		goto out;
	for (size_t n = 1; n < contention->n_cpus; n *= 2)
		plan_team(contention, n);
	plan_team(contention, contention->n_cpus);
	err = rounds(contention, why);
	if (!err)
		err = report(contention, record, why);
out:
	let_go(contention);
	return err;
}

int events_contention(const struct events *events, struct error *why)
{
	struct sweep *sweep = events->sweep;
	int err;

	/* counted instructions know of no other CPU, and not every workload can be called in a bare
	 * loop */
	if (!events->any || sweep->exact || isnan(workload_bare_loop(sweep->workload, 1)))
		return 0;
	err = contention_run(sweep->env, sweep->workload, events->first, events->run->rounds,
			     sweep->record, why);
	return sweep_wrote(sweep, err, why);
}
