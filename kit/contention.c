/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "bpf/collect.h"
#include "bpf/shared.h"
#include "bpf/stream.h"
#include "kit/contention.h"
#include "kit/events.h"
#include "kit/place.h"
#include "kit/point.h"
#include "kit/producers.h"
#include "reports/stats.h"

#define ROUNDS	    21
#define ROUNDS_MOST 100
#define WINDOW_S    0.02
#define SETTLE_S    5.0

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
	struct stream *stream;
	struct collect *collect;
	uint64_t calls, produced_before;
	unsigned int rounds;
	/* a round each */
	double overhead[ROUNDS_MOST], rate[ROUNDS_MOST], arrived[ROUNDS_MOST], cpu[ROUNDS_MOST];
	char why[256]; /* set: skipped or invalid */
	bool invalid;
};

struct contest {
	const struct harness_env *env;
	const struct trigger *trigger;
	enum hook hook;
	unsigned int rounds;
	int cpus[CPUS_MOST];
	size_t n_cpus;
	struct producers *producers;
	struct producer_run *runs;
	struct arm *arms;
	size_t n_arms;
	gsl_rng *rng;
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

	if (stream_open(&stream, &arm->stream, arm->why, sizeof(arm->why)) ||
	    collect_open(arm->stream, &collect, &arm->collect, arm->why, sizeof(arm->why)))
		return;
	for (size_t i = 0; i < arm->n; i++)
		if (stream_monitor(arm->stream, producers_pid(contest->producers, i)))
			snprintf(arm->why, sizeof(arm->why),
				 "%zu producers do not fit into the map of monitored processes",
				 arm->n);
}

/* Nothing; then every buffer in both states. */
static void plan_team(struct contest *contest, size_t n)
{
	contest->arms[contest->n_arms++] = (struct arm){.n = n, .none = true};
	for (int buffer = 0; buffer < STREAM_BUFFER_COUNT; buffer++)
		for (int idle = 1; idle >= 0; idle--) {
			struct arm *arm = &contest->arms[contest->n_arms++];
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

/* Between attach and detach. Received events are those of this window, whenever the consumer got to them. */
static int through(struct contest *contest, struct arm *arm, struct together *out)
{
	struct collect_books before, after;
	int err;

	collect_books(arm->collect, &before);
	err = make_calls(contest, arm->n, out);
	if (err)
		return err;
	if (collect_settle(arm->collect, SETTLE_S)) {
		snprintf(arm->why, sizeof(arm->why), "the consumer is stuck");
		arm->invalid = true;
		return 0;
	}
	collect_books(arm->collect, &after);
	arm->arrived[arm->rounds] =
		out->rate * (double)(after.received - before.received) / (double)out->calls;
	arm->cpu[arm->rounds] = (double)(after.cpu_ns - before.cpu_ns) * 1e-9 * out->rate /
				(double)out->calls * 100;
	arm->invalid = collect_check(arm->collect, arm->why, sizeof(arm->why)) != 0;
	return 0;
}

static int visit(struct contest *contest, struct arm *arm)
{
	struct together none, with;
	int err;

	if (*arm->why)
		return 0;
	err = make_calls(contest, arm->n, &none);
	if (err)
		return err;
	with = none;
	if (!arm->none) {
		if (stream_attach(arm->stream, arm->why, sizeof(arm->why)))
			return 0;
		err = through(contest, arm, &with);
		stream_detach(arm->stream);
		if (err || arm->invalid)
			return err;
	}
	arm->calls += with.calls;
	arm->rate[arm->rounds] = with.rate;
	arm->overhead[arm->rounds++] = with.ns_per_call - none.ns_per_call;
	return 0;
}

static int fill_in(struct event_point *point, const struct arm *arm)
{
	point->producers = (unsigned int)arm->n;
	if (*arm->why)
		return point_fail(point, arm->invalid ? CELL_INVALID : CELL_SKIPPED, arm->why);
	point->status = CELL_MEASURED;
	point->calls = arm->calls;
	point->seconds = arm->rounds * WINDOW_S;
	point->rate_achieved = stats_trimmed_interval(arm->rate, arm->rounds).value;
	if (arm->none)
		return 0;
	point->overhead = stats_trimmed_interval(arm->overhead, arm->rounds);
	point->throughput = stats_trimmed_interval(arm->arrived, arm->rounds);
	if (!arm->idle)
		point->consumer_cpu = stats_mean_interval(arm->cpu, arm->rounds);
	return point_books(point, arm->stream, arm->collect);
}

static const char *policy_of(const struct arm *arm)
{
	if (arm->none)
		return "-";
	if (arm->idle)
		return "nobody is woken";
	return arm->shares_cpu ? "default, epoll, on a producer's CPU" : "default, epoll";
}

static int report(const struct contest *contest, struct record *record, char *why, size_t why_len)
{
	int err = 0;

	for (size_t i = 0; i < contest->n_arms; i++) {
		const struct arm *arm = &contest->arms[i];
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
		struct event_point *point;

		snprintf(rest, sizeof(rest), "%zu CPU%s", arm->n, arm->n > 1 ? "s" : "");
		point = point_add(record, &key);
		if (!point || fill_in(point, arm))
			return -ENOMEM;
		if (arm->invalid && !err) {
			snprintf(why, why_len, "%s: %s", point->id, arm->why);
			err = -EBADMSG;
		}
	}
	return err;
}

static int rounds(struct contest *contest, char *why, size_t why_len)
{
	size_t *order = calloc(contest->n_arms, sizeof(*order));
	int err = order ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < contest->n_arms; i++)
		order[i] = i;
	for (unsigned int round = 0; round < contest->rounds && !err; round++) {
		contest->env->progress((double)round / contest->rounds, "contention");
		gsl_ran_shuffle(contest->rng, order, contest->n_arms, sizeof(*order));
		for (size_t i = 0; i < contest->n_arms && !err; i++)
			err = *contest->env->stop ? -EINTR
						  : visit(contest, &contest->arms[order[i]]);
	}
	if (err && err != -EINTR)
		snprintf(why, why_len, "the producers: %s", strerror(-err));
	free(order);
	return err;
}

static void let_go(struct contest *contest)
{
	for (size_t i = 0; i < contest->n_arms; i++) {
		collect_close(contest->arms[i].collect);
		stream_close(contest->arms[i].stream);
	}
	producers_close(contest->producers);
	free(contest->arms);
	free(contest->runs);
	gsl_rng_free(contest->rng);
	free(contest);
}

int contention_run(const struct harness_env *env, const struct trigger *trigger, enum hook hook,
		   unsigned int rounds_wanted, struct record *record, char *why, size_t why_len)
{
	struct contest *contest = calloc(1, sizeof(*contest));
	int err = -ENOMEM;

	if (!contest)
		return -ENOMEM;
	contest->env = env;
	contest->trigger = trigger;
	contest->hook = hook;
	contest->rounds = rounds_wanted ? rounds_wanted : ROUNDS;
	contest->rounds = contest->rounds > ROUNDS_MOST ? ROUNDS_MOST : contest->rounds;
	order_cpus(contest);
	contest->rng = gsl_rng_alloc(gsl_rng_mt19937);
	contest->runs = calloc(contest->n_cpus, sizeof(*contest->runs));
	contest->arms = calloc(TEAMS_MOST * (1 + 2 * STREAM_BUFFER_COUNT), sizeof(*contest->arms));
	if (!contest->rng || !contest->runs || !contest->arms)
		goto out;
	gsl_rng_set(contest->rng, env->seed);
	err = producers_open(trigger, contest->cpus, contest->n_cpus, &contest->producers, why,
			     why_len);
	if (err)
		goto out;
	for (size_t n = 1; n < contest->n_cpus; n *= 2)
		plan_team(contest, n);
	plan_team(contest, contest->n_cpus);
	err = rounds(contest, why, why_len);
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
