/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scenario contention: 1, 2, 4 … all CPUs send events at once, into one ring buffer, a ring buffer
 * for each CPU, or perf buffers.
 *
 * Each with two wakeup policies. With "none" nobody is woken and buffers are large: the added cost
 * is what producers cost each other. With "per event" there is one reader and the default buffer of
 * 256 KiB: the result is how many events arrive.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "bpf/programs/shared.h"
#include "kit/events/throughput.h"
#include "kit/system/place.h"
#include "kit/timing/producers.h"
#include "kit/timing/rounds.h"
#include "kit/events/scenario_list.h"
#include "reports/stats/stats.h"

#define ROUNDS	 21
#define WINDOW_S 0.02

/*
 * Bytes for a window of 5 M events/s on a CPU, and the most for all buffers of a configuration
 * together.
 */
#define IDLE_BYTES_CPU	(4ul << 20)
#define IDLE_BYTES_MOST (256ul << 20)

#define CPUS_MOST  STREAM_CPUS
#define TEAMS_MOST 12 /* 1, 2, 4 … 1024, and all */

/* One buffer with one wakeup policy and n producers; none: nothing attached. */
struct config {
	size_t n; /* number of producers */
	bool none, idle, shares_cpu;
	enum stream_buffer buffer;
	struct throughput throughput;
	uint64_t calls;
	/* one value a round */
	double overhead[THROUGHPUT_ROUNDS_MOST], rate[THROUGHPUT_ROUNDS_MOST];
};

struct contention {
	const struct harness_env *env;
	struct record *record;
	const struct workload *workload;
	enum hook hook;
	int cpus[CPUS_MOST];
	size_t n_cpus;
	struct producers *producers;
	struct producer_run *runs;
	struct config *configs;
	struct rounds rounds; /* each round visits every configuration once */
};

/* The producers of one window together. */
struct together {
	uint64_t calls;
	double rate;	    /* calls a second of wall time, summed over producers */
	double ns_per_call; /* CPU time, mean of the producers */
};

/*
 * The measuring CPU comes first and the reader's last: it gets a producer only when all CPUs have
 * one.
 */
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
		.wake = wakeup_ring_wake(state_of(config)),
	};
	const struct collect_options collect = {
		.consumer = reader_options(
			state_of(config),
			placement->reader_cpu >= 0 ? placement->reader_cpu : placement->cpu, -1),
		.bytes_freed = contention->workload->bytes,
		.ages = !config->idle,
	};

	struct throughput *throughput = &config->throughput;

	throughput_open(throughput, &stream, &collect);
	for (size_t i = 0; i < config->n && !*throughput->why.text; i++)
		if (probe_monitor_also(throughput->stream->probe,
				       producers_pid(contention->producers, i)))
			error_say(&throughput->why,
				  "%zu producers do not fit into the map of monitored processes",
				  config->n);
}

/* Configurations with n producers: nothing attached, then each buffer with both policies. */
static void plan_team(struct contention *contention, size_t n)
{
	contention->configs[contention->rounds.n++] = (struct config){.n = n, .none = true};
	for (int buffer = 0; buffer < STREAM_BUFFER_COUNT; buffer++)
		for (int idle = 1; idle >= 0; idle--) {
			struct config *config = &contention->configs[contention->rounds.n++];
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

/*
 * One window with the probe attached. All events sent in it count as received, even if read after
 * it.
 */
static int through(struct contention *contention, struct config *config, struct together *out)
{
	struct throughput *throughput = &config->throughput;
	int err;

	if (probe_attach(throughput->stream->probe, &throughput->why))
		return 0;
	throughput_begin(throughput);
	err = make_calls(contention, config->n, out);
	if (!err && throughput_drained(throughput))
		throughput_end(throughput, (double)out->calls / out->rate);
	probe_detach(throughput->stream->probe);
	return err;
}

static int visit(void *ctx, size_t i)
{
	struct contention *contention = ctx;
	struct config *config = &contention->configs[i];
	struct together none, with;
	int err;

	if (*config->throughput.why.text)
		return 0;
	err = make_calls(contention, config->n, &none);
	with = none;
	if (!err && !config->none)
		err = through(contention, config, &with);
	if (err || *config->throughput.why.text)
		return err;
	config->calls += with.calls;
	config->rate[config->throughput.rounds] = with.rate;
	config->overhead[config->throughput.rounds++] = with.ns_per_call - none.ns_per_call;
	return 0;
}

static const char *policy_of(const struct config *config)
{
	if (config->none)
		return "-";
	if (config->idle)
		return "nobody is woken";
	return config->shares_cpu ? "default, epoll, on a producer's CPU" : "default, epoll";
}

static int add_row(const struct contention *contention, const struct config *config,
		   struct record *record, struct event_point **row)
{
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
	int err;

	snprintf(rest, sizeof(rest), "%zu CPU%s", config->n, config->n > 1 ? "s" : "");
	err = throughput_row(&config->throughput, &key, record, row);
	if (err)
		return err;
	(*row)->producers = (unsigned int)config->n;
	if ((*row)->status != RESULT_MEASURED)
		return 0;
	(*row)->calls = config->calls;
	(*row)->seconds = config->throughput.rounds * WINDOW_S;
	(*row)->rate_achieved =
		stats_trimmed_interval(config->rate, config->throughput.rounds).value;
	if (!config->none)
		(*row)->overhead =
			stats_trimmed_interval(config->overhead, config->throughput.rounds);
	if (config->idle)
		(*row)->consumer_cpu = (struct effect){NAN, NAN, NAN};
	return 0;
}

static int report(const struct contention *contention, struct record *record, struct error *why)
{
	int err = 0;

	for (size_t i = 0; i < contention->rounds.n; i++) {
		struct event_point *row;

		if (!throughput_has_row(&contention->configs[i].throughput))
			continue;
		if (add_row(contention, &contention->configs[i], record, &row))
			return -ENOMEM;
		if (row->status == RESULT_INVALID && !err)
			err = error_set(why, -EBADMSG, "%s: %s", row->id, row->reason);
	}
	return err;
}

static int provisional_rows(void *ctx, struct record *record)
{
	struct error ignored; /* it is in the row */
	int err = report(ctx, record, &ignored);

	return err == -EBADMSG ? 0 : err;
}

static void keep_round(void *ctx)
{
	const struct contention *contention = ctx;
	const struct harness_env *env = contention->env;

	checkpoint_rounds(env->checkpoint, contention->record, env->dir, provisional_rows, ctx);
}

static void let_go(struct contention *contention)
{
	for (size_t i = 0; i < contention->rounds.n; i++)
		throughput_close(&contention->configs[i].throughput);
	producers_close(contention->producers);
	free(contention->configs);
	free(contention->runs);
	rounds_close(&contention->rounds);
	free(contention);
}

int contention_run(const struct harness_env *env, const struct workload *workload, enum hook hook,
		   unsigned int rounds, struct record *record, struct error *why)
{
	struct contention *contention = calloc(1, sizeof(*contention));
	int err = -ENOMEM, kept = 0;

	if (!contention)
		return -ENOMEM;
	contention->env = env;
	contention->record = record;
	contention->workload = workload;
	contention->hook = hook;
	contention->rounds = throughput_rounds(env, "contention", 0, rounds, ROUNDS);
	contention->rounds.after = keep_round;
	order_cpus(contention);
	contention->runs = calloc(contention->n_cpus, sizeof(*contention->runs));
	contention->configs =
		calloc(TEAMS_MOST * (1 + 2 * STREAM_BUFFER_COUNT), sizeof(*contention->configs));
	if (!contention->runs || !contention->configs)
		goto out;
	err = producers_open(workload, contention->cpus, contention->n_cpus, &contention->producers,
			     why);
	if (err)
		goto out;
	for (size_t n = 1; n < contention->n_cpus; n *= 2)
		plan_team(contention, n);
	plan_team(contention, contention->n_cpus);
	err = rounds_open(&contention->rounds);
	if (!err)
		err = rounds_run(&contention->rounds, visit, contention);
	if (err && err != -EINTR)
		error_say(why, "the producers: %s", strerror(-err));
	/* a stopped run keeps its rounds */
	if (!err || err == -EINTR)
		kept = report(contention, record, why);
	err = err ? err : kept;
out:
	let_go(contention);
	return err;
}

int events_contention(const struct events *events, struct error *why)
{
	struct sweep *sweep = events->sweep;
	int err;

	/*
	 * an emulated machine that counts instructions has no contention; some workloads cannot
	 * loop
	 */
	if (!events->any || sweep->exact || isnan(workload_bare_loop(sweep->workload, 1)))
		return 0;
	err = contention_run(sweep->env, sweep->workload, events->first, events->run->rounds,
			     sweep->record, why);
	return sweep_wrote(sweep, err, why);
}
