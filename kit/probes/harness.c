/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "bpf/foreign/foreign_bundle.h"
#include "bpf/read/wakeup_policy.h"
#include "calib/clock.h"
#include "kit/probes/stopping/allocation.h"
#include "kit/probes/results.h"
#include "kit/cmd/cli.h"
#include "kit/probes/checkpoint/round_log.h"
#include "kit/timing/cold.h"
#include "kit/probes/harness.h"
#include "kit/system/place.h"
#include "kit/probes/totals.h"
#include "kit/probes/worker.h"

/* Evaluating takes at most one part in this many of a run's time. */
#define EVALUATION_SHARE 10

struct run {
	const struct plan *plan;
	const struct harness_env *env;
	struct harness_env widened; /* env for results, with what a precision does to intervals */
	struct record *record;
	struct worker_page *page;
	int fd;
	struct totals results;
	size_t results_before;	   /* results that the record had before this run of the harness */
	double started, elsewhere; /* elsewhere: seconds spent in env->between */
	size_t next_look;	   /* processes at which rows are next looked at */
	bool narrow;		   /* every row has the precision */
	double evaluated, evaluation_s; /* time of the last evaluation, and how long it took */
	int log;			/* the round log's descriptor; -1: none */
	bool log_told;			/* it was said that it cannot be written */
};

static double spent(const struct run *run)
{
	return clock_seconds() - run->started - run->elsewhere;
}

static double share_done(const struct run *run)
{
	const struct worker_page *page = run->page;
	double rounds = (double)totals_rounds(&run->results);

	if (run->plan->rounds)
		return (rounds + page->share * (double)page->rounds_most) / run->plan->rounds;
	return fmin(spent(run) / run->plan->seconds,
		    (run->results.workers + page->share) / HARNESS_WORKERS_LEAST);
}

static void tick(void *ctx)
{
	const struct run *run = ctx;
	double share = share_done(run);

	run->env->progress(share < 1 ? share : 1,
			   run->plan->experiments[run->page->experiment].workload->name);
}

/* ---- what a worker is asked for ---- */

static bool is_exact(const struct run *run)
{
	return run->plan->unit == UNIT_INSTRUCTIONS;
}

static int ask(struct run *run, struct error *why)
{
	const struct harness_env *env = run->env;
	size_t n_counters = env->counters ? counters_count(env->counters) : 0;
	struct worker_page *page;
	int err = worker_page_make(run->plan, n_counters, is_exact(run) ? NULL : &run->fd,
				   &run->page);

	if (err)
		return error_set(why, err, "no memory for the workers: %s", strerror(-err));
	page = run->page;
	page->seed = env->seed;
	page->cpu = env->placement->cpu;
	page->reader_cpu = env->placement->reader_cpu;
	page->n_cpus = place_cpus(page->cpus, WORKER_CPUS_MOST);
	page->tsc = *env->tsc;
	page->allow_sysctl = env->allow_sysctl;
	page->objects_fd = bundle_fd();
	page->wake_every = wakeup_policy_row(WAKEUP_SAMPLED)->every;
	if (path_put(page->dir, sizeof(page->dir), "%s", env->dir))
		return error_set(why, -ENAMETOOLONG, "the folder's name is too long");
	snprintf(page->events, sizeof(page->events), "%s", env->events ? env->events : "");
	snprintf(page->counter_set, sizeof(page->counter_set), "%s",
		 env->counter_set ? env->counter_set : "");
	return 0;
}

static bool has_precision(const struct run *run)
{
	return run->plan->precision.value > 0;
}

/* The slice of one worker in a run that ends by its time. */
static void limit_by_time(struct run *run)
{
	struct worker_page *page = run->page;
	double seconds = run->plan->seconds;

	if (has_precision(run)) {
		page->seconds_enough =
			fmin(fmax(HARNESS_SLICE_PRECISION_S, spent(run) / HARNESS_SLICES_PRECISION),
			     HARNESS_SLICE_S);
		page->seconds = fmax(HARNESS_SLICE_SHORT_S, page->seconds_enough);
	} else {
		page->seconds_enough = fmax(HARNESS_SLICE_SHORT_S, seconds / HARNESS_SLICES);
		page->seconds = HARNESS_SLICE_S;
	}
	page->seconds = fmin(page->seconds, seconds / HARNESS_WORKERS_LEAST);
}

/*
 * The next worker's slice: the run is divided into equal parts, none longer than HARNESS_SLICE_S
 * (harness.h has when they are shorter).
 */
static void plan_slice(struct run *run)
{
	const struct plan *plan = run->plan;
	size_t left = plan->rounds - totals_rounds(&run->results);

	run->page->number = run->results.workers;
	run->page->seconds = HARNESS_SLICE_S;
	run->page->seconds_enough = 0;
	run->page->rounds_most = 0;
	if (run->env->between) {
		run->page->rounds_most = 1;
	} else if (is_exact(run)) {
		run->page->rounds_most = plan->rounds;
		run->page->seconds = plan->rounds ? 0 : plan->seconds;
	} else if (plan->rounds) {
		run->page->rounds_most = plan->rounds / HARNESS_WORKERS_LEAST;
		if (!run->page->rounds_most)
			run->page->rounds_most = 1;
		if (run->page->rounds_most > left)
			run->page->rounds_most = left;
	} else {
		limit_by_time(run);
	}
}

static bool enough(const struct run *run)
{
	if (run->plan->rounds)
		return totals_rounds(&run->results) >= run->plan->rounds;
	if (is_exact(run))
		return run->results.workers > 0;
	if (run->narrow)
		return true;
	return run->results.workers >= HARNESS_WORKERS_LEAST && spent(run) >= run->plan->seconds;
}

/* ---- the record ---- */

/*
 * Rows are looked at when there are as many processes as stopping_next gives, and at the end: a
 * look more often would end the run where an interval is narrow by chance.
 */
static bool look_is_due(const struct run *run)
{
	return has_precision(run) && run->results.workers >= run->next_look;
}

static int look(struct run *run, bool last)
{
	bool more = true;
	int err;

	if (!has_precision(run))
		return 0;
	if (!last && !look_is_due(run))
		return allocation_note(&run->plan->precision, run->page, run->record);
	err = allocation_look(&run->plan->precision, run->page, run->record, &more);
	run->narrow = !more;
	run->next_look = stopping_next(run->results.workers);
	return err;
}

/* Evaluates all results again from the rounds that are complete. last: no rounds will follow. */
static int evaluate(struct run *run, bool last, struct error *why)
{
	double started = clock_seconds();
	int err;

	record_drop_results(run->record, run->results_before);
	err = results_fill(&run->results, run->plan, &run->widened, run->record, why);
	if (!err)
		err = look(run, last);
	if (!err && last)
		results_tell_conditions(&run->results, run->record, run->results_before);
	if (!err && last)
		err = record_write(run->record, run->env->dir, why);
	else if (!err)
		checkpoint_put(run->env->checkpoint, run->record, run->env->dir);
	run->evaluated = clock_seconds();
	run->evaluation_s = run->evaluated - started;
	return err;
}

static void tell_log(struct run *run, int err)
{
	if (!err || run->log_told)
		return;
	run->log_told = true;
	cli_progress_end();
	cli_say("%s/" ROUND_LOG_NAME ": %s: rounds from here on are kept only with the record",
		run->env->dir, strerror(-err));
}

/* A run that is killed leaves this record, and the rounds that are in the log beside it. */
static void begin_log(struct run *run)
{
	const struct round_log_before before = {run->record->n_results, run->record->n_conditions};
	struct error why;

	if (is_exact(run) || !run->env->checkpoint)
		return;
	checkpoint_put(run->env->checkpoint, run->record, run->env->dir);
	run->log = round_log_begin(run->page, run->env->counters, &before, &why);
	run->page->logged = run->log >= 0;
	tell_log(run, run->log < 0 ? run->log : 0);
}

/*
 * Writes the record between two workers. Where evaluating takes long it is not done after each of
 * them: the round log has their rounds too.
 */
static int checkpoint(struct run *run, struct error *why)
{
	int err;

	tell_log(run, run->page->log_err);
	harness_note_others(run->env, run->record, spent(run));
	if (!look_is_due(run) &&
	    clock_seconds() - run->evaluated < EVALUATION_SHARE * run->evaluation_s)
		return 0;
	err = evaluate(run, false, why);
	if (!err && run->env->kept)
		run->env->kept(run->env->kept_ctx);
	return err;
}

void harness_note_others(const struct harness_env *env, struct record *record, double seconds)
{
	char names[128];
	int n = env->others ? others_came(env->others, names, sizeof(names)) : 0;

	if (n > 0)
		record_add_warning(
			record,
			"%d tracing program%s of others came during the run (%s%s), seen "
			"after %.0f s: what was measured till then may hold their cost "
			"in part, and what follows in whole",
			n, n > 1 ? "s" : "", names, n > 4 ? ", …" : "", seconds);
}

/* ---- the run ---- */

/*
 * Moves this process to another CPU while the worker runs, and back afterwards: env->between
 * measures in this process.
 */
static int watch_worker(struct run *run, struct error *why)
{
	const struct worker_watch watch = {run->env->stop, tick, run};
	struct error unpinned;
	int err;

	place_leave(run->env->placement->cpu);
	err = worker_run(run->page, run->fd, &watch, why);
	place_pin(run->env->placement, &unpinned);
	return err;
}

static int one_worker(struct run *run, struct error *why)
{
	int err, taken;

	plan_slice(run);
	if (is_exact(run))
		err = worker_slice(run->page, run->env->counters, why);
	else
		err = watch_worker(run, why);
	taken = totals_take(&run->results, run->record);
	return err ? err : taken;
}

/* Calls env->between once for each round that the worker did. */
static void between(struct run *run, size_t rounds)
{
	double started = clock_seconds();

	for (size_t i = 0; run->env->between && i < rounds; i++)
		run->env->between(run->env->between_ctx);
	run->elsewhere += clock_seconds() - started;
}

static bool anything_works(const struct run *run)
{
	for (size_t p = 0; p < run->page->n_experiments; p++)
		for (size_t i = 0; i < worker_page_experiment(run->page, p)->n_configs; i++) {
			const struct worker_config *config = worker_page_config(run->page, p, i);

			if (config->kind == CONFIG_PROBE && config->status == RESULT_MEASURED)
				return true;
		}
	return false;
}

/*
 * After the first worker: each makes a round at least, and an interval takes some workers. What is
 * much longer than the time asked for is said at once.
 */
static void tell_length(const struct run *run)
{
	double least = spent(run) * HARNESS_WORKERS_LEAST;

	if (run->results.workers != 1 || run->plan->rounds || is_exact(run) ||
	    least < run->plan->seconds + 10.0)
		return;
	cli_progress_end();
	cli_say("this takes about %.0f s, not %u: a round of all configurations takes %.0f s, and "
		"an interval %d processes with one each; fewer (--variant, --syscall) take less",
		least, run->plan->seconds, spent(run), HARNESS_WORKERS_LEAST);
}

static int all_workers(struct run *run, struct error *why)
{
	int err = 0;

	while (!err && !enough(run)) {
		size_t before = totals_rounds(&run->results);

		err = *run->env->stop ? -EINTR : one_worker(run, why);
		/* baselines alone are no result */
		if (!err && !anything_works(run))
			return 0;
		if (!err)
			tell_length(run);
		if (!err)
			between(run, totals_rounds(&run->results) - before);
		if (!err && !is_exact(run))
			err = checkpoint(run, why);
	}
	return err;
}

/*
 * Proves once, before anything is timed, that caches can be emptied on this machine. The record
 * keeps the result.
 */
static void prove_cold(struct run *run)
{
	struct evict *evict = NULL;
	struct error why;
	bool any = false;

	for (size_t p = 0; p < run->plan->n_experiments; p++)
		any = any || run->plan->experiments[p].cache == CACHE_COLD;
	if (!any)
		return;
	run->env->progress(0, "emptying the caches");
	if (cold_open(run->env->placement->cpu, run->env->tsc, run->record, &evict, &why))
		for (size_t p = 0; p < run->page->n_experiments; p++)
			for (size_t i = 0; run->plan->experiments[p].cache == CACHE_COLD &&
					   i < worker_page_experiment(run->page, p)->n_configs;
			     i++) {
				struct worker_config *config = worker_page_config(run->page, p, i);

				config->status = RESULT_SKIPPED;
				snprintf(config->reason, sizeof(config->reason), "%.*s",
					 (int)sizeof(config->reason) - 1, why.text);
			}
	evict_close(evict);
}

int harness_run(const struct plan *plan, const struct harness_env *env, struct record *record,
		struct error *why)
{
	struct run run = {.plan = plan,
			  .env = env,
			  .widened = *env,
			  .record = record,
			  .next_look = stopping_next(0),
			  .fd = -1,
			  .log = -1,
			  .results_before = record->n_results};
	/* a suite of which this is a part says when the record is whole */
	bool partial = record->partial;
	struct error ignored;
	int err = ask(&run, why), kept;

	if (!err)
		err = totals_open(run.page, &run.results);
	if (has_precision(&run)) {
		run.widened.widen = STOPPING_WIDEN;
		record->precision = (struct record_precision){
			true, plan->precision.value, plan->precision.relative, STOPPING_WIDEN};
	}
	if (!err) {
		run.started = run.evaluated = clock_seconds();
		env->progress(0, "preparing");
		prove_cold(&run);
		record->partial = true;
		begin_log(&run);
		err = all_workers(&run, why);
		record->partial = partial || err != 0;
		kept = evaluate(&run, true, err ? &ignored : why);
		round_log_end(run.log, env->dir, !kept);
		err = err ? err : kept;
	}
	totals_close(&run.results);
	worker_page_free(run.page);
	if (run.fd >= 0)
		close(run.fd);
	return err;
}
