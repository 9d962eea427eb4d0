/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "calib/error.h"
#include "cpuset/survey.h"
#include "calib/clock.h"
#include "kit/timing/open_counters.h"
#include "kit/probes/checkpoint/round_log.h"
#include "kit/probes/experiment.h"
#include "kit/system/place.h"
#include "reports/record/samples.h"

/* The warm-up and the calls that count hits must fit into an unread buffer. */
#define WARMUP_MOST  1000
#define WARMUP_EXACT 64 /* instruction counts need no warm-up */

/* ---- opening ---- */

/* In the page: what is asked, and told. */
static struct worker_config *in_page(const struct experiment *experiment, size_t i)
{
	return worker_page_config(experiment->env->page, experiment->number, i);
}

static void make_config(struct experiment *experiment, size_t i)
{
	const struct worker_config *asked = in_page(experiment, i);
	struct config *config = &experiment->configs[i];

	*config = (struct config){
		.kind = asked->kind,
		.variant = asked->variant < 0 ? NULL : variant_at((size_t)asked->variant),
		.wakeup_policy = asked->wakeup,
		.calls = asked->calls,
		.status = asked->status,
		.own = asked->own,
		.again = asked->again,
	};
	snprintf(config->reason, sizeof(config->reason), "%s", asked->reason);
	worker_page_samples(experiment->env->page, experiment->number, i, config->samples,
			    sizeof(config->samples));
}

/*
 * Readings go to memory that is present before a timed region writes it: written once, and locked
 * where allowed. It is shared, so that no fork makes copies of its pages.
 */
static int make_buffers(struct experiment *experiment)
{
	size_t n = CONFIG_SCRATCH;

	for (size_t i = 0; i < experiment->n_configs; i++)
		n += experiment->configs[i].calls;
	experiment->scratch_bytes = n * sizeof(uint32_t);
	experiment->bench.scratch = timing_memory(experiment->scratch_bytes);
	if (!experiment->bench.scratch)
		return -ENOMEM;
	mlock(experiment->bench.scratch, experiment->scratch_bytes);
	n = CONFIG_SCRATCH;
	for (size_t i = 0; i < experiment->n_configs; i++) {
		experiment->of_config[i] = experiment->bench.scratch + n;
		n += experiment->configs[i].calls;
	}
	return 0;
}

static int make_configs(struct experiment *experiment)
{
	size_t n = experiment->told->n_configs;

	experiment->configs_bytes = n * sizeof(*experiment->configs);
	experiment->configs = timing_memory(experiment->configs_bytes);
	experiment->of_config = calloc(n, sizeof(*experiment->of_config));
	experiment->timed = calloc(n, sizeof(*experiment->timed));
	if (!experiment->configs || !experiment->of_config || !experiment->timed)
		return -ENOMEM;
	experiment->n_configs = n;
	for (size_t i = 0; i < n; i++)
		make_config(experiment, i);
	experiment->rounds = (struct rounds){
		.n = n,
		.rng = experiment->env->rng,
		.stop = experiment->env->stop,
	};
	return rounds_open(&experiment->rounds) ? -ENOMEM : make_buffers(experiment);
}

/*
 * Sets up what belongs to the process that makes the calls: pages of the workload, counters,
 * eviction.
 */
struct set_up {
	struct experiment *experiment;
	int err;
	struct error why;
};
_Static_assert(sizeof(struct set_up) <= TIMING_CONTEXT_MOST, "a job that the timing process takes");

static void set_up_job(void *ctx)
{
	struct set_up *job = ctx;
	struct experiment *experiment = job->experiment;
	const struct worker_page *page = experiment->env->page;
	struct bench *bench = &experiment->bench;

	/* touched here, so that no timed region faults on a page that is new to this process */
	memset(bench->scratch, 0xff, experiment->scratch_bytes);
	job->err = workload_open(bench->workload, &bench->area, &job->why);
	if (!job->err && experiment->told->cache == CACHE_COLD)
		job->err = evict_open(page->cpu, &bench->evict, &job->why);
	if (!job->err && page->n_counters && !bench->counters)
		job->err = open_counters(page->events, page->counter_set, page->cpu,
					 &bench->counters, &job->why);
}

static int set_up(struct experiment *experiment, struct error *why)
{
	struct set_up job = {.experiment = experiment};
	int err = 0;

	if (!experiment->env->alone)
		err = timing_open(experiment->env->page->cpu, &experiment->bench.timing, why);
	if (err)
		return err;
	timing_do(experiment->bench.timing, set_up_job, &job, sizeof(job));
	if (timing_died(experiment->bench.timing))
		return error_set(why, -ECHILD, "%s", timing_died(experiment->bench.timing));
	if (job.err)
		error_say(why, "%s", job.why.text);
	return job.err;
}

/* ---- the pilot ---- */

static bool works(const struct config *config)
{
	return config->kind == CONFIG_PROBE && !config->again && config->status == RESULT_MEASURED;
}

/*
 * The index of a probe that works here and sends nothing, else of any that works; n_configs if none
 * does.
 */
static size_t plainest(const struct experiment *experiment)
{
	size_t any = experiment->n_configs;

	for (size_t i = 0; i < experiment->n_configs; i++) {
		if (!works(&experiment->configs[i]))
			continue;
		if (experiment->configs[i].wakeup_policy == WAKEUP_OFF)
			return i;
		if (any == experiment->n_configs)
			any = i;
	}
	return any;
}

static void take_over(struct experiment *experiment, size_t to, size_t from)
{
	struct worker_config *asked = in_page(experiment, to);
	const struct worker_config *like = in_page(experiment, from);

	asked->variant = like->variant;
	asked->wakeup = like->wakeup;
	asked->calls = like->calls;
	make_config(experiment, to);
}

/* Sets the probe that B/B repeats: one that works here. Without one, B/B is skipped. */
static void choose_again(struct experiment *experiment, size_t again, size_t first)
{
	struct worker_config *asked = in_page(experiment, again);

	if (first == experiment->n_configs) {
		experiment->configs[again].status = asked->status = RESULT_SKIPPED;
		return;
	}
	asked->own = first;
	take_over(experiment, again, first);
}

/*
 * Drops the baselines of hooks that do not work here. The first baseline and A/A stay, with sham
 * visits of a hook that does work.
 */
static void choose_baselines(struct experiment *experiment, size_t first)
{
	for (size_t b = 1; b < experiment->n_configs; b++) {
		struct config *bare = &experiment->configs[b];
		bool used = b == 1 || bare->again;

		if (bare->kind != CONFIG_BARE)
			continue;
		for (size_t i = 0; i < experiment->n_configs && !used; i++)
			used = works(&experiment->configs[i]) && experiment->configs[i].own == b;
		if (!used)
			bare->status = RESULT_SKIPPED;
		else if ((b == 1 || bare->again) && first < experiment->n_configs &&
			 experiment->configs[first].wakeup_policy == bare->wakeup_policy)
			take_over(experiment, b, first);
	}
}

static void pilot(struct experiment *experiment)
{
	bool known = experiment->told->warmup >= 0 || experiment->bench.exact;
	double warmup = 0;
	size_t first;

	for (size_t i = 0; i < experiment->n_configs && !*experiment->env->stop; i++) {
		struct config *config = &experiment->configs[i];

		config_gate(config, &experiment->bench);
		if (known || config->kind != CONFIG_PROBE || config->again)
			continue;
		config_pilot(config, &experiment->bench);
		if (config->status == RESULT_MEASURED && !config->gated)
			warmup = fmax(warmup, config->steady_calls);
	}
	if (experiment->bench.exact) {
		tick_find(&experiment->bench.tick);
		experiment->told->warmup = WARMUP_EXACT;
	}
	if (!known && !*experiment->env->stop) {
		experiment->told->warmup = warmup < WARMUP_MOST ? warmup : WARMUP_MOST;
		first = plainest(experiment);
		choose_baselines(experiment, first);
		choose_again(experiment, experiment->n_configs - 1, first);
		for (size_t i = 0; i < experiment->n_configs; i++)
			config_gate(&experiment->configs[i], &experiment->bench);
	}
	experiment->bench.warmup =
		experiment->told->warmup > 0 ? (size_t)experiment->told->warmup : 0;
}

int experiment_open(struct experiment *experiment, const struct experiment_env *env, size_t number,
		    struct error *why)
{
	const struct worker_page *page = env->page;
	struct worker_experiment *told = worker_page_experiment(page, number);
	int err;

	*experiment = (struct experiment){.env = env, .number = number, .told = told};
	experiment->bench = (struct bench){
		.workload = &workloads[told->workload],
		.measure_cpu = page->cpu,
		.reader_cpu = page->reader_cpu,
		.exact = page->unit == UNIT_INSTRUCTIONS,
		.ticks_per_us = (uint64_t)(page->tsc.hz / 1e6),
		.counters = env->counters,
		.stir = told->cache == CACHE_STIRRED ? &experiment->stir : NULL,
		.idle_fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC),
	};
	stir_open(&experiment->stir, page->seed + page->number * page->n_experiments + number);
	err = make_configs(experiment);
	if (err)
		error_say(why, "%s", strerror(-err));
	else
		err = set_up(experiment, why);
	if (!err)
		pilot(experiment);
	return err;
}

/* ---- rounds ---- */

struct survey_job {
	int cpu;
	struct conditions seen;
	bool known;
};

static void survey(void *ctx)
{
	struct survey_job *job = ctx;

	job->known = !survey_conditions(job->cpu, &job->seen);
}

/* Notes interrupts, steal and frequency of the measuring CPU during the round. */
static void note_conditions(struct experiment *experiment, const struct survey_job *before,
			    double took_s)
{
	struct survey_job after = {.cpu = before->cpu};
	struct worker_row *row;
	uint64_t mperf;

	timing_do(experiment->bench.timing, survey, &after, sizeof(after));
	row = worker_page_row(experiment->env->page, experiment->number, experiment->told->rounds);
	*row = (struct worker_row){.seconds = took_s, .steal = NAN, .frequency = NAN};
	if (!before->known || !after.known)
		return;
	row->steal = 100.0 * (double)(after.seen.steal_ticks - before->seen.steal_ticks) /
		     (double)sysconf(_SC_CLK_TCK) / took_s;
	row->interrupts = after.seen.interrupts - before->seen.interrupts;
	row->switches =
		after.seen.context_switches_involuntary - before->seen.context_switches_involuntary;
	mperf = after.seen.mperf - before->seen.mperf;
	if (mperf)
		row->frequency = (double)(after.seen.aperf - before->seen.aperf) / (double)mperf;
}

static int visit(void *ctx, size_t i)
{
	struct experiment *experiment = ctx;
	const struct worker_page *page = experiment->env->page;
	struct config *config = &experiment->configs[i];
	size_t round = experiment->told->rounds;

	config->counts = worker_page_counts(page, experiment->number, i, round);
	for (size_t c = 0; c < page->n_counters; c++)
		config->counts[c] = NAN;
	if (in_page(experiment, i)->rests) {
		memset(worker_page_neighbour(page, experiment->number, i, round), 0,
		       sizeof(config->neighbour));
		return 0;
	}
	experiment->timed[i] = config_visit(config, &experiment->bench, experiment->of_config[i]);
	memcpy(worker_page_neighbour(page, experiment->number, i, round), config->neighbour,
	       sizeof(config->neighbour));
	return 0;
}

static int keep(struct experiment *experiment, struct error *why)
{
	int err = 0;

	for (size_t i = 0; i < experiment->n_configs && !err; i++)
		if (experiment->timed[i])
			err = samples_append(
				experiment->env->page->dir, experiment->configs[i].samples,
				experiment->of_config[i], experiment->configs[i].calls, why);
	return err;
}

static void tell(const struct experiment *experiment, size_t i)
{
	struct worker_config *told = in_page(experiment, i);
	const struct config *config = &experiment->configs[i];

	/* what earlier workers told of it stays */
	if (told->rests)
		return;
	told->status = config->status;
	snprintf(told->reason, sizeof(told->reason), "%s", config->reason);
	told->told = config->told;
}

/* Not a fault of the round: where the disk is full its readings could not be written either. */
static void log_round(struct experiment *experiment)
{
	struct worker_page *page = experiment->env->page;

	for (size_t i = 0; i < experiment->n_configs; i++)
		tell(experiment, i);
	if (!page->logged)
		return;
	page->log_err = round_log_add(page, experiment->number);
	page->logged = !page->log_err;
}

int experiment_round(struct experiment *experiment, struct error *why)
{
	struct survey_job before = {.cpu = experiment->bench.measure_cpu};
	double started = clock_seconds();
	int err;

	if (!experiment->bench.exact)
		timing_do(experiment->bench.timing, survey, &before, sizeof(before));
	err = rounds_once(&experiment->rounds, visit, experiment);
	if (!err)
		err = keep(experiment, why);
	if (err)
		return err;
	if (!experiment->bench.exact)
		note_conditions(experiment, &before, clock_seconds() - started);
	log_round(experiment);
	experiment->told->rounds++;
	return 0;
}

/* ---- closing ---- */

void experiment_close(struct experiment *experiment)
{
	for (size_t i = 0; i < experiment->n_configs; i++) {
		config_unload(&experiment->configs[i], &experiment->bench);
		/* a fault that came of a lost CPU is none of the rounds before */
		if (experiment->configs[i].status == RESULT_MEASURED || !place_lost())
			tell(experiment, i);
		config_close(&experiment->configs[i]);
	}
	/* what the process that times has opened is closed when it ends */
	if (experiment->env->alone) {
		workload_close(experiment->bench.workload, experiment->bench.area);
		evict_close(experiment->bench.evict);
	}
	timing_close(experiment->bench.timing);
	timing_memory_free(experiment->bench.scratch, experiment->scratch_bytes);
	timing_memory_free(experiment->configs, experiment->configs_bytes);
	if (experiment->bench.idle_fd >= 0)
		close(experiment->bench.idle_fd);
	rounds_close(&experiment->rounds);
	free(experiment->of_config);
	free(experiment->timed);
}
