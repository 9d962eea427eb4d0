/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/reader_state.h"
#include "kit/comparison.h"
#include "kit/exact.h"
#include "reports/p99_bound.h"
#include "reports/samples.h"

const struct worker_arm *comparison_arm(const struct comparison *c, size_t i)
{
	return worker_page_arm(c->results->page, c->panel, i);
}

static bool gated(const struct worker_arm *arm)
{
	return arm->drain == DRAIN_CAUGHT_UP;
}

static size_t period(const struct worker_arm *arm)
{
	unsigned int every = arm->kind == ARM_PROBE ? reader_state(arm->drain)->every : 1;

	return every > 1 ? every : 1;
}

bool comparison_is_baseline(const struct worker_arm *arm)
{
	return arm->kind == ARM_BARE && !arm->again;
}

static bool is_exact(const struct comparison *c)
{
	return c->results->page->unit == UNIT_INSTRUCTIONS;
}

/* NULL: one process timed all. */
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
		.period = period(comparison_arm(c, i)),
	};
}

size_t comparison_baseline(const struct comparison *c, size_t i)
{
	const struct worker_arm *arm = comparison_arm(c, i);

	return arm->kind == ARM_PROBE && arm->again ? comparison_arm(c, arm->own)->own : arm->own;
}

/* ---- samples --------------------------------------------------------------------------------------- */

static void mask(const struct comparison *c, size_t masked_by, struct loaded *loaded)
{
	size_t calls = loaded->samples.calls;

	if (masked_by == COMPARISON_ALL || !alone_masks(&c->alone, masked_by))
		return;
	for (size_t r = 0; r < c->sum->rounds; r++)
		if (alone_excludes(&c->alone, masked_by, r))
			memset(loaded->ticks + r * calls, 0xff, calls * sizeof(*loaded->ticks));
}
_Static_assert(SAMPLE_MIGRATED == UINT32_MAX, "what memset writes is the mark of a call not kept");

/* The rounds that all arms have; what is beyond them belongs to a round that was stopped. */
int comparison_load(const struct comparison *c, size_t i, size_t masked_by, struct loaded *out,
		    char *why, size_t why_len)
{
	size_t calls = comparison_arm(c, i)->calls, wanted = c->sum->rounds * calls, n;
	char name[168];
	int err;

	worker_page_samples(c->results->page, c->panel, i, name, sizeof(name));
	err = samples_read(c->env->dir, name, &out->ticks, &n, why, why_len);
	if (err)
		return err;
	if (n < wanted) {
		snprintf(why, why_len, "%s holds %zu readings of %zu", name, n, wanted);
		free(out->ticks);
		out->ticks = NULL;
		return -EINVAL;
	}
	out->samples = (struct arm_samples){
		.ticks = out->ticks,
		.rounds = c->sum->rounds,
		.calls = calls,
		.worker = workers(c),
	};
	mask(c, masked_by, out);
	return 0;
}

/* ---- the panel, all arms together ---------------------------------------------------------------------- */

static struct family *family_of(const struct comparison *c, size_t i)
{
	const struct worker_arm *arm = comparison_arm(c, i);

	for (size_t f = 0; f < c->n_families; f++)
		if (c->families[f].gated == gated(arm) && c->families[f].period == period(arm))
			return (struct family *)&c->families[f];
	return NULL;
}

static int open_families(struct comparison *c)
{
	int err = 0;

	for (size_t i = 0; i < c->sum->n_arms && !err; i++) {
		const struct worker_arm *arm = comparison_arm(c, i);
		struct compare_scale scale = comparison_scale(c, i);
		struct family *family = &c->families[c->n_families];

		if (arm->kind == ARM_FLOOR || arm->status != CELL_MEASURED || family_of(c, i))
			continue;
		if (c->n_families == FAMILIES_MOST)
			return -E2BIG;
		*family = (struct family){.gated = gated(arm), .period = period(arm)};
		err = panel_effects_open(c->sum->rounds, workers(c), &scale, &family->effects);
		c->n_families += !err;
	}
	return err;
}

static int add_baseline(struct comparison *c, size_t i, char *why, size_t why_len)
{
	struct loaded loaded;
	int err = comparison_load(c, i, i, &loaded, why, why_len);

	if (err)
		return err;
	/* baselines are added in the same order to each family of their kind: one id serves all */
	for (size_t f = 0; f < c->n_families && !err; f++)
		if (c->families[f].gated == gated(comparison_arm(c, i)))
			err = panel_effects_add_baseline(c->families[f].effects, &loaded.samples,
							 &c->id[i]);
	free(loaded.ticks);
	return err;
}

static int add_arm(struct comparison *c, size_t i, char *why, size_t why_len)
{
	const struct family *family = family_of(c, i);
	struct loaded loaded;
	int err = comparison_load(c, i, i, &loaded, why, why_len);

	if (err)
		return err;
	err = panel_effects_add_arm(family->effects, &loaded.samples,
				    c->id[comparison_baseline(c, i)], &c->id[i]);
	free(loaded.ticks);
	return err;
}

static bool has_effect(const struct comparison *c, size_t i)
{
	const struct worker_arm *arm = comparison_arm(c, i);

	return arm->status == CELL_MEASURED && arm->kind != ARM_FLOOR &&
	       !comparison_is_baseline(arm);
}

static int fit(struct comparison *c, char *why, size_t why_len)
{
	int err = open_families(c);

	for (size_t i = 0; i < c->sum->n_arms && !err; i++)
		if (comparison_is_baseline(comparison_arm(c, i)) &&
		    comparison_arm(c, i)->status == CELL_MEASURED)
			err = add_baseline(c, i, why, why_len);
	for (size_t i = 0; i < c->sum->n_arms && !err; i++)
		if (has_effect(c, i))
			err = add_arm(c, i, why, why_len);
	for (size_t f = 0; f < c->n_families && !err; f++)
		err = panel_effects_fit(c->families[f].effects);
	return err;
}

static void measure_floor(struct comparison *c, char *why, size_t why_len)
{
	struct compare_scale scale = comparison_scale(c, COMPARISON_FLOOR);
	struct loaded mine;

	if (comparison_load(c, COMPARISON_FLOOR, COMPARISON_FLOOR, &mine, why, why_len))
		return;
	compare_distribution(&mine.samples, 0, &scale, &c->floor);
	free(mine.ticks);
	if (isfinite(c->floor.typical))
		c->floor_ticks = c->floor.typical / scale.unit_per_tick;
}

int comparison_open(const struct results *results, size_t panel, const struct harness_env *env,
		    struct comparison *out, char *why, size_t why_len)
{
	const struct panel_sum *sum = &results->panels[panel];
	int err;

	*out = (struct comparison){
		.results = results,
		.env = env,
		.sum = sum,
		.panel = panel,
		.id = calloc(sum->n_arms + 1, sizeof(*out->id)),
		.floor = {.typical = NAN},
	};
	if (!out->id)
		return -ENOMEM;
	err = alone_open(results, panel, env->tsc, &out->alone);
	if (err || !sum->rounds)
		return err;
	measure_floor(out, why, why_len);
	return fit(out, why, why_len);
}

void comparison_close(struct comparison *c)
{
	for (size_t f = 0; f < c->n_families; f++)
		panel_effects_close(c->families[f].effects);
	alone_close(&c->alone);
	free(c->id);
	c->id = NULL;
}

/* ---- one arm -------------------------------------------------------------------------------------------- */

int comparison_overhead(const struct comparison *c, size_t i, const struct loaded *mine,
			const struct loaded *before, struct record_cell *cell)
{
	const struct worker_arm *arm = comparison_arm(c, i);
	struct compare_scale scale = comparison_scale(c, i);
	int err;

	if (is_exact(c) && exact_rounds(&mine->samples) && exact_rounds(&before->samples)) {
		exact_overhead(&cell->arm, &cell->baseline, &cell->overhead);
		return 0;
	}
	scale.widen = panel_effects_fitted(family_of(c, i)->effects).widen;
	err = compare_overhead(&mine->samples, &before->samples, &scale, &cell->overhead);
	if (!err && !is_exact(c))
		err = p99_bounds(&mine->samples, &before->samples, &scale, cell);
	if (err)
		return err;
	if (arm->kind == ARM_PROBE && arm->again)
		return panel_effects_difference(family_of(c, i)->effects, c->id[i], c->id[arm->own],
						&cell->overhead);
	if (arm->kind == ARM_PROBE)
		return panel_effects_cell(family_of(c, i)->effects, c->id[i], cell);
	return panel_effects_overhead(family_of(c, i)->effects, c->id[i], &cell->overhead);
}

/* The arm's effect over its own baseline in every round, beside a neighbour or not. */
static int all_effects(const struct comparison *c, size_t i, double *effect)
{
	struct compare_scale scale = comparison_scale(c, i);
	struct loaded mine = {0}, before = {0};
	char why[256];
	int err = comparison_load(c, i, COMPARISON_ALL, &mine, why, sizeof(why));

	if (!err)
		err = comparison_load(c, comparison_arm(c, i)->own, COMPARISON_ALL, &before, why,
				      sizeof(why));
	for (size_t r = 0; r < c->sum->rounds && !err; r++) {
		double arm = NAN, baseline = NAN, mean;

		err = compare_block(mine.ticks + r * mine.samples.calls, mine.samples.calls, &scale,
				    &arm, &mean);
		if (!err)
			err = compare_block(before.ticks + r * before.samples.calls,
					    before.samples.calls, &scale, &baseline, &mean);
		effect[r] = (arm - baseline) * scale.unit_per_tick;
	}
	free(mine.ticks);
	free(before.ticks);
	return err;
}

int comparison_neighbour(const struct comparison *c, size_t i, struct record_cell *cell)
{
	double *effect;
	int err;

	if (is_exact(c))
		return 0;
	effect = calloc(c->sum->rounds + 1, sizeof(*effect));
	if (!effect)
		return -ENOMEM;
	err = all_effects(c, i, effect);
	err = err ? err : alone_store(&c->alone, i, effect, cell);
	free(effect);
	return err;
}
