/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
/*
 * Suite crosscheck: the same variants as bpf_stats, bpftrace, perf stat and perf trace see them,
 * next to bpftoll's own figure. An ordinary run in the same process measures that first, without
 * any tool.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "kit/probes/plan.h"
#include "kit/cmd/suite.h"
#include "kit/crosscheck/observer.h"
#include "reports/record/record_rows.h"

#define SECONDS 20 /* of the ordinary run */

static const struct name_list default_variants = {{"*_empty", "*_lookup_hit", "*_ringbuf"}, 3};

/* Completes the options of run with the suite's defaults. */
static struct plan_options fill_in(const struct plan_options *run)
{
	struct plan_options options = *run;

	options.suite = "quick";
	if (!options.workloads.n)
		options.workloads = (struct name_list){{"munmap_einval"}, 1};
	if (!options.variants.n)
		options.variants = default_variants;
	if (!options.wakeups.n)
		options.wakeups = (struct name_list){{"idle"}, 1};
	/* the other tools time a tight loop */
	if (!options.caches.n)
		options.caches = (struct name_list){{"hot"}, 1};
	if (!options.seconds && !options.rounds)
		options.seconds = SECONDS;
	return options;
}

static int check(const struct plan_options *run, struct error *why)
{
	struct plan_options options = fill_in(run);
	struct plan plan;
	int err;

	for (size_t i = 0; i < options.wakeups.n; i++)
		if (strcmp(options.wakeups.names[i], "idle") != 0)
			return error_set(why, -EINVAL,
					 "--suite crosscheck has wakeup policy none only");
	for (size_t i = 0; i < options.caches.n; i++)
		if (strcmp(options.caches.names[i], "hot") != 0)
			return error_set(why, -EINVAL,
					 "--suite crosscheck has hot calls only, as the other "
					 "tools see them");
	err = plan_make(&options, &plan, why);
	for (size_t i = 0; i < plan.n_experiments && !err; i++)
		if (!plan.experiments[i].workload->fires)
			err = error_set(why, -EINVAL, "--suite crosscheck: no probe runs in %s",
					plan.experiments[i].workload->name);
	plan_free(&plan);
	return err;
}

static struct effect cost_of(const struct record *record, const char *variant, const char *workload,
			     double *bare)
{
	for (size_t i = 0; i < record->n_results; i++) {
		const struct record_result *result = record->results[i];

		if (result->status != RESULT_MEASURED || strcmp(result->variant, variant) != 0 ||
		    strcmp(result->workload, workload) != 0)
			continue;
		if (bare)
			*bare = result->baseline.typical;
		return result->overhead.typical;
	}
	return (struct effect){NAN, NAN, NAN};
}

/* What bpf_stats says of the empty program of this hook, in ns; NAN until that row exists. */
static double clock_of(const struct record *record, const char *empty, const char *workload)
{
	for (size_t i = 0; i < record->n_crosschecks; i++) {
		const struct crosscheck *row = &record->crosschecks[i];

		if (row->status == RESULT_MEASURED && !strcmp(row->tool, "bpf_stats") &&
		    !strcmp(row->variant, empty) && !strcmp(row->workload, workload))
			return row->says.value;
	}
	return NAN;
}

static struct crosscheck *add_row(struct record *record, const struct observer *w,
				  const struct observer_tool *tool)
{
	struct crosscheck *row = record_add_crosscheck(record);

	if (!row)
		return NULL;
	row->variant = strdup(w->variant->name);
	row->workload = strdup(w->workload->name);
	row->tool = strdup(tool->name);
	row->quantity = strdup(tool->quantity);
	row->bpftoll = w->whole;
	if (asprintf(&row->id, "%s/%s/%s", w->variant->name, w->workload->name, tool->name) < 0)
		row->id = NULL;
	return row->variant && row->workload && row->tool && row->quantity && row->id ? row : NULL;
}

/* Asks every tool about one variant. Returns 0 or -ENOMEM. */
static int ask_all(struct observer *w, enum unit unit, struct record *record)
{
	char empty[64];
	struct error why = {0};
	int err;

	snprintf(empty, sizeof(empty), "%s_empty", hook_name(w->variant->hook));
	w->whole = cost_of(record, w->variant->name, w->workload->name, &w->bare);
	w->empty = cost_of(record, empty, w->workload->name, NULL);
	if (isnan(w->whole.value))
		return 0; /* its result has the reason why it was not measured */
	err = observer_open(w, &why);
	for (size_t i = 0; i < observer_tools_count && !*w->env->stop; i++) {
		const struct observer_tool *tool = &observer_tools[i];
		struct crosscheck *row = add_row(record, w, tool);

		if (!row) {
			observer_close(w);
			return -ENOMEM;
		}
		w->clock = clock_of(record, empty, w->workload->name);
		if (err)
			observer_skip(row, "%s", why.text);
		else if (unit == UNIT_INSTRUCTIONS && tool->outside)
			observer_skip(row, "instructions are counted here: a tool beside us would "
					   "be counted with the call");
		else
			tool->ask(w, row);
	}
	observer_close(w);
	return 0;
}

static int ask_experiment(const struct plan_experiment *experiment, const struct harness_env *env,
			  enum unit unit, struct record *record, struct error *why)
{
	int err = 0;

	for (size_t i = 0; i < experiment->n_configs && !err; i++) {
		struct observer w = {.env = env,
				     .workload = experiment->workload,
				     .variant = experiment->configs[i].variant,
				     .unit = unit};

		if (*env->stop)
			return -EINTR;
		env->progress((double)i / (double)experiment->n_configs, w.variant->name);
		err = ask_all(&w, unit, record);
		if (err)
			error_say(why, "%s", strerror(-err));
		else
			err = record_write(record, env->dir, why);
	}
	return err;
}

static int run_crosscheck(const struct harness_env *env, const struct plan_options *run,
			  struct record *record, struct error *why)
{
	struct plan_options options = fill_in(run);
	struct plan plan;
	int err = plan_make(&options, &plan, why), write_err;

	record->partial = true;
	if (!err)
		err = harness_run(&plan, env, record, why);
	for (size_t i = 0; i < plan.n_experiments && !err; i++)
		err = ask_experiment(&plan.experiments[i], env, options.unit, record, why);
	plan_free(&plan);
	if (err && err != -EINTR)
		return err;
	record->partial = err == -EINTR;
	write_err = record_write(record, env->dir, why);
	return write_err ? write_err : err;
}

const struct suite suite_crosscheck = {
	.name = "crosscheck",
	.summary = "the same variants as bpf_stats, bpftrace and perf see them",
	.check = check,
	.run = run_crosscheck,
};
