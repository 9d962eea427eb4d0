/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * 1, 2, 4 … all CPUs send events at once, into one ring buffer, a ring for each CPU, or perf buffers.
 *
 * Two states of each: idle, where nobody is woken and buffers are large, prices what producers cost each other alone; caught_up,
 * with one reader that each event may wake and the mission's 256 KiB, says what arrives.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/shared.h"
#include "kit/throughput.h"
#include "kit/place.h"
#include "kit/producers.h"
#include "kit/rounds.h"
#include "kit/scenario_list.h"
#include "reports/stats.h"

#define ROUNDS	 21
#define WINDOW_S 0.02

/* Room for a window of 5 M events/s a CPU; all buffers of an arm together stay below the second figure. */
#define IDLE_BYTES_CPU	(4ul << 20)
#define IDLE_BYTES_MOST (256ul << 20)

#define CPUS_MOST  STREAM_CPUS
#define TEAMS_MOST 12 /* 1, 2, 4 … 1024, and all */

/* One buffer in one state with so many producers; or, without a stream, nothing attached. */
struct arm {
	size_t n; /* producers */
	bool none, idle, shares_cpu;
	enum stream_buffer buffer;
	struct throughput throughput;
	uint64_t calls;
	double overhead[THROUGHPUT_ROUNDS_MOST], rate[THROUGHPUT_ROUNDS_MOST]; /* a round each */
};

struct contest {
	const struct harness_env *env;
	const struct trigger *trigger;
	enum hook hook;
	int cpus[CPUS_MOST];
	size_t n_cpus;
	struct producers *producers;
	struct producer_run *runs;
	struct arm *arms;
	struct rounds rounds; /* a visit is an arm */
};

/* What the producers of one window did together. */
struct together {
	uint64_t calls;
	double rate;	    /* calls a second, wall time */
	double ns_per_call; /* of CPU time */
};

/* The measuring CPU first, the consumer's last: it is taken only when all are wanted. */
static void order_cpus(struct contest *contest)
{
	int all[CPUS_MOST], drain = contest->env->placement->drain_cpu;
	size_t n = place_cpus(all, CPUS_MOST);

	contest->cpus[contest->n_cpus++] = contest->env->placement->cpu;
	for (size_t i = 0; i < n; i++)
		if (all[i] != contest->env->placement->cpu && all[i] != drain)
			contest->cpus[contest->n_cpus++] = all[i];
	if (drain >= 0 && contest->n_cpus < CPUS_MOST)
		contest->cpus[contest->n_cpus++] = drain;
}

static size_t idle_bytes(const struct contest *contest, enum stream_buffer buffer)
{
	size_t bytes = IDLE_BYTES_CPU;

	if (buffer == STREAM_RINGBUF || buffer == STREAM_RINGBUF_OUTPUT)
		return STREAM_BYTES_MOST;
	while (bytes > STREAM_BYTES_LEAST && bytes * contest->n_cpus > IDLE_BYTES_MOST)
		bytes /= 2;
	return bytes;
}

static enum drain_state state_of(const struct arm *arm)
{
	if (arm->none)
		return DRAIN_OFF;
	return arm->idle ? DRAIN_IDLE : DRAIN_CAUGHT_UP;
}

static void open_arm(const struct contest *contest, struct arm *arm)
{
	const struct placement *placement = contest->env->placement;
	const struct stream_options stream = {
		.hook = contest->hook,
		.target = contest->trigger->target,
		.buffer = arm->buffer,
		.buffer_bytes = arm->idle ? idle_bytes(contest, arm->buffer) : RINGBUF_BYTES,
		.wake = drain_wake_policy(state_of(arm)),
	};
	const struct collect_options collect = {
		.consumer = reader_options(
			state_of(arm),
			placement->drain_cpu >= 0 ? placement->drain_cpu : placement->cpu, -1),
		.bytes_freed = contest->trigger->bytes,
		.ages = !arm->idle,
	};

	struct throughput *throughput = &arm->throughput;

	throughput_open(throughput, &stream, &collect);
	for (size_t i = 0; i < arm->n && !*throughput->why; i++)
		if (stream_monitor(throughput->stream, producers_pid(contest->producers, i)))
			snprintf(throughput->why, sizeof(throughput->why),
				 "%zu producers do not fit into the map of monitored processes",
				 arm->n);
}

/* Nothing; then every buffer in both states. */
static void plan_team(struct contest *contest, size_t n)
{
	contest->arms[contest->rounds.n++] = (struct arm){.n = n, .none = true};
	for (int buffer = 0; buffer < STREAM_BUFFER_COUNT; buffer++)
		for (int idle = 1; idle >= 0; idle--) {
			struct arm *arm = &contest->arms[contest->rounds.n++];
			const struct placement *placement = contest->env->placement;

			*arm = (struct arm){.n = n, .idle = idle};
			arm->buffer = (enum stream_buffer)buffer;
			arm->shares_cpu = placement->drain_cpu < 0 || n == contest->n_cpus;
			open_arm(contest, arm);
		}
}

static int make_calls(struct contest *contest, size_t n, struct together *out)
{
	double hz = contest->env->tsc->hz;
	int err =
		producers_run(contest->producers, n, (uint64_t)(WINDOW_S * hz), hz, contest->runs);

	*out = (struct together){0};
	for (size_t i = 0; i < n && !err; i++) {
		const struct producer_run *run = &contest->runs[i];

		out->calls += run->calls;
		out->rate += (double)run->calls * hz / run->ticks;
		out->ns_per_call += run->cpu_ns / (double)run->calls / (double)n;
	}
	return err;
}

/* Received events are those of this window, whenever the reader got to them. */
static int through(struct contest *contest, struct arm *arm, struct together *out)
{
	struct throughput *throughput = &arm->throughput;
	int err;

	if (stream_attach(throughput->stream, throughput->why, sizeof(throughput->why)))
		return 0;
	throughput_begin(throughput);
	err = make_calls(contest, arm->n, out);
	if (!err && throughput_drained(throughput))
		throughput_end(throughput, (double)out->calls / out->rate);
	stream_detach(throughput->stream);
	return err;
}

static int visit(void *ctx, size_t i)
{
	struct contest *contest = ctx;
	struct arm *arm = &contest->arms[i];
	struct together none, with;
	int err;

	if (*arm->throughput.why)
		return 0;
	err = make_calls(contest, arm->n, &none);
	with = none;
	if (!err && !arm->none)
		err = through(contest, arm, &with);
	if (err || *arm->throughput.why)
		return err;
	arm->calls += with.calls;
	arm->rate[arm->throughput.rounds] = with.rate;
	arm->overhead[arm->throughput.rounds++] = with.ns_per_call - none.ns_per_call;
	return 0;
}

static const char *policy_of(const struct arm *arm)
{
	if (arm->none)
		return "-";
	if (arm->idle)
		return "nobody is woken";
	return arm->shares_cpu ? "default, epoll, on a producer's CPU" : "default, epoll";
}

static int add_row(const struct contest *contest, const struct arm *arm, struct record *record,
		   struct event_point **row)
{
	char rest[32];
	const struct point_key key = {
		.scenario = "contention",
		.none = arm->none,
		.hook = contest->hook,
		.buffer = arm->buffer,
		.trigger = contest->trigger->name,
		.drain = state_of(arm),
		.policy = policy_of(arm),
		.rest = rest,
	};
	int err;

	snprintf(rest, sizeof(rest), "%zu CPU%s", arm->n, arm->n > 1 ? "s" : "");
	err = throughput_row(&arm->throughput, &key, record, row);
	if (err)
		return err;
	(*row)->producers = (unsigned int)arm->n;
	if ((*row)->status != CELL_MEASURED)
		return 0;
	(*row)->calls = arm->calls;
	(*row)->seconds = arm->throughput.rounds * WINDOW_S;
	(*row)->rate_achieved = stats_trimmed_interval(arm->rate, arm->throughput.rounds).value;
	if (!arm->none)
		(*row)->overhead = stats_trimmed_interval(arm->overhead, arm->throughput.rounds);
	if (arm->idle)
		(*row)->consumer_cpu = (struct effect){NAN, NAN, NAN};
	return 0;
}

static int report(const struct contest *contest, struct record *record, char *why, size_t why_len)
{
	int err = 0;

	for (size_t i = 0; i < contest->rounds.n; i++) {
		struct event_point *row;

		if (add_row(contest, &contest->arms[i], record, &row))
			return -ENOMEM;
		if (row->status == CELL_INVALID && !err) {
			snprintf(why, why_len, "%s: %s", row->id, row->reason);
			err = -EBADMSG;
		}
	}
	return err;
}

static void let_go(struct contest *contest)
{
	for (size_t i = 0; i < contest->rounds.n; i++)
		throughput_close(&contest->arms[i].throughput);
	producers_close(contest->producers);
	free(contest->arms);
	free(contest->runs);
	gsl_rng_free(contest->rounds.rng);
	rounds_close(&contest->rounds);
	free(contest);
}

int contention_run(const struct harness_env *env, const struct trigger *trigger, enum hook hook,
		   unsigned int rounds, struct record *record, char *why, size_t why_len)
{
	struct contest *contest = calloc(1, sizeof(*contest));
	int err = -ENOMEM;

	if (!contest)
		return -ENOMEM;
	contest->env = env;
	contest->trigger = trigger;
	contest->hook = hook;
	contest->rounds = (struct rounds){
		.most = rounds < THROUGHPUT_ROUNDS_MOST ? rounds : THROUGHPUT_ROUNDS_MOST,
		.rng = gsl_rng_alloc(gsl_rng_mt19937),
		.stop = env->stop,
		.progress = env->progress,
		.what = "contention",
		.to = 1,
	};
	if (!rounds)
		contest->rounds.most = ROUNDS;
	order_cpus(contest);
	contest->runs = calloc(contest->n_cpus, sizeof(*contest->runs));
	contest->arms = calloc(TEAMS_MOST * (1 + 2 * STREAM_BUFFER_COUNT), sizeof(*contest->arms));
	if (!contest->rounds.rng || !contest->runs || !contest->arms)
		goto out;
	gsl_rng_set(contest->rounds.rng, env->seed);
	err = producers_open(trigger, contest->cpus, contest->n_cpus, &contest->producers, why,
			     why_len);
	if (err)
		goto out;
	for (size_t n = 1; n < contest->n_cpus; n *= 2)
		plan_team(contest, n);
	plan_team(contest, contest->n_cpus);
	err = rounds_open(&contest->rounds);
	if (!err)
		err = rounds_run(&contest->rounds, visit, contest);
	if (err && err != -EINTR)
		snprintf(why, why_len, "the producers: %s", strerror(-err));
	if (!err)
		err = report(contest, record, why, why_len);
out:
	let_go(contest);
	return err;
}

int events_contention(const struct events *events, char *why, size_t why_len)
{
	struct sweep *sweep = events->sweep;
	int err;

	/* counted instructions know of no other CPU, and not every trigger can be called in a bare loop */
	if (!events->any || sweep->exact || isnan(trigger_bare_loop(sweep->trigger, 1)))
		return 0;
	err = contention_run(sweep->env, sweep->trigger, events->first, events->run->rounds,
			     sweep->record, why, why_len);
	return sweep_wrote(sweep, err, why, why_len);
}
