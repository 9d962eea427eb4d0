/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/stats/clusters.h"
#include "reports/stats/autocorrelation.h"
#include "reports/effects/loads.h"
#include "reports/effects/control.h"
#include "reports/effects/effects.h"
#include "reports/stats/stats.h"

int effects_open(size_t rounds, const uint32_t *worker, const struct compare_scale *scale,
		 struct effects **out)
{
	struct effects *pe = calloc(1, sizeof(*pe));
	bool memory;

	*out = pe;
	if (!pe)
		return -ENOMEM;
	pe->rounds = rounds;
	pe->scale = *scale;
	pe->serial = SERIAL_WHITE;
	pe->worker = calloc(rounds + 1, sizeof(*pe->worker));
	memory = pe->worker != NULL;
	if (memory)
		pe->workers = clusters_number(worker, rounds, pe->worker);
	memory &= pe->workers != SIZE_MAX;
	for (size_t f = 0; f < FIGURES; f++) {
		pe->fit[f] = (struct fitted){.beta = 1};
		pe->fit[f].control = calloc(rounds + 1, sizeof(double));
		memory &= pe->fit[f].control != NULL;
	}
	if (memory)
		return 0;
	effects_close(pe);
	*out = NULL;
	return -ENOMEM;
}

static void free_blocks(struct blocks *blocks)
{
	for (size_t i = 0; i < blocks->n; i++) {
		for (size_t f = 0; f < FIGURES; f++)
			free(blocks->all[i].x[f]);
	}
	free(blocks->all);
}

void effects_close(struct effects *pe)
{
	if (!pe)
		return;
	free_blocks(&pe->baselines);
	free_blocks(&pe->configs);
	for (size_t f = 0; f < FIGURES; f++)
		free(pe->fit[f].control);
	free(pe->worker);
	free(pe);
}

/* ---- a block's own noise ---- */

/* Of a squared normal value: its median over its mean. */
#define MEDIAN_OF_SQUARE 0.4549

/*
 * The halves of a block were timed one after the other: the difference of their typicals has four
 * times the variance of the whole's. The median over the rounds, so that a disturbed half does not
 * own it.
 */
static int halves(const struct effects *pe, const struct config_samples *samples, double *out)
{
	double *squares = calloc(pe->rounds + 1, sizeof(*squares));
	size_t half = samples->calls / 2, n = 0;
	int err = squares ? 0 : -ENOMEM;

	for (size_t r = 0; r < samples->rounds && !err; r++) {
		const uint32_t *ticks = samples->ticks + r * samples->calls;
		double first, second, mean;

		err = compare_block(ticks, half, &pe->scale, &first, &mean);
		if (!err)
			err = compare_block(ticks + half, half, &pe->scale, &second, &mean);
		if (!err && !isnan(first) && !isnan(second))
			squares[n++] = (first - second) * (first - second);
	}
	if (!err)
		gsl_sort(squares, 1, n);
	*out = err ? NAN : stats_quantile_sorted(squares, n, 0.5) / MEDIAN_OF_SQUARE / 4;
	free(squares);
	return err;
}

static int add(struct effects *pe, struct blocks *blocks, const struct config_samples *samples,
	       size_t own, size_t *id)
{
	struct block block = {.own = own, .rounds = samples->rounds};
	struct block *more;
	int err = -ENOMEM;

	if (samples->rounds > pe->rounds)
		return -EINVAL;
	more = realloc(blocks->all, (blocks->n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	blocks->all = more;
	block.x[TYPICAL] = calloc(pe->rounds + 1, sizeof(double));
	block.x[MEAN] = calloc(pe->rounds + 1, sizeof(double));
	if (block.x[TYPICAL] && block.x[MEAN])
		err = 0;
	for (size_t r = 0; r < samples->rounds && !err; r++)
		err = compare_block(samples->ticks + r * samples->calls, samples->calls, &pe->scale,
				    &block.x[TYPICAL][r], &block.x[MEAN][r]);
	for (size_t r = samples->rounds; r < pe->rounds && !err; r++)
		block.x[TYPICAL][r] = block.x[MEAN][r] = NAN;
	if (!err)
		err = compare_locked(samples, &pe->scale, &block.locked);
	if (!err)
		err = halves(pe, samples, &block.noise2);
	if (err) {
		free(block.x[TYPICAL]);
		free(block.x[MEAN]);
		return err;
	}
	*id = blocks->n;
	blocks->all[blocks->n++] = block;
	return 0;
}

int effects_add_baseline(struct effects *pe, const struct config_samples *samples, size_t *id)
{
	return add(pe, &pe->baselines, samples, 0, id);
}

int effects_add_config(struct effects *pe, const struct config_samples *samples,
		       size_t own_baseline, size_t *id)
{
	if (own_baseline >= pe->baselines.n)
		return -EINVAL;
	return add(pe, &pe->configs, samples, own_baseline, id);
}

/* ---- how alike neighbours are ---- */

/* The effects of the rounds that have one, with who timed them. minus: subtracted instead of the
 * control, or NULL. */
struct kept {
	double *x;
	uint32_t *worker;
	size_t n;
	double off; /* mean of own baseline minus control: what beta's error is multiplied with */
};

static int kept_alloc(struct kept *kept, size_t rounds)
{
	*kept = (struct kept){.x = calloc(rounds + 1, sizeof(*kept->x)),
			      .worker = calloc(rounds + 1, sizeof(*kept->worker))};
	return kept->x && kept->worker ? 0 : -ENOMEM;
}

static void kept_free(struct kept *kept)
{
	free(kept->x);
	free(kept->worker);
}

static int keep(const struct effects *pe, enum figure f, const struct block *config,
		const struct block *minus, struct kept *out)
{
	double sum = 0;

	out->n = 0;
	for (size_t r = 0; r < pe->rounds; r++) {
		double e =
			minus ? config->x[f][r] - minus->x[f][r] : control_effect(pe, f, config, r);

		if (isnan(e))
			continue;
		if (!minus)
			sum += pe->baselines.all[config->own].x[f][r] - pe->fit[f].control[r];
		out->worker[out->n] = pe->worker[r];
		out->x[out->n++] = e;
	}
	out->off = out->n ? sum / (double)out->n : 0;
	return f == TYPICAL ? clusters_fence(out->x, out->worker, out->n) : 0;
}

/* Means of the processes, in place of the rounds. Returns how many. */
static size_t to_workers(const struct effects *pe, struct kept *kept, double *mean)
{
	size_t n = 0;

	for (size_t w = 0; w < pe->workers; w++) {
		double sum = 0;
		size_t rounds = 0;

		for (size_t i = 0; i < kept->n; i++) {
			sum += kept->worker[i] == w ? kept->x[i] : 0;
			rounds += kept->worker[i] == w;
		}
		if (rounds)
			mean[n++] = sum / (double)rounds;
	}
	return n;
}

/* Of the processes where there are several, else of the rounds. */
static int pool_serial(struct effects *pe)
{
	bool rounds = pe->workers == 1;
	double *mean = calloc(pe->workers + 1, sizeof(*mean));
	struct kept kept;
	struct autocorrelation *lags;
	int err = kept_alloc(&kept, pe->rounds);

	if (autocorrelation_open(rounds ? pe->rounds : pe->workers, &lags) || !mean)
		err = -ENOMEM;
	for (size_t a = 0; a < pe->configs.n && !err; a++) {
		err = keep(pe, TYPICAL, &pe->configs.all[a], NULL, &kept);
		if (!err && rounds)
			err = autocorrelation_add(lags, kept.x, kept.n);
		else if (!err)
			err = autocorrelation_add(lags, mean, to_workers(pe, &kept, mean));
	}
	if (!err)
		pe->serial = autocorrelation_pool(lags);
	autocorrelation_close(lags);
	kept_free(&kept);
	free(mean);
	return err;
}

int effects_fit(struct effects *pe)
{
	int err = 0;

	for (size_t f = 0; f < FIGURES && !err; f++)
		err = control_fit(pe, (enum figure)f);
	return err ? err : pool_serial(pe);
}

/* ---- what is asked of it ---- */

static int interval(const struct effects *pe, enum figure f, const struct block *config,
		    const struct block *minus, bool locked, struct effect *out)
{
	struct kept kept;
	int err = kept_alloc(&kept, pe->rounds);

	if (!err)
		err = keep(pe, f, config, minus, &kept);
	if (!err) {
		double error = kept.off * pe->fit[f].error;

		*out = compare_in_units(
			clusters_mean(kept.x, kept.worker, kept.n, &pe->serial, error * error),
			&pe->scale, f == TYPICAL, locked);
		*out = compare_widened(*out, pe->scale.widen);
	}
	kept_free(&kept);
	return err;
}

static int both(const struct effects *pe, const struct block *config, const struct block *minus,
		bool locked, struct overhead *out)
{
	int err = interval(pe, TYPICAL, config, minus, locked, &out->typical);

	return err ? err : interval(pe, MEAN, config, minus, locked, &out->mean);
}

int effects_overhead(const struct effects *pe, size_t id, struct overhead *out)
{
	const struct block *config = &pe->configs.all[id];

	return both(pe, config, NULL, config->locked && pe->baselines.all[config->own].locked, out);
}

int effects_difference(const struct effects *pe, size_t a, size_t b, struct overhead *out)
{
	const struct block *config = &pe->configs.all[a], *minus = &pe->configs.all[b];

	return both(pe, config, minus, config->locked && minus->locked, out);
}

void effects_rounds(const struct effects *pe, size_t id, double *out)
{
	for (size_t r = 0; r < pe->rounds; r++)
		out[r] = control_effect(pe, TYPICAL, &pe->configs.all[id], r) *
			 pe->scale.unit_per_tick;
}

/*
 * The standard error of one of those that its blocks' own calls explain, from the difference of a
 * block's halves; NAN for blocks too small to have halves.
 */
static double effects_noise(const struct effects *pe, size_t id)
{
	const struct block *config = &pe->configs.all[id];
	double beta = pe->fit[TYPICAL].beta, n = (double)pe->baselines.n, all = 0;

	for (size_t b = 0; b < pe->baselines.n; b++) {
		double weight = (1 - beta) / n + (b == config->own ? beta : 0);

		all += weight * weight * pe->baselines.all[b].noise2;
	}
	return sqrt(config->noise2 + all) * pe->scale.unit_per_tick;
}

/* Those that timed the block: processes are numbered in the order in which they come. */
static size_t processes(const struct effects *pe, const struct block *block)
{
	return block->rounds ? pe->worker[block->rounds - 1] + 1 : 0;
}

int effects_result(const struct effects *pe, size_t id, struct record_result *result)
{
	struct load_mode modes[LOADS_MODES];
	double *effects = calloc(pe->rounds + 1, sizeof(*effects));
	int err = effects ? effects_overhead(pe, id, &result->overhead) : -ENOMEM, n = 0;

	if (!err) {
		effects_rounds(pe, id, effects);
		err = loads_spread(effects, pe->rounds, effects_noise(pe, id), &result->spread);
	}
	if (!err)
		n = loads_modes(effects, pe->rounds, modes);
	free(effects);
	if (err || n < 0)
		return err ? err : n;
	result->workers = (unsigned int)processes(pe, &pe->configs.all[id]);
	free(result->interval_over);
	result->interval_over = strdup(effects_over(pe));
	free(result->modes);
	result->n_modes = 0;
	result->modes = n ? calloc((size_t)n, sizeof(*modes)) : NULL;
	if (!result->interval_over || (n && !result->modes))
		return -ENOMEM;
	for (; result->n_modes < (size_t)n; result->n_modes++)
		result->modes[result->n_modes] = modes[result->n_modes];
	return 0;
}

struct experiment_fit effects_fitted(const struct effects *pe)
{
	const struct fitted *fit = &pe->fit[TYPICAL];

	return (struct experiment_fit){
		.beta = fit->beta,
		.beta_error = fit->error,
		.serial = pe->serial,
		.widen = serial_widen(&pe->serial, pe->workers > 1 ? pe->workers : pe->rounds) *
			 fmax(pe->scale.widen, 1),
		.workers = pe->workers,
	};
}

const char *effects_over(const struct effects *pe)
{
	return pe->workers > 1 ? "worker processes" : "rounds";
}
