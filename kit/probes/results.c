/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/foreign/foreign_bundle.h"
#include "bpf/read/reported.h"
#include "calib/error.h"
#include "kit/probes/results.h"
#include "kit/probes/comparison.h"
#include "kit/probes/config.h"
#include "kit/events/point.h"
#include "reports/effects/censor.h"
#include "reports/judge/null_test.h"
#include "reports/record/samples.h"
#include "reports/stats/stats.h"

#define COLD_UNCOUNTED "cold calls: the evictions between them would be counted too"

/* Returns NULL if it was not checked or memory ran out. */
static char *copy_name(enum reported_as as)
{
	const char *name = reported_name(as);

	return name ? strdup(name) : NULL;
}

/*
 * Fills result->data if the variant sends events: is what they report correct? Checked once in a
 * process for each variant and syscall, by calls whose pid, length and time are known
 * (bpf/read/reported.h), with nothing else attached. A failed check leaves its reason in the note.
 */
static void data_fill(const struct variant *variant, enum probe_target target,
		      struct record_result *result)
{
	static struct {
		bool done;
		struct reported reported;
	} known[HOOK_COUNT][BODY_COUNT][TARGET_COUNT];
	struct reported *reported;
	struct error why;

	if (body_output(variant->body) == OUTPUT_NONE)
		return;
	reported = &known[variant->hook][variant->body][target].reported;
	if (!known[variant->hook][variant->body][target].done &&
	    reported_check(variant, target, reported, &why))
		snprintf(reported->note, sizeof(reported->note), "not checked: %.200s", why.text);
	known[variant->hook][variant->body][target].done = true;
	result->data.length = copy_name(reported->length);
	result->data.pid = copy_name(reported->pid);
	result->data.tgid = copy_name(reported->tgid);
	result->data.order = copy_name(reported->order);
	result->data.note = *reported->note ? strdup(reported->note) : NULL;
}

/* An experiment while its results are made. */
struct filling {
	const struct plan_experiment *what;
	struct comparison *comparison;
	struct record *record;
	struct record_result *baseline;
	struct error *why;
};

static const struct worker_config *config_at(const struct filling *f, size_t i)
{
	return comparison_config(f->comparison, i);
}

/*
 * Counts the calls kept. Rounds left out as contended are reported in result->strata, and not
 * counted as calls that changed CPU.
 */
static void count_kept(const struct filling *f, size_t i, const struct config_samples *samples,
		       struct record_result *result)
{
	const struct alone *alone = &f->comparison->alone;
	bool masks = alone_masks(alone, i);

	for (size_t r = 0; r < samples->rounds; r++) {
		const uint32_t *block = samples->ticks + r * samples->calls;

		if (masks && alone_excludes(alone, i, r))
			continue;
		for (size_t k = 0; k < samples->calls; k++)
			if (block[k] == SAMPLE_MIGRATED)
				result->migrated++;
			else if (block[k] == SAMPLE_CENSORED)
				result->censored++;
			else
				result->n++;
	}
}

static const char *no_count(const struct filling *f, size_t i, const struct counter *c)
{
	const struct worker_config *config = config_at(f, i);

	if (f->what->cache == CACHE_COLD)
		return COLD_UNCOUNTED;
	if (c->reason)
		return c->reason;
	return config->kind == CONFIG_PROBE &&
			       config_hears_reads(variant_at((size_t)config->variant))
		       ? "user space cannot read it here, and the hook would run for read() too"
		       : "never counted a whole block";
}

/*
 * Counts a call: configuration minus its own baseline, over the rounds in which both were counted.
 */
static void fill_counters(const struct filling *f, size_t i, struct record_result *result)
{
	size_t n = f->comparison->results->page->n_counters, rounds = f->comparison->sum->rounds;
	const double *config = f->comparison->sum->configs[i].counts,
		     *own = f->comparison->sum->configs[comparison_baseline(f->comparison, i)]
				    .counts;
	const struct counters *counters = f->comparison->env->counters;
	const struct counter *counted = f->comparison->env->counted;
	double *x = n && config && own ? calloc(2 * rounds + 1, sizeof(*x)) : NULL;

	if (!x)
		return;
	result->counters = calloc(n, sizeof(*result->counters));
	for (size_t c = 0; result->counters && c < n; c++) {
		const struct counter *what = counted ? &counted[c] : counters_at(counters, c);
		struct counter_value *value = &result->counters[result->n_counters++];
		size_t got = 0;

		for (size_t r = 0; r < rounds; r++) {
			double d = config[r * n + c] - own[r * n + c];

			if (!isfinite(d))
				continue;
			x[rounds + got] = own[r * n + c];
			x[got++] = d;
		}
		value->name = strdup(what->name);
		value->event = what->event ? strdup(what->event) : NULL;
		value->per_call = stats_mean_interval(x, got);
		value->baseline = stats_mean_interval(x + rounds, got);
		if (!got)
			value->reason = strdup(no_count(f, i, what));
	}
	free(x);
}

/* The cost over the baseline. before, effect: from comparison_load and comparison_effects. */
static int fill_overhead(struct filling *f, size_t i, const struct loaded *mine,
			 const struct loaded *before, const double *effect,
			 struct record_result *result)
{
	struct comparison *c = f->comparison;
	struct compare_scale scale = comparison_scale(c, i);
	int err = compare_distribution(&before->samples, c->timer_overhead_ticks, &scale,
				       &result->baseline);

	if (!err)
		err = comparison_overhead(c, i, mine, before, result);
	censor_withhold(result);
	if (!err && effect)
		err = alone_store(&c->alone, i, effect, scale.widen, result);
	if (config_at(f, i)->kind == CONFIG_BARE || !config_at(f, i)->again)
		fill_counters(f, i, result);
	return err;
}

static int compare(struct filling *f, size_t i, struct record_result *result)
{
	const struct worker_config *config = config_at(f, i);
	struct comparison *c = f->comparison;
	struct compare_scale scale = comparison_scale(c, i);
	struct loaded mine = {0}, before = {0};
	bool compared = config->kind != CONFIG_TIMER && !comparison_is_baseline(config);
	double *effect = NULL;
	int err = comparison_load(c, i, &mine, f->why);

	if (!err && compared)
		err = comparison_load(c, config->own, &before, f->why);
	/* a baseline goes on for those that share it */
	if (!err && compared && before.samples.rounds > mine.samples.rounds)
		before.samples.rounds = mine.samples.rounds;
	if (!err && compared)
		err = comparison_effects(c, i, &mine, &before, &effect);
	if (err)
		goto out;
	comparison_mask(c, i, &mine);
	comparison_mask(c, i, &before);
	count_kept(f, i, &mine.samples, result);
	err = compare_distribution(&mine.samples,
				   config->kind == CONFIG_TIMER ? 0 : c->timer_overhead_ticks,
				   &scale, &result->config);
	if (!err && compared)
		err = fill_overhead(f, i, &mine, &before, effect, result);
out:
	free(effect);
	free(mine.ticks);
	free(before.ticks);
	return err;
}

static void fill_program(const struct program_facts *facts, struct record_result *result)
{
	result->program.present = facts->xlated_bytes != 0;
	result->program.verified_insns = facts->verified;
	result->program.xlated_bytes = facts->xlated_bytes;
	result->program.jited_bytes = facts->jited_bytes;
	result->program.stack_bytes = facts->stack_bytes;
	result->program.verify_us = facts->verify_us;
	result->program.load_us = facts->load_us;
}

/* Where the tool was seen to attach programs. */
static void tell_hooks(struct record_result *result)
{
	const struct foreign_bundle *b = bundle();
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	for (size_t i = 0; out && i < b->n_hooks; i++)
		fprintf(out, "%s%.*s", i ? " " : "", (int)sizeof(b->hooks[0]), b->hooks[i]);
	if (out && !fclose(out))
		result->foreign.section = text;
}

/* B/B is a repetition of another result, and says nothing of its own. */
static void fill_foreign(const struct worker_config *config, struct record_result *result)
{
	const struct foreign_entry *entry = variant_at((size_t)config->variant)->foreign;

	if (!entry || config->again)
		return;
	result->foreign = config->told.foreign;
	result->foreign.present = true;
	result->foreign.program = entry->together ? NULL : strdup(entry->program);
	if (entry->tool)
		tell_hooks(result);
	else
		result->foreign.section = entry->together ? NULL : strdup(entry->section);
}

/* What the workers reported about the configuration, and where its readings are stored. */
static void fill_told(const struct filling *f, size_t i, struct record_result *result)
{
	const struct worker_page *page = f->comparison->results->page;
	const struct worker_config *config = config_at(f, i);
	char name[168];

	result->unit = page->unit;
	result->status = config->status;
	if (config->status != RESULT_MEASURED)
		result->reason = strdup(config->reason);
	result->rounds = (unsigned int)f->comparison->sum->configs[i].rounds;
	result->calls_per_round = config->calls;
	result->workers = totals_workers(f->comparison->sum, i);
	result->interval_over = strdup(result->workers > 1 ? "worker processes" : "rounds");
	if (f->baseline && config->kind != CONFIG_TIMER && f->baseline != result)
		result->baseline_id = strdup(f->baseline->id);
	if (config->kind == CONFIG_PROBE) {
		result->hits = config->told.hits;
		result->mechanism = *config->told.mechanism ? strdup(config->told.mechanism) : NULL;
		fill_program(&config->told.facts, result);
		fill_foreign(config, result);
		result->events = f->comparison->sum->configs[i].events;
		result->events.present = result->events.produced != 0;
	}
	if (config->kind == CONFIG_PROBE && !config->again && config->status == RESULT_MEASURED &&
	    f->what->workload->fires && !f->comparison->env->over)
		data_fill(variant_at((size_t)config->variant), f->what->workload->target, result);
	if (config->status != RESULT_MEASURED || !f->comparison->env->keep_samples)
		return;
	worker_page_samples(page, f->comparison->experiment, i, name, sizeof(name));
	result->samples = strdup(name);
	if (config->kind != CONFIG_TIMER && !comparison_is_baseline(config)) {
		worker_page_samples(page, f->comparison->experiment, config->own, name,
				    sizeof(name));
		result->baseline_samples = strdup(name);
	}
}

static struct record_result *add_result(const struct filling *f, size_t i)
{
	const struct worker_config *config = config_at(f, i);
	const struct variant *v = config->kind == CONFIG_PROBE && !config->again
					  ? variant_at((size_t)config->variant)
					  : NULL;
	const char *body = config->kind == CONFIG_TIMER	  ? "floor"
			   : config->kind == CONFIG_PROBE ? "bb"
			   : config->again		  ? "aa"
							  : "baseline";

	return record_add_result(
		f->record,
		worker_config_variant(f->comparison->results->page, f->comparison->experiment, i),
		v ? variant_hook(v) : "none", v ? variant_body(v) : body, f->what->workload->name,
		wakeup_policy_name(v ? config->wakeup : WAKEUP_OFF),
		cache_state_name(f->what->cache));
}

static int make_result(struct filling *f, size_t i)
{
	struct record_result *result = add_result(f, i);
	int err;

	if (!result)
		return -ENOMEM;
	if (i == COMPARISON_BASELINE)
		f->baseline = result;
	fill_told(f, i, result);
	if (config_at(f, i)->kind == CONFIG_PROBE && !config_at(f, i)->again &&
	    reader_record(config_at(f, i)->wakeup,
			  result->unit == UNIT_INSTRUCTIONS &&
				  f->comparison->results->page->reader_cpu < 0,
			  &result->reader))
		return -ENOMEM;
	if (result->status != RESULT_MEASURED)
		return 0;
	err = compare(f, i, result);
	if (err == -ENOMEM)
		return err;
	if (err) {
		result->status = RESULT_INVALID;
		result->reason = strdup(f->why->text);
	}
	return 0;
}

/*
 * Tables show one baseline; the others are in the record for the configurations compared with them.
 */
static bool shown(const struct filling *f, size_t i)
{
	const struct worker_config *config = config_at(f, i);

	if (comparison_is_baseline(config))
		return i == COMPARISON_BASELINE;
	return !config->again || config->status == RESULT_MEASURED;
}

static int fill_experiment(struct filling *f)
{
	const struct experiment_sum *sum = f->comparison->sum;
	int err = 0;

	if (isnan(f->record->floor.typical))
		f->record->floor = f->comparison->floor;
	for (size_t i = 0; i < sum->n_configs && !err; i++)
		if (shown(f, i) && (sum->rounds || config_at(f, i)->status != RESULT_MEASURED))
			err = make_result(f, i);
	alone_note_conditions(&f->comparison->alone, f->what->workload->name,
			      cache_state_name(f->what->cache), f->record);
	return err;
}

int results_fill(const struct totals *results, const struct plan *plan,
		 const struct harness_env *env, struct record *record, struct error *why)
{
	int err = 0;

	for (size_t p = 0; p < plan->n_experiments && !err; p++) {
		struct comparison comparison;
		struct filling filling = {
			.what = &plan->experiments[p],
			.comparison = &comparison,
			.record = record,
			.why = why,
		};

		err = comparison_open(results, p, env, &comparison, why);
		if (!err)
			err = fill_experiment(&filling);
		comparison_close(&comparison);
	}
	if (err == -ENOMEM)
		error_say(why, "out of memory");
	return err;
}

static void tell_null_test(const struct record_result *result, struct record *record)
{
	struct null_test test;

	if (!null_test_is_one(result) || null_test_of(record, result, &test) ||
	    test.verdict != NULL_FAILS)
		return;
	record_add_warning(record,
			   "%s (%s): the null test failed: %s differ by more than the rows claim "
			   "to show",
			   result->workload, result->cache,
			   !strcmp(result->body, "aa") ? "two configurations with nothing attached"
						       : "two configurations of one probe");
}

void results_tell_conditions(const struct totals *results, struct record *record, size_t from)
{
	const struct worker_page *page = results->page;

	for (size_t p = 0; p < page->n_experiments; p++) {
		const struct worker_experiment *experiment = worker_page_experiment(page, p);
		const struct experiment_sum *sum = &results->experiments[p];
		const char *name = workloads[experiment->workload].name;

		if (sum->steal > 0)
			record_add_warning(record,
					   "%s (%s): other guests used %.3g %% of CPU %d (steal)",
					   name, cache_state_name(experiment->cache),
					   sum->steal / sum->seconds, page->cpu);
		if (sum->switches)
			record_add_warning(record,
					   "%s (%s): other tasks ran on CPU %d %llu times in %.0f "
					   "s (involuntary context switches of the process that "
					   "makes the timed calls)",
					   name, cache_state_name(experiment->cache), page->cpu,
					   (unsigned long long)sum->switches, sum->seconds);
	}
	for (size_t i = from; i < record->n_results; i++)
		tell_null_test(record->results[i], record);
}
