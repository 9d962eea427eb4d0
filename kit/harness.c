/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kit/cold.h"
#include "kit/harness.h"
#include "kit/panel.h"
#include "reports/record_rows.h"
#include "reports/record_rows.h"
#include "reports/samples.h"

/* A run that is bounded by seconds still makes this many rounds. */
#define ROUNDS_LEAST_TIMED 10

struct run {
	const struct plan *plan;
	const struct harness_env *env;
	struct record *record;
	gsl_rng *rng;
	struct harness_env own; /* env's copy, with what evicts */
	char no_cold[256];	/* why cold panels are skipped */
	double done;		/* share of the plan finished before this panel */
};

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static int one_arm(struct panel *panel, struct arm *arm, char *why, size_t why_len)
{
	uint32_t *out = panel->bench.scratch + ARM_SCRATCH, *before = out + panel->calls_most;
	bool timed;
	int err = 0;

	arm_load(arm, &panel->bench);
	if (*arm->before)
		arm_before(arm, &panel->bench, before);
	timed = arm_round(arm, &panel->bench, out);
	if (!panel->bench.exact)
		arm_unload(arm, &panel->bench);
	if (!timed)
		return 0;
	/* files are written when both blocks are done: nothing but the attach lies between them */
	if (*arm->before)
		err = samples_append(panel->env->dir, arm->before, before, arm->calls, why,
				     why_len);
	return err ? err
		   : samples_append(panel->env->dir, arm->samples, out, arm->calls, why, why_len);
}

/* What happened beside the round; out of memory costs only that. */
static void note_conditions(struct run *run, struct panel *panel, const struct conditions *before,
			    const struct conditions *after, double took_s)
{
	struct round_conditions *row = record_add_round_conditions(run->record);
	uint64_t steal = after->steal_ticks - before->steal_ticks;
	uint64_t mperf = after->mperf - before->mperf;

	panel->seen.steal_ticks += steal;
	panel->seen.context_switches_involuntary +=
		after->context_switches_involuntary - before->context_switches_involuntary;
	if (!row)
		return;
	row->trigger = strdup(panel->what->trigger->name);
	row->round = (unsigned int)panel->rounds;
	row->seconds = took_s;
	row->steal = 100.0 * (double)steal / (double)sysconf(_SC_CLK_TCK) / took_s;
	row->interrupts = after->interrupts - before->interrupts;
	row->switches = after->context_switches_involuntary - before->context_switches_involuntary;
	if (mperf)
		row->frequency = (double)(after->aperf - before->aperf) / (double)mperf;
}

/* Each arm once, in random order. -EINTR: stopped in the middle of the round. */
static int one_round(struct run *run, struct panel *panel, size_t *order, char *why, size_t why_len)
{
	struct conditions before, after;
	bool known = !survey_conditions(panel->bench.measure_cpu, &before);
	double started = seconds();
	int err = 0;

	gsl_ran_shuffle(run->rng, order, panel->n_arms, sizeof(*order));
	for (size_t i = 0; i < panel->n_arms && !err; i++) {
		struct arm *arm = &panel->arms[order[i]];

		if (*run->env->stop)
			return -EINTR;
		if (arm->status == CELL_MEASURED)
			err = one_arm(panel, arm, why, why_len);
	}
	if (!err && known && !panel->bench.exact &&
	    !survey_conditions(panel->bench.measure_cpu, &after))
		note_conditions(run, panel, &before, &after, seconds() - started);
	return err;
}

static bool enough(const struct plan *plan, const struct panel *panel, double share, double started)
{
	if (plan->rounds)
		return panel->rounds >= plan->rounds;
	return panel->rounds >= ROUNDS_LEAST_TIMED && seconds() - started >= plan->seconds * share;
}

/* Seconds that it took, which are none of the panel's. */
static double between(const struct harness_env *env)
{
	double started = seconds();

	if (env->between)
		env->between(env->between_ctx);
	return seconds() - started;
}

static int rounds(struct run *run, struct panel *panel, double share, char *why, size_t why_len)
{
	size_t *order = calloc(panel->n_arms, sizeof(*order));
	double started = seconds(), elsewhere = 0;
	int err = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < panel->n_arms; i++)
		order[i] = i;
	while (!err && !enough(run->plan, panel, share, started)) {
		double part = run->plan->rounds
				      ? (double)panel->rounds / run->plan->rounds
				      : (seconds() - started) / (run->plan->seconds * share);

		run->env->progress(run->done + share * (part < 1 ? part : 1),
				   panel->what->trigger->name);
		err = one_round(run, panel, order, why, why_len);
		if (!err)
			panel->rounds++;
		if (!err)
			elsewhere += between(run->env);
	}
	panel->wall_s = seconds() - started - elsewhere;
	free(order);
	return err;
}

static int run_panel(struct run *run, const struct plan_panel *what, char *why, size_t why_len)
{
	double share = (double)what->n_arms / (double)run->plan->n_arms;
	struct panel panel;
	bool write_failed = false;
	int err, write_err;

	run->env->progress(run->done, "preparing");
	if (what->cold && !run->env->evict) {
		panel_skip(what, run->env, run->plan->unit, run->record, run->no_cold);
		return 0;
	}
	err = panel_open(&panel, run->plan, what, run->env, why, why_len);
	if (err) {
		panel_skip(what, run->env, run->plan->unit, run->record, why);
		goto out;
	}
	err = rounds(run, &panel, share, why, why_len);
	write_failed = err && err != -EINTR;
	if (write_failed || (err == -EINTR && panel.rounds < HARNESS_ROUNDS_LEAST))
		goto out;
	write_err = panel_finish(&panel, run->record, why, why_len);
	write_failed = write_err != 0;
	err = write_err ? write_err : err;
out:
	panel_close(&panel);
	return write_failed || err == -EINTR ? err : 0;
}

/* Before anything is timed: where caches cannot be emptied, cold cells are skipped and hot ones go on. */
static void open_cold(struct run *run)
{
	bool any = false;

	for (size_t i = 0; i < run->plan->n_panels; i++)
		any = any || run->plan->panels[i].cold;
	run->own.evict = NULL;
	if (!any)
		return;
	run->env->progress(0, "emptying the caches");
	cold_open(run->env->placement->cpu, run->env->tsc, run->record, &run->own.evict,
		  run->no_cold, sizeof(run->no_cold));
}

int harness_run(const struct plan *plan, const struct harness_env *env, struct record *record,
		char *why, size_t why_len)
{
	struct run run = {
		.plan = plan, .record = record, .rng = gsl_rng_alloc(gsl_rng_mt19937), .own = *env};
	int err = 0, write_err;

	if (!run.rng)
		return -ENOMEM;
	gsl_rng_set(run.rng, env->seed);
	run.env = &run.own;
	open_cold(&run);
	record->partial = true;
	for (size_t i = 0; i < plan->n_panels && !err; i++) {
		if (*env->stop)
			err = -EINTR;
		else
			err = run_panel(&run, &plan->panels[i], why, why_len);
		run.done += (double)plan->panels[i].n_arms / (double)plan->n_arms;
	}
	gsl_rng_free(run.rng);
	evict_close(run.own.evict);
	if (err && err != -EINTR)
		return err;
	record->partial = err == -EINTR;
	write_err = record_write(record, env->dir, why, why_len);
	return write_err ? write_err : err;
}
