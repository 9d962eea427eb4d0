/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/foreign/foreign_bundle.h"
#include "bpf/load/variant.h"
#include "bpf/read/wakeup_policy.h"
#include "kit/cmd/cli.h"
#include "kit/foreign/command.h"
#include "kit/foreign/measure.h"
#include "kit/foreign/scout.h"
#include "kit/timing/workload.h"

#define SECONDS	       10
#define TOOL_SECONDS   60 /* it starts anew for each visit */
#define EXACT_ROUNDS   2  /* where instructions are counted all rounds are alike */
#define CALLS_MOST     1024
#define CALLS_LEAST    64
#define GATED_CALLS    256
#define BLOCK_MS       20.0 /* of timed calls in a round, where an operation is slow */
#define BUFFER_SHARE   0.7
#define RECORD_HEADER  24 /* bytes: of perf's record 8, 4 for its size, and padding; a ring's 8 */
#define NAMES_IN_WORDS 6

struct measure_options measure_options;
static struct measure_file file;

/* ---- before anything is touched ---- */

static int check_wakeups(struct error *why)
{
	int err = name_list_check(&measure_options.wakeups, &plan_wakeups, why);

	for (size_t i = 0; i < measure_options.wakeups.n && !err; i++) {
		enum wakeup_policy policy;

		if (wakeup_policy_find(measure_options.wakeups.names[i], &policy) &&
		    policy == WAKEUP_NONE)
			err = error_set(why, -EINVAL,
					"--wakeup-policy buffer-full: when the buffer of another "
					"program is full is not known");
	}
	return err;
}

static int check(const struct plan_options *run, struct error *why)
{
	int err;

	if (run->precision.value > 0 && (run->rounds || run->unit != UNIT_NS ||
					 (measure_options.words[1] && !measure_options.tool)))
		return error_set(why, -EINVAL,
				 "--precision: of a number of rounds, of instruction counts and of "
				 "a command nothing is made narrower");
	err = name_list_check(&measure_options.triggers, &plan_workloads, why);
	if (!err)
		err = check_wakeups(why);
	if (!err && measure_options.tool)
		return measure_tool_bundle(&measure_options, why);
	/* nothing in it can be measured, which is no matter of options */
	if (!err && measure_file_open(measure_options.words[0], &file, why))
		return -ENODATA;
	if (!err)
		err = measure_file_bundle(&file, &measure_options, why);
	return err;
}

/* ---- what cannot be measured ---- */

struct skipping {
	struct record *record;
	int err;
};

static void skip(struct record *record, const char *name, const char *program, const char *hook,
		 const char *section, const char *reason, int *err)
{
	struct record_result *result =
		record_add_result(record, name, hook, "foreign", "-", "-", "-");

	if (!result) {
		*err = -ENOMEM;
		return;
	}
	result->status = RESULT_SKIPPED;
	result->reason = strdup(reason);
	result->foreign.present = true;
	result->foreign.program = strdup(program);
	result->foreign.section = strdup(section);
	result->foreign.runs = result->foreign.events = result->foreign.event_bytes = NAN;
}

static void skip_unsupported(void *ctx, const struct listed_program *program)
{
	struct skipping *s = ctx;
	/* a name of plain characters, as measured ones have */
	struct foreign_entry *entry = bundle_add(0, program->name, program->section);

	if (!entry)
		return;
	bundle()->n_entries--;
	skip(s->record, entry->name, program->name, "other", program->section,
	     program->section_parsed.why_not, &s->err);
}

/* Names of operations that others of its subsystem use: those whose `reaches` begins alike. */
static void suggest(const struct section *place, char *out, size_t len)
{
	const char *name = strrchr(place->target, '/');
	char subsystem[24], syscall[64];
	size_t named = 0, used;

	name = section_syscall(place, syscall, sizeof(syscall)) ? syscall
	       : name						? name + 1
								: place->target;
	snprintf(subsystem, sizeof(subsystem), "%.*s", (int)strcspn(name, "_"), name);
	snprintf(out, len, "%s", "");
	for (size_t w = 0; w < workloads_count && named < NAMES_IN_WORDS && *subsystem; w++) {
		const char *reaches = workloads[w].reaches;

		if (!reaches || !strstr(reaches, subsystem))
			continue;
		used = strlen(out);
		snprintf(out + used, len - used, "%s%s", named ? ", " : "", workloads[w].name);
		named++;
	}
}

static void skip_entry(struct record *record, const struct foreign_entry *entry,
		       const struct scouted *what, int *err)
{
	char reason[768], near[256];

	if (what->state == SCOUT_REFUSED) {
		snprintf(reason, sizeof(reason), "%s", what->reason);
	} else {
		suggest(&entry->place, near, sizeof(near));
		snprintf(reason, sizeof(reason), "no trigger that was tried runs it%s%s%s%s",
			 what->runs > 0 ? " at every call" : "",
			 *near ? "; others of its subsystem use " : "", near,
			 "; -- COMMAND runs a program of yours");
	}
	skip(record, entry->name, entry->together ? "" : entry->program,
	     entry->together ? "together"
	     : entry->tool   ? "tool"
			     : section_word(entry->place.kind),
	     entry->section, reason, err);
	if (!*err)
		record->results[record->n_results - 1]->foreign.refused =
			what->state == SCOUT_REFUSED;
}

static int skip_refused(struct record *record, const struct scouted *what)
{
	struct skipping skipping = {.record = record};
	int err = 0;

	measure_file_unsupported(&file, &measure_options, skip_unsupported, &skipping);
	for (size_t i = 0; i < bundle()->n_entries; i++)
		if (what[i].state == SCOUT_REFUSED)
			skip_entry(record, &bundle()->entries[i], &what[i], &err);
	return err ? err : skipping.err;
}

static int skip_all(struct record *record, const struct scouted *what)
{
	struct skipping skipping = {.record = record};
	int err = 0;

	measure_file_unsupported(&file, &measure_options, skip_unsupported, &skipping);
	for (size_t i = 0; i < bundle()->n_entries; i++)
		if (what[i].state != SCOUT_REACHED)
			skip_entry(record, &bundle()->entries[i], &what[i], &err);
	return err ? err : skipping.err;
}

/* ---- the plan ---- */

static void add_wakeups(struct plan_experiment *experiment, const struct variant *variant)
{
	if (variant->foreign->buffers == BUFFERS_NONE) {
		experiment->configs[experiment->n_configs++] =
			(struct plan_config){variant, WAKEUP_OFF};
		return;
	}
	for (int d = WAKEUP_NONE; d < WAKEUP_NAMED_COUNT; d++) {
		const char *name = wakeup_policy_name((enum wakeup_policy)d);
		bool wanted = measure_options.wakeups.n
				      ? name_list_has(&measure_options.wakeups, &plan_wakeups, name)
				      : d == WAKEUP_IDLE;

		if (wanted)
			experiment->configs[experiment->n_configs++] =
				(struct plan_config){variant, (enum wakeup_policy)d};
	}
}

static int add_experiment(struct plan *plan, size_t w, enum cache_state cache,
			  const struct plan_options *run, const struct scouted *what)
{
	struct plan_experiment *experiment = &plan->experiments[plan->n_experiments];
	double slowest = 0, most = CALLS_MOST;

	experiment->workload = &workloads[w];
	experiment->cache = cache;
	experiment->configs =
		calloc(bundle()->n_entries * WAKEUP_NAMED_COUNT + 1, sizeof(*experiment->configs));
	if (!experiment->configs)
		return -ENOMEM;
	plan->n_experiments++;
	for (size_t i = 0; i < bundle()->n_entries; i++) {
		if (!(what[i].workloads >> w & 1))
			continue;
		add_wakeups(experiment, variant_at(variants_count + i));
		slowest = fmax(slowest, what[i].call_ns[w]);
		/* a block is read after it: its events must fit */
		if (what[i].event_bytes > 0)
			most = fmin(most, BUFFER_SHARE * (double)what[i].buffer_bytes /
						  fmax(what[i].event_bytes + RECORD_HEADER, 1));
	}
	most = fmin(most, BLOCK_MS * 1e6 / fmax(slowest, 1));
	if (!run->calls && run->unit == UNIT_NS)
		experiment->calls = (size_t)fmax(most, CALLS_LEAST);
	plan->n_configs += experiment->n_configs;
	return 0;
}

static bool want_cache(const struct plan_options *run, enum cache_state cache)
{
	static const char *const usual[] = {"stirred", "hot"};

	if (!measure_options.caches.n)
		return !strcmp(cache_state_name(cache), usual[run->unit == UNIT_INSTRUCTIONS]);
	for (size_t i = 0; i < measure_options.caches.n; i++)
		if (!strcmp(measure_options.caches.names[i], cache_state_name(cache)))
			return true;
	return false;
}

static int make_plan(const struct plan_options *run, const struct scouted *what, struct plan *plan)
{
	bool exact = run->unit == UNIT_INSTRUCTIONS;
	int err = 0;

	*plan = (struct plan){
		.suite = "measure",
		.rounds = run->rounds ? run->rounds
			  : exact     ? EXACT_ROUNDS
				      : 0,
		.seconds = run->seconds		  ? run->seconds
			   : measure_options.tool ? TOOL_SECONDS
						  : SECONDS,
		.calls = run->calls ? run->calls
			 : exact    ? CALLS_LEAST
				    : CALLS_MOST,
		.gated_calls = run->calls ? run->calls : GATED_CALLS,
		.cold_calls = run->calls ? run->calls : CALLS_LEAST,
		.unit = run->unit,
		.precision = run->precision,
		.experiments = calloc(workloads_count * CACHE_COUNT, sizeof(*plan->experiments)),
	};
	if (!plan->experiments)
		return -ENOMEM;
	for (size_t w = 0; w < workloads_count; w++)
		for (int c = 0; c < CACHE_COUNT; c++) {
			bool used = false;

			for (size_t i = 0; i < bundle()->n_entries; i++)
				used = used || what[i].workloads >> w & 1;
			if (used && want_cache(run, (enum cache_state)c) && !err)
				err = add_experiment(plan, w, (enum cache_state)c, run, what);
		}
	return err;
}

/* ---- running ---- */

/* All programs of an object that work, at once: a variant of its own, tried like the others. */
static int add_together(const struct harness_env *env, struct scouted *what, struct error *why)
{
	const size_t alone = bundle()->n_entries;

	for (size_t o = 0; o < bundle()->n_objects; o++) {
		struct foreign_entry *entry;
		size_t works = 0;

		for (size_t i = 0; i < alone; i++)
			works += bundle()->entries[i].object == o && bundle()->entries[i].works;
		entry = works > 1 ? bundle_add(o, "all_programs", "") : NULL;
		if (entry)
			entry->together = true;
	}
	bundle_publish();
	return scout_all(alone, &measure_options.triggers, env->tsc->hz / 1e9, env->stop,
			 env->progress, what, why);
}

static int scout(const struct harness_env *env, struct scouted *what, struct error *why)
{
	int err;

	bundle_publish();
	err = scout_all(0, &measure_options.triggers, env->tsc->hz / 1e9, env->stop, env->progress,
			what, why);
	for (size_t i = 0; i < bundle()->n_entries && !err; i++) {
		bundle()->entries[i].works = what[i].state == SCOUT_REACHED;
		bundle()->entries[i].buffers = what[i].buffers;
	}
	if (!err && measure_options.together)
		err = add_together(env, what, why);
	for (size_t i = 0; i < bundle()->n_entries && !err; i++)
		bundle()->entries[i].buffers = what[i].buffers;
	return err;
}

/* All programs that can be attached, at once, while a command runs (command.h). */
static int run_command(const struct harness_env *env, const struct plan_options *options,
		       struct record *record, struct error *why)
{
	struct scouted *what = calloc(BUNDLE_ENTRIES_MOST, sizeof(*what));
	size_t alone = bundle()->n_entries;
	int err;

	if (!what)
		return error_set(why, -ENOMEM, "out of memory");
	bundle_publish();
	err = scout_all(0, SCOUT_ATTACH_ONLY, env->tsc->hz / 1e9, env->stop, env->progress, what,
			why);
	for (size_t i = 0; i < alone; i++)
		bundle()->entries[i].works = what[i].state != SCOUT_REFUSED;
	if (!err)
		err = skip_refused(record, what);
	if (!err)
		err = command_run(env, options, measure_options.words + 1, record, why);
	measure_file_close(&file);
	free(what);
	return err;
}

static int run(const struct harness_env *env, const struct plan_options *options,
	       struct record *record, struct error *why)
{
	struct scouted *what;
	struct plan plan = {.suite = NULL};
	int err;

	if (!measure_options.tool)
		cli_say("programs of %s are loaded into the kernel and run there",
			measure_options.words[0]);
	if (measure_options.words[1] && !measure_options.tool)
		return run_command(env, options, record, why);
	what = calloc(BUNDLE_ENTRIES_MOST, sizeof(*what));
	if (!what)
		return error_set(why, -ENOMEM, "out of memory");
	err = scout(env, what, why);
	if (!err)
		err = skip_all(record, what);
	if (!err)
		err = make_plan(options, what, &plan);
	if (!err && plan.n_configs)
		err = harness_run(&plan, env, record, why);
	else if (!err)
		err = record_write(record, env->dir, why);
	if (err == -ENOMEM)
		error_say(why, "out of memory");
	plan_free(&plan);
	measure_file_close(&file);
	free(what);
	return err;
}

const struct suite suite_measure = {
	.name = "measure",
	.summary = "programs of others",
	.check = check,
	.run = run,
};
