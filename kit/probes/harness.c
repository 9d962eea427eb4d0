/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "bpf/foreign/foreign_bundle.h"
#include "bpf/read/wakeup_policy.h"
#include "calib/clock.h"
#include "kit/probes/results.h"
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
	struct record *record;
	struct worker_page *page;
	int fd;
	struct totals results;
	size_t results_before;	   /* results that the record had before this run of the harness */
	double started, elsewhere; /* elsewhere: seconds spent in env->between */
	double evaluated, evaluation_s; /* time of the last evaluation, and how long it took */
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
	if (snprintf(page->dir, sizeof(page->dir), "%s", env->dir) >= (int)sizeof(page->dir))
		return error_set(why, -ENAMETOOLONG, "the folder's name is too long");
	snprintf(page->events, sizeof(page->events), "%s", env->events ? env->events : "");
	snprintf(page->counter_set, sizeof(page->counter_set), "%s",
		 env->counter_set ? env->counter_set : "");
	return 0;
}

/*
 * The next worker's slice: the run is divided into equal parts, none longer than HARNESS_SLICE_S.
 */
static void plan_slice(struct run *run)
{
	const struct plan *plan = run->plan;
	size_t left = plan->rounds - totals_rounds(&run->results);

	run->page->number = run->results.workers;
	run->page->seconds = HARNESS_SLICE_S;
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
		run->page->seconds =
			fmin(HARNESS_SLICE_S, (double)plan->seconds / HARNESS_WORKERS_LEAST);
	}
}

static bool enough(const struct run *run)
{
	if (run->plan->rounds)
		return totals_rounds(&run->results) >= run->plan->rounds;
	if (is_exact(run))
		return run->results.workers > 0;
	return run->results.workers >= HARNESS_WORKERS_LEAST && spent(run) >= run->plan->seconds;
}

/* ---- the record ---- */

/* Evaluates all results again from the rounds that are complete. last: no rounds will follow. */
static int evaluate(struct run *run, bool last, struct error *why)
{
	double started = clock_seconds();
	int err;

	record_drop_results(run->record, run->results_before);
	err = results_fill(&run->results, run->plan, run->env, run->record, why);
	if (!err && last)
		results_tell_conditions(&run->results, run->record, run->results_before);
	if (!err)
		err = record_write(run->record, run->env->dir, why);
	run->evaluated = clock_seconds();
	run->evaluation_s = run->evaluated - started;
	return err;
}

/* Writes the record; a kill then loses only what comes after. */
static int checkpoint(struct run *run, struct error *why)
{
	if (clock_seconds() - run->evaluated < EVALUATION_SHARE * run->evaluation_s)
		return 0;
	return evaluate(run, false, why);
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
			  .record = record,
			  .fd = -1,
			  .results_before = record->n_results};
	struct error ignored;
	int err = ask(&run, why), kept;

	if (!err)
		err = totals_open(run.page, &run.results);
	if (!err) {
		run.started = run.evaluated = clock_seconds();
		env->progress(0, "preparing");
		prove_cold(&run);
		record->partial = true;
		err = all_workers(&run, why);
		record->partial = err != 0;
		kept = evaluate(&run, true, err ? &ignored : why);
		err = err ? err : kept;
	}
	totals_close(&run.results);
	worker_page_free(run.page);
	if (run.fd >= 0)
		close(run.fd);
	return err;
}
