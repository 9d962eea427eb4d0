/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cpuset/survey.h"
#include "kit/clock.h"
#include "kit/open_counters.h"
#include "kit/panel.h"
#include "reports/samples.h"

#define WARMUP_MOST  1000 /* with the rehearsal it must fit into an unread buffer */
#define WARMUP_EXACT 64	  /* instructions need no warmth */

/* ---- opening ----------------------------------------------------------------------------------- */

static void make_arm(struct panel *panel, size_t i)
{
	const struct worker_page *page = panel->env->page;
	const struct worker_arm *asked = worker_page_arm(page, panel->number, i);
	struct arm *arm = &panel->arms[i];

	*arm = (struct arm){
		.kind = asked->kind,
		.variant = asked->variant < 0 ? NULL : &variants[asked->variant],
		.drain_state = asked->drain,
		.calls = asked->calls,
		.status = asked->status,
		.own = asked->own,
		.again = asked->again,
	};
	snprintf(arm->reason, sizeof(arm->reason), "%s", asked->reason);
	worker_page_samples(page, panel->number, i, arm->samples, sizeof(arm->samples));
}

/*
 * Readings go into memory that is there before a window needs it: written once, locked where that is allowed. Shared, so that
 * no fork copies a page of it.
 */
static int make_buffers(struct panel *panel)
{
	size_t n = ARM_SCRATCH;

	for (size_t i = 0; i < panel->n_arms; i++)
		n += panel->arms[i].calls;
	panel->scratch_bytes = n * sizeof(uint32_t);
	panel->bench.scratch = timing_memory(panel->scratch_bytes);
	if (!panel->bench.scratch)
		return -ENOMEM;
	mlock(panel->bench.scratch, panel->scratch_bytes);
	n = ARM_SCRATCH;
	for (size_t i = 0; i < panel->n_arms; i++) {
		panel->of_arm[i] = panel->bench.scratch + n;
		n += panel->arms[i].calls;
	}
	return 0;
}

static int make_arms(struct panel *panel)
{
	size_t n = panel->told->n_arms;

	panel->arms_bytes = n * sizeof(*panel->arms);
	panel->arms = timing_memory(panel->arms_bytes);
	panel->of_arm = calloc(n, sizeof(*panel->of_arm));
	panel->timed = calloc(n, sizeof(*panel->timed));
	if (!panel->arms || !panel->of_arm || !panel->timed)
		return -ENOMEM;
	panel->n_arms = n;
	for (size_t i = 0; i < n; i++)
		make_arm(panel, i);
	panel->rounds = (struct rounds){
		.n = n,
		.rng = panel->env->rng,
		.stop = panel->env->stop,
	};
	return rounds_open(&panel->rounds) ? -ENOMEM : make_buffers(panel);
}

/* What belongs to the process that makes the calls: the trigger's pages, counters, what evicts. */
struct set_up {
	struct panel *panel;
	int err;
	char why[256];
};

static void set_up_job(void *ctx)
{
	struct set_up *job = ctx;
	struct panel *panel = job->panel;
	const struct worker_page *page = panel->env->page;
	struct bench *bench = &panel->bench;

	/* written here, so that no window finds a page that this process has not touched */
	memset(bench->scratch, 0xff, panel->scratch_bytes);
	job->err = trigger_open(bench->trigger, &bench->area, job->why, sizeof(job->why));
	if (!job->err && panel->told->cache == CACHE_COLD)
		job->err = evict_open(page->cpu, &bench->evict, job->why, sizeof(job->why));
	if (!job->err && page->n_counters && !bench->counters)
		job->err = open_counters(page->events, page->counter_set, page->cpu,
					 &bench->counters, job->why, sizeof(job->why));
}

static int set_up(struct panel *panel, char *why, size_t why_len)
{
	struct set_up job = {.panel = panel};
	int err = 0;

	if (!panel->env->alone)
		err = timing_open(panel->env->page->cpu, &panel->bench.timing, why, why_len);
	if (err)
		return err;
	timing_do(panel->bench.timing, set_up_job, &job, sizeof(job));
	if (timing_died(panel->bench.timing)) {
		snprintf(why, why_len, "%s", timing_died(panel->bench.timing));
		return -ECHILD;
	}
	if (job.err)
		snprintf(why, why_len, "%s", job.why);
	return job.err;
}

/* ---- the pilot --------------------------------------------------------------------------------- */

static bool works(const struct arm *arm)
{
	return arm->kind == ARM_PROBE && !arm->again && arm->status == CELL_MEASURED;
}

/* A probe that works here and sends nothing, else any that works; n_arms: none does. */
static size_t plainest(const struct panel *panel)
{
	size_t any = panel->n_arms;

	for (size_t i = 0; i < panel->n_arms; i++) {
		if (!works(&panel->arms[i]))
			continue;
		if (panel->arms[i].drain_state == DRAIN_OFF)
			return i;
		if (any == panel->n_arms)
			any = i;
	}
	return any;
}

static void take_over(struct panel *panel, size_t to, size_t from)
{
	struct worker_arm *asked = worker_page_arm(panel->env->page, panel->number, to);
	const struct worker_arm *like = worker_page_arm(panel->env->page, panel->number, from);

	asked->variant = like->variant;
	asked->drain = like->drain;
	asked->calls = like->calls;
	make_arm(panel, to);
}

/* B/B repeats a probe that works here; without one there is nothing to repeat. */
static void choose_again(struct panel *panel, size_t again, size_t first)
{
	struct worker_arm *asked = worker_page_arm(panel->env->page, panel->number, again);

	if (first == panel->n_arms) {
		panel->arms[again].status = asked->status = CELL_SKIPPED;
		return;
	}
	asked->own = first;
	take_over(panel, again, first);
}

/* Baselines of hooks that do not work here are not needed; the first one and A/A stay, behind the shams of one that does. */
static void choose_baselines(struct panel *panel, size_t first)
{
	for (size_t b = 1; b < panel->n_arms; b++) {
		struct arm *bare = &panel->arms[b];
		bool used = b == 1 || bare->again;

		if (bare->kind != ARM_BARE)
			continue;
		for (size_t i = 0; i < panel->n_arms && !used; i++)
			used = works(&panel->arms[i]) && panel->arms[i].own == b;
		if (!used)
			bare->status = CELL_SKIPPED;
		else if ((b == 1 || bare->again) && first < panel->n_arms &&
			 panel->arms[first].drain_state == bare->drain_state)
			take_over(panel, b, first);
	}
}

static void pilot(struct panel *panel)
{
	bool known = panel->told->warmup >= 0 || panel->bench.exact;
	double warmup = 0;
	size_t first;

	for (size_t i = 0; i < panel->n_arms && !*panel->env->stop; i++) {
		struct arm *arm = &panel->arms[i];

		arm_gate(arm, &panel->bench);
		if (known || arm->kind != ARM_PROBE || arm->again)
			continue;
		arm_pilot(arm, &panel->bench);
		if (arm->status == CELL_MEASURED && !arm->gated)
			warmup = fmax(warmup, arm->steady_calls);
	}
	if (panel->bench.exact) {
		tick_find(&panel->bench.tick);
		panel->told->warmup = WARMUP_EXACT;
	}
	if (!known && !*panel->env->stop) {
		panel->told->warmup = warmup < WARMUP_MOST ? warmup : WARMUP_MOST;
		first = plainest(panel);
		choose_baselines(panel, first);
		choose_again(panel, panel->n_arms - 1, first);
		for (size_t i = 0; i < panel->n_arms; i++)
			arm_gate(&panel->arms[i], &panel->bench);
	}
	panel->bench.warmup = panel->told->warmup > 0 ? (size_t)panel->told->warmup : 0;
}

int panel_open(struct panel *panel, const struct panel_env *env, size_t number, char *why,
	       size_t why_len)
{
	const struct worker_page *page = env->page;
	struct worker_panel *told = worker_page_panel(page, number);
	int err;

	*panel = (struct panel){.env = env, .number = number, .told = told};
	panel->bench = (struct bench){
		.trigger = &triggers[told->trigger],
		.measure_cpu = page->cpu,
		.drain_cpu = page->drain_cpu,
		.exact = page->unit == UNIT_INSTRUCTIONS,
		.ticks_per_us = (uint64_t)(page->tsc.hz / 1e6),
		.counters = env->counters,
		.stir = told->cache == CACHE_STIRRED ? &panel->stir : NULL,
		.idle_fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC),
	};
	stir_open(&panel->stir, page->seed + page->number * page->n_panels + number);
	err = make_arms(panel);
	if (err)
		snprintf(why, why_len, "%s", strerror(-err));
	else
		err = set_up(panel, why, why_len);
	if (!err)
		pilot(panel);
	return err;
}

/* ---- rounds -------------------------------------------------------------------------------------- */

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

/* What happened beside the round. */
static void note_conditions(struct panel *panel, const struct survey_job *before, double took_s)
{
	struct survey_job after = {.cpu = before->cpu};
	struct worker_row *row;
	uint64_t mperf;

	if (panel->told->rounds >= WORKER_ROWS_MOST)
		return;
	timing_do(panel->bench.timing, survey, &after, sizeof(after));
	row = worker_page_row(panel->env->page, panel->number, panel->told->rounds);
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
	struct panel *panel = ctx;
	struct arm *arm = &panel->arms[i];
	size_t n = panel->env->page->n_counters, round = panel->told->rounds;

	arm->counts = round < WORKER_ROWS_MOST
			      ? worker_page_counts(panel->env->page, panel->number, i, round)
			      : NULL;
	for (size_t c = 0; arm->counts && c < n; c++)
		arm->counts[c] = NAN;
	panel->timed[i] = arm_visit(arm, &panel->bench, panel->of_arm[i]);
	if (round < WORKER_ROWS_MOST)
		memcpy(worker_page_neighbour(panel->env->page, panel->number, i, round),
		       arm->neighbour, sizeof(arm->neighbour));
	return 0;
}

static int keep(struct panel *panel, char *why, size_t why_len)
{
	int err = 0;

	for (size_t i = 0; i < panel->n_arms && !err; i++)
		if (panel->timed[i])
			err = samples_append(panel->env->page->dir, panel->arms[i].samples,
					     panel->of_arm[i], panel->arms[i].calls, why, why_len);
	return err;
}

int panel_round(struct panel *panel, char *why, size_t why_len)
{
	struct survey_job before = {.cpu = panel->bench.measure_cpu};
	double started = clock_seconds();
	int err;

	if (!panel->bench.exact)
		timing_do(panel->bench.timing, survey, &before, sizeof(before));
	err = rounds_once(&panel->rounds, visit, panel);
	if (!err)
		err = keep(panel, why, why_len);
	if (err)
		return err;
	if (!panel->bench.exact)
		note_conditions(panel, &before, clock_seconds() - started);
	panel->told->rounds++;
	return 0;
}

/* ---- closing ------------------------------------------------------------------------------------- */

static void tell(const struct panel *panel, size_t i)
{
	struct worker_arm *told = worker_page_arm(panel->env->page, panel->number, i);
	const struct arm *arm = &panel->arms[i];

	told->status = arm->status;
	snprintf(told->reason, sizeof(told->reason), "%s", arm->reason);
	snprintf(told->mechanism, sizeof(told->mechanism), "%s", arm->mechanism);
	told->facts = arm->facts;
	told->hits_expected = arm->hits_expected;
	told->hits_counted = arm->hits_counted;
	told->books = arm->books;
}

void panel_close(struct panel *panel)
{
	for (size_t i = 0; i < panel->n_arms; i++) {
		arm_unload(&panel->arms[i], &panel->bench);
		tell(panel, i);
		arm_close(&panel->arms[i]);
	}
	/* what the other process opened ends with it */
	if (panel->env->alone) {
		trigger_close(panel->bench.trigger, panel->bench.area);
		evict_close(panel->bench.evict);
	}
	timing_close(panel->bench.timing);
	timing_memory_free(panel->bench.scratch, panel->scratch_bytes);
	timing_memory_free(panel->arms, panel->arms_bytes);
	if (panel->bench.idle_fd >= 0)
		close(panel->bench.idle_fd);
	rounds_close(&panel->rounds);
	free(panel->of_arm);
	free(panel->timed);
}
