/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "calib/timer_overhead.h"
#include "kit/events/curve.h"
#include "kit/timing/rounds.h"
#include "kit/events/sweep.h"
#include "reports/effects/compare.h"
#include "reports/stats/breakpoint_family.h"

/*
 * A window's length: 5,000 calls in each of six rounds are the 30,000 that prove a loss below
 * 0.01 %. If they take longer than half a second, a fifth of a second is enough for the other
 * figures. In the exact lab windows only need to show event accounting.
 */
#define WINDOW_CALLS   5000
#define WINDOW_MOST_S  0.5
#define WINDOW_SLOW_S  0.2
#define WINDOW_LEAST_S 0.03
#define EXACT_CALLS    200
/* under "buffer full" every event is lost by design: no bound to prove */
#define FULL_MOST_S	     0.1
#define LEAD_S		     0.001
#define LEAD_CALLS_LEAST     8
#define LEAD_CALLS_MOST	     2000
#define TIMER_OVERHEAD_CALLS 4096

/* One configuration of a running sweep. */
struct visitor {
	struct sweep_config config;
	struct rate_run *series; /* one for each rate */
	bool failed;
};

struct run {
	struct sweep *sweep;
	const struct sweep_plan *plan;
	struct visitor *visitors;
	struct rate_run *series;
	size_t n_configs, n_series;
	struct rounds configs, rates; /* rates: order of the windows within a visit */
};

static size_t calls_at(const struct sweep *sweep, double rate)
{
	double calls = fmax(WINDOW_CALLS, rate * WINDOW_LEAST_S);

	if (sweep->exact)
		calls = EXACT_CALLS;
	else if (calls > rate * WINDOW_MOST_S)
		calls = fmax(rate * WINDOW_SLOW_S, 2);
	return (size_t)calls;
}

static size_t lead_at(const struct sweep *sweep, double rate)
{
	double lead = fmin(fmax(rate * LEAD_S, LEAD_CALLS_LEAST), LEAD_CALLS_MOST);

	/* at a few calls a second caches are cold anyway */
	return sweep->exact || lead > (double)calls_at(sweep, rate) ? 0 : (size_t)lead;
}

size_t sweep_calls_most(const struct sweep *sweep, const double *rates, size_t n)
{
	size_t most = 0;

	for (size_t i = 0; i < n; i++) {
		size_t calls = calls_at(sweep, rates[i]) + lead_at(sweep, rates[i]);

		most = calls > most ? calls : most;
	}
	return 2 * most; /* a late window goes on until it is on time again */
}

static int measure_timer_overhead(struct sweep *sweep)
{
	const struct compare_scale scale = {
		.unit_per_tick = 1e9 / sweep->env->tsc->hz,
		.quantum = sweep->env->tsc->quantum,
		.seed = sweep->env->seed,
	};
	uint32_t *ticks = malloc(TIMER_OVERHEAD_CALLS * sizeof(*ticks));
	struct config_samples samples = {
		.ticks = ticks, .rounds = 1, .calls = TIMER_OVERHEAD_CALLS};
	int err;

	if (!ticks)
		return -ENOMEM;
	memset(ticks, 0xff, TIMER_OVERHEAD_CALLS * sizeof(*ticks));
	timer_overhead_block(ticks, TIMER_OVERHEAD_CALLS);
	timer_overhead_block(ticks, TIMER_OVERHEAD_CALLS);
	err = compare_distribution(&samples, 0, &scale, &sweep->record->floor);
	if (!err)
		sweep->timer_overhead_ticks = sweep->record->floor.typical / scale.unit_per_tick;
	free(ticks);
	return err;
}

int sweep_prepare(struct sweep *sweep, const struct harness_env *env, struct record *record,
		  const struct workload *workload, bool exact, size_t most, struct error *why)
{
	int err;

	*sweep = (struct sweep){
		.env = env,
		.record = record,
		.workload = workload,
		.exact = exact,
		.to = 1,
		.rng = gsl_rng_alloc(gsl_rng_mt19937),
	};
	if (!sweep->rng || pace_open(&sweep->pace, most, env->tsc->hz))
		goto no_memory;
	gsl_rng_set(sweep->rng, env->seed);
	err = workload_open(workload, &sweep->area, why);
	if (err)
		return err;
	if (!exact && measure_timer_overhead(sweep))
		goto no_memory;
	return 0;
no_memory:
	return error_set(why, -ENOMEM, "out of memory");
}

void sweep_release(struct sweep *sweep)
{
	if (sweep->workload)
		workload_close(sweep->workload, sweep->area);
	pace_close(&sweep->pace);
	gsl_rng_free(sweep->rng);
}

static struct pipeline_options pipeline_options_of(const struct sweep *sweep,
						   const struct series_name *name, int consumer_cpu)
{
	return (struct pipeline_options){
		.stream = {.hook = name->hook,
			   .target = sweep->workload->target,
			   .buffer = name->buffer,
			   .buffer_bytes = name->buffer_bytes},
		.wakeup = name->wakeup,
		.producer_cpu = sweep->env->placement->cpu,
		.consumer_cpu = consumer_cpu,
	};
}

int sweep_pipeline(struct sweep *sweep, const struct series_name *name, int consumer_cpu,
		   struct pipeline **out, struct error *why)
{
	const struct pipeline_options options = pipeline_options_of(sweep, name, consumer_cpu);
	const struct load any = {.workload = sweep->workload, .area = sweep->area, .rate = NAN};
	int err;

	*out = NULL;
	*why->text = '\0';
	err = pipeline_open(&options, out, why);
	if (!err)
		err = pipeline_attach(*out, &any, &sweep->pace, why);
	if (err) {
		if (!*why->text)
			error_say(why, "%s", strerror(-err));
		pipeline_close(*out);
		*out = NULL;
	}
	return err;
}

/* ---- rounds ---- */

static bool all_failed(const struct run *run)
{
	for (size_t i = 0; i < run->n_configs; i++)
		if (!run->visitors[i].failed)
			return false;
	return true;
}

static void fail_config(struct run *run, struct visitor *visitor, enum result_status status,
			const char *why)
{
	visitor->failed = true;
	for (size_t i = 0; i < run->plan->n_rates; i++)
		rate_run_fail(&visitor->series[i], status, why);
}

static void before_windows(struct run *run, struct visitor *visitor)
{
	struct sweep *sweep = run->sweep;

	for (size_t i = 0; i < run->plan->n_rates && !*sweep->env->stop; i++) {
		struct rate_run *series = &visitor->series[run->rates.order[i]];
		struct load load = series->load;
		struct window window;

		if (!series->before_calls)
			continue;
		load.calls = series->before_calls;
		pipeline_window(NULL, &load, &sweep->pace, &window);
		rate_run_before(series, &sweep->pace);
	}
}

/* false: stopped, or the reader is stuck; nothing more can be measured of this configuration. */
static bool windows(struct run *run, struct visitor *visitor, struct pipeline *pipeline)
{
	struct sweep *sweep = run->sweep;

	for (size_t i = 0; i < run->plan->n_rates; i++) {
		struct rate_run *series = &visitor->series[run->rates.order[i]];
		struct window window;

		pipeline_window(pipeline, &series->load, &sweep->pace, &window);
		if (*sweep->env->stop)
			return false; /* a window that was cut short is discarded */
		rate_run_add(series, &window, &sweep->pace, pipeline);
		if (window.stuck) {
			fail_config(run, visitor, RESULT_INVALID, window.reason);
			return false;
		}
	}
	return true;
}

static void visit(struct run *run, struct visitor *visitor)
{
	struct sweep *sweep = run->sweep;
	const struct pipeline_options options =
		pipeline_options_of(sweep, &visitor->config.name, visitor->config.consumer_cpu);
	struct pipeline *pipeline = NULL;
	struct error why = {0};
	int err;

	rounds_shuffle(&run->rates);
	if (visitor->config.name.none) {
		windows(run, visitor, NULL);
		return;
	}
	err = pipeline_open(&options, &pipeline, &why);
	if (!err) {
		before_windows(run, visitor);
		if (*sweep->env->stop)
			goto out;
		err = pipeline_attach(pipeline, &visitor->series[0].load, &sweep->pace, &why);
	}
	if (err) {
		fail_config(run, visitor, RESULT_SKIPPED, *why.text ? why.text : strerror(-err));
		goto out;
	}
	if (windows(run, visitor, pipeline) && pipeline_check(pipeline, &why))
		fail_config(run, visitor, RESULT_INVALID, why.text);
out:
	pipeline_close(pipeline);
}

static int visit_config(void *ctx, size_t i)
{
	struct run *run = ctx;

	if (!run->visitors[i].failed)
		visit(run, &run->visitors[i]);
	return *run->sweep->env->stop ? -EINTR : 0;
}

/* ---- one sweep ---- */

static int provisional_rows(void *ctx, struct record *record);

static void keep_round(void *ctx)
{
	const struct run *run = ctx;
	const struct harness_env *env = run->sweep->env;

	checkpoint_rounds(env->checkpoint, run->sweep->record, env->dir, provisional_rows, ctx);
}

static struct load load_of(const struct sweep *sweep, const struct series_name *name, double rate)
{
	struct load load = {
		.workload = sweep->workload,
		.area = sweep->area,
		.rate = rate,
		.lead = lead_at(sweep, rate),
		.calls = calls_at(sweep, rate),
		.stop = sweep->env->stop,
	};
	size_t most = (size_t)fmax(rate * FULL_MOST_S, 2);

	if (!name->none && name->wakeup == WAKEUP_NONE && load.calls > most)
		load.calls = most;
	return load;
}

static int open_series(struct run *run)
{
	const struct sweep_plan *plan = run->plan;
	struct sweep *sweep = run->sweep;

	for (size_t a = 0; a < run->n_configs; a++) {
		const struct series_name *name = &run->visitors[a].config.name;

		run->visitors[a].series = run->series + a * plan->n_rates;
		for (size_t r = 0; r < plan->n_rates; r++, run->n_series++) {
			const struct load load = load_of(sweep, name, plan->rates[r]);
			size_t before = rate_run_before_calls(name, &load);
			int err;

			err = rate_run_open(&run->visitors[a].series[r], name, &load, plan->rounds,
					    name->none || sweep->exact ? 0 : before);
			if (err)
				return err;
		}
	}
	return 0;
}

static int open_run(struct run *run, const struct sweep_config *configs)
{
	struct sweep *sweep = run->sweep;
	const struct sweep_plan *plan = run->plan;

	run->configs = (struct rounds){
		.n = run->n_configs,
		.rng = sweep->rng,
		.stop = sweep->env->stop,
		.most = plan->rounds,
		.least = 2,
		.seconds = plan->seconds,
		.progress = sweep->env->progress,
		.what = configs[0].name.scenario,
		.from = sweep->from,
		.to = sweep->to,
		.after = keep_round,
	};
	run->rates = (struct rounds){.n = plan->n_rates, .rng = sweep->rng};
	run->visitors = calloc(run->n_configs, sizeof(*run->visitors));
	run->series = calloc(run->n_configs * plan->n_rates, sizeof(*run->series));
	if (!run->visitors || !run->series || rounds_open(&run->configs) ||
	    rounds_open(&run->rates))
		return -ENOMEM;
	for (size_t i = 0; i < run->n_configs; i++)
		run->visitors[i].config = configs[i];
	return open_series(run);
}

static void close_run(struct run *run)
{
	for (size_t i = 0; i < run->n_series; i++)
		rate_run_close(&run->series[i]);
	free(run->visitors);
	free(run->series);
	rounds_close(&run->configs);
	rounds_close(&run->rates);
}

static struct rate_run_scale scale_of(const struct sweep *sweep)
{
	return (struct rate_run_scale){
		.tsc = sweep->env->tsc,
		.timer_overhead_ticks = sweep->timer_overhead_ticks,
		.seed = sweep->env->seed,
		.withheld = sweep->exact,
	};
}

int sweep_finish(struct sweep *sweep, const struct rate_run *series, const struct rate_run *none)
{
	const struct rate_run_scale scale = scale_of(sweep);

	if (series->status == RESULT_INVALID && !sweep->unbalanced++)
		error_say(&sweep->unbalanced_why, "%s", series->reason);
	return rate_run_finish(series, none, &scale, sweep->record);
}

/* The i-th series' counterpart with nothing attached; NULL: none, or it is one itself. */
static const struct rate_run *none_of(const struct run *run, size_t i)
{
	for (size_t a = 0; a < run->n_configs && !run->series[i].name.none; a++)
		if (run->visitors[a].config.name.none)
			return run->visitors[a].series + i % run->plan->n_rates;
	return NULL;
}

/* Breakpoints need all rounds: those of a part would be others. */
static int provisional_rows(void *ctx, struct record *record)
{
	const struct run *run = ctx;
	const struct rate_run_scale scale = scale_of(run->sweep);
	int err = 0;

	for (size_t i = 0; i < run->n_series && !err; i++)
		err = rate_run_finish(&run->series[i], none_of(run, i), &scale, record);
	return err;
}

static int finish(struct run *run)
{
	const struct rate_run_scale scale = scale_of(run->sweep);
	int err = 0;

	for (size_t i = 0; i < run->n_series && !err; i++)
		err = sweep_finish(run->sweep, &run->series[i], none_of(run, i));
	for (size_t a = 0; a < run->n_configs && !err && !run->sweep->exact; a++)
		if (!run->visitors[a].config.name.none)
			err = curve_breakpoints(run->visitors[a].series, run->plan->n_rates, &scale,
						run->sweep->record);
	return err ? err : breakpoint_family_settle(run->sweep->record);
}

int sweep_run(struct sweep *sweep, const struct sweep_plan *plan,
	      const struct sweep_config *configs, size_t n_configs, struct error *why)
{
	struct run run = {.sweep = sweep, .plan = plan, .n_configs = n_configs};
	int err = open_run(&run, configs);

	rounds_begin(&run.configs);
	while (!err && rounds_go_on(&run.configs) && !all_failed(&run))
		err = rounds_once(&run.configs, visit_config, &run);
	if ((!err || err == -EINTR) && finish(&run))
		err = -ENOMEM;
	close_run(&run);
	if (err == -ENOMEM)
		error_say(why, "out of memory");
	return sweep_wrote(sweep, err, why);
}

int sweep_wrote(struct sweep *sweep, int err, struct error *why)
{
	int write_err;

	if (err == -EBADMSG) {
		if (!sweep->unbalanced++)
			sweep->unbalanced_why = *why;
		err = 0;
	}
	if (err && err != -EINTR)
		return err;
	write_err = record_write(sweep->record, sweep->env->dir, why);
	return write_err ? write_err : err;
}
