/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "bpf/read/wakeup_policy.h"
#include "kit/probes/comparison.h"
#include "kit/timing/exact.h"
#include "reports/effects/p99_bound.h"
#include "reports/record/samples.h"

const struct worker_config *comparison_config(const struct comparison *c, size_t i)
{
	return worker_page_config(c->results->page, c->experiment, i);
}

static bool gated(const struct worker_config *config)
{
	return config->wakeup == WAKEUP_CAUGHT_UP;
}

static size_t period(const struct worker_config *config)
{
	unsigned int every =
		config->kind == CONFIG_PROBE ? wakeup_policy_row(config->wakeup)->every : 1;

	return every > 1 ? every : 1;
}

bool comparison_is_baseline(const struct worker_config *config)
{
	return config->kind == CONFIG_BARE && !config->again;
}

static bool is_exact(const struct comparison *c)
{
	return c->results->page->unit == UNIT_INSTRUCTIONS;
}

/* The worker of each round; NULL: one process timed all rounds. */
static const uint32_t *workers(const struct comparison *c)
{
	return c->results->workers > 1 ? c->sum->worker : NULL;
}

struct compare_scale comparison_scale(const struct comparison *c, size_t i)
{
	const struct tsc_rate *tsc = c->env->tsc;

	return (struct compare_scale){
		.unit_per_tick = 1e9 / tsc->hz,
		.unit_per_tick_err = tsc->rel_err,
		.quantum = tsc->quantum,
		.seed = c->env->seed,
		.period = period(comparison_config(c, i)),
		.widen = c->env->widen,
	};
}

size_t comparison_baseline(const struct comparison *c, size_t i)
{
	const struct worker_config *config = comparison_config(c, i);

	return config->kind == CONFIG_PROBE && config->again
		       ? comparison_config(c, config->own)->own
		       : config->own;
}

/* ---- samples ---- */

void comparison_mask(const struct comparison *c, size_t i, struct loaded *loaded)
{
	size_t calls = loaded->samples.calls;

	if (!loaded->ticks || !alone_masks(&c->alone, i))
		return;
	for (size_t r = 0; r < loaded->samples.rounds; r++)
		if (alone_excludes(&c->alone, i, r))
			memset(loaded->ticks + r * calls, 0xff, calls * sizeof(*loaded->ticks));
}
_Static_assert(SAMPLE_MIGRATED == UINT32_MAX, "what memset writes is the mark of a call not kept");

/*
 * Reads the rounds that all configurations have; what is beyond them belongs to an interrupted
 * round.
 */
int comparison_load(const struct comparison *c, size_t i, struct loaded *out, struct error *why)
{
	size_t calls = comparison_config(c, i)->calls, rounds = c->sum->configs[i].rounds;
	size_t wanted = rounds * calls, n;
	char name[168];
	int err;

	worker_page_samples(c->results->page, c->experiment, i, name, sizeof(name));
	err = samples_read(c->env->dir, name, &out->ticks, &n, why);
	if (err)
		return err;
	if (n < wanted) {
		error_say(why, "%s holds %zu readings of %zu", name, n, wanted);
		free(out->ticks);
		out->ticks = NULL;
		return -EINVAL;
	}
	out->samples = (struct config_samples){
		.ticks = out->ticks,
		.rounds = rounds,
		.calls = calls,
		.worker = workers(c),
	};
	return 0;
}

/* Loads the configuration's readings with the rounds marked that its own result leaves out. */
static int load_masked(const struct comparison *c, size_t i, struct loaded *out, struct error *why)
{
	int err = comparison_load(c, i, out, why);

	if (!err)
		comparison_mask(c, i, out);
	return err;
}

/* ---- the experiment, all configurations together ---- */

static struct family *family_of(const struct comparison *c, size_t i)
{
	const struct worker_config *config = comparison_config(c, i);

	for (size_t f = 0; f < c->n_families; f++)
		if (c->families[f].gated == gated(config) &&
		    c->families[f].period == period(config))
			return (struct family *)&c->families[f];
	return NULL;
}

static int open_families(struct comparison *c)
{
	int err = 0;

	for (size_t i = 0; i < c->sum->n_configs && !err; i++) {
		const struct worker_config *config = comparison_config(c, i);
		struct compare_scale scale = comparison_scale(c, i);
		struct family *family = &c->families[c->n_families];

		if (config->kind == CONFIG_TIMER || config->status != RESULT_MEASURED ||
		    family_of(c, i))
			continue;
		if (c->n_families == FAMILIES_MOST)
			return -E2BIG;
		*family = (struct family){.gated = gated(config), .period = period(config)};
		err = effects_open(c->sum->rounds, workers(c), &scale, &family->effects);
		c->n_families += !err;
	}
	return err;
}

static int add_baseline(struct comparison *c, size_t i, struct error *why)
{
	struct loaded loaded;
	int err = load_masked(c, i, &loaded, why);

	if (err)
		return err;
	/*
	 * baselines are added in the same order to each family of their kind, so one id is valid in
	 * all
	 */
	for (size_t f = 0; f < c->n_families && !err; f++)
		if (c->families[f].gated == gated(comparison_config(c, i)))
			err = effects_add_baseline(c->families[f].effects, &loaded.samples,
						   &c->id[i]);
	free(loaded.ticks);
	return err;
}

static int add_config(struct comparison *c, size_t i, struct error *why)
{
	const struct family *family = family_of(c, i);
	struct loaded loaded;
	int err = load_masked(c, i, &loaded, why);

	if (err)
		return err;
	err = effects_add_config(family->effects, &loaded.samples, c->id[comparison_baseline(c, i)],
				 &c->id[i]);
	free(loaded.ticks);
	return err;
}

static bool has_effect(const struct comparison *c, size_t i)
{
	const struct worker_config *config = comparison_config(c, i);

	return config->status == RESULT_MEASURED && config->kind != CONFIG_TIMER &&
	       !comparison_is_baseline(config);
}

static int fit(struct comparison *c, struct error *why)
{
	int err = open_families(c);

	for (size_t i = 0; i < c->sum->n_configs && !err; i++)
		if (comparison_is_baseline(comparison_config(c, i)) &&
		    comparison_config(c, i)->status == RESULT_MEASURED)
			err = add_baseline(c, i, why);
	for (size_t i = 0; i < c->sum->n_configs && !err; i++)
		if (has_effect(c, i))
			err = add_config(c, i, why);
	for (size_t f = 0; f < c->n_families && !err; f++)
		err = effects_fit(c->families[f].effects);
	return err;
}

static void measure_timer_overhead(struct comparison *c, struct error *why)
{
	struct compare_scale scale = comparison_scale(c, COMPARISON_TIMER);
	struct loaded mine;

	/* an experiment that cannot run here has rounds, and no readings */
	if (comparison_config(c, COMPARISON_TIMER)->status != RESULT_MEASURED ||
	    load_masked(c, COMPARISON_TIMER, &mine, why))
		return;
	compare_distribution(&mine.samples, 0, &scale, &c->floor);
	free(mine.ticks);
	if (isfinite(c->floor.typical))
		c->timer_overhead_ticks = c->floor.typical / scale.unit_per_tick;
}

int comparison_open(const struct totals *results, size_t experiment, const struct harness_env *env,
		    struct comparison *out, struct error *why)
{
	const struct experiment_sum *sum = &results->experiments[experiment];
	int err;

	*out = (struct comparison){
		.results = results,
		.env = env,
		.sum = sum,
		.experiment = experiment,
		.id = calloc(sum->n_configs + 1, sizeof(*out->id)),
		.floor = {.typical = NAN},
	};
	if (!out->id)
		return -ENOMEM;
	err = alone_open(results, experiment, env->tsc, &out->alone);
	if (err || !sum->rounds)
		return err;
	measure_timer_overhead(out, why);
	return fit(out, why);
}

void comparison_close(struct comparison *c)
{
	for (size_t f = 0; f < c->n_families; f++)
		effects_close(c->families[f].effects);
	alone_close(&c->alone);
	free(c->id);
	c->id = NULL;
}

/* ---- one configuration ---- */

int comparison_overhead(const struct comparison *c, size_t i, const struct loaded *mine,
			const struct loaded *before, struct record_result *result)
{
	const struct worker_config *config = comparison_config(c, i);
	struct compare_scale scale = comparison_scale(c, i);
	int err;

	if (is_exact(c) && exact_rounds(&mine->samples) && exact_rounds(&before->samples)) {
		exact_overhead(&result->config, &result->baseline, &result->overhead);
		return 0;
	}
	scale.widen = effects_fitted(family_of(c, i)->effects).widen;
	err = compare_overhead(&mine->samples, &before->samples, &scale, &result->overhead);
	if (!err && !is_exact(c))
		err = p99_bounds(&mine->samples, &before->samples, &scale, result);
	if (err)
		return err;
	if (config->kind == CONFIG_PROBE && config->again)
		return effects_difference(family_of(c, i)->effects, c->id[i], c->id[config->own],
					  &result->overhead);
	if (config->kind == CONFIG_PROBE)
		return effects_result(family_of(c, i)->effects, c->id[i], result);
	return effects_overhead(family_of(c, i)->effects, c->id[i], &result->overhead);
}

int comparison_effects(const struct comparison *c, size_t i, const struct loaded *mine,
		       const struct loaded *before, double **out)
{
	struct compare_scale scale = comparison_scale(c, i);
	size_t rounds = mine->samples.rounds;
	double *effect = is_exact(c) ? NULL : calloc(rounds + 1, sizeof(*effect));
	int err = 0;

	*out = effect;
	if (!effect)
		return is_exact(c) ? 0 : -ENOMEM;
	for (size_t r = 0; r < rounds && !err; r++) {
		double config = NAN, baseline = NAN, mean;

		err = compare_block(mine->ticks + r * mine->samples.calls, mine->samples.calls,
				    &scale, &config, &mean);
		if (!err)
			err = compare_block(before->ticks + r * before->samples.calls,
					    before->samples.calls, &scale, &baseline, &mean);
		effect[r] = (config - baseline) * scale.unit_per_tick;
	}
	return err;
}
