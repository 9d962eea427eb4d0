/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/clusters.h"
#include "reports/lags.h"
#include "reports/panel_effects.h"
#include "reports/stats.h"

#define TURNS 4 /* of the arms' weights and the slope: settled to the third digit */

enum figure { TYPICAL, MEAN, FIGURES };

struct block {
	double *x[FIGURES]; /* of each round, in ticks; NAN: missing */
	size_t own;	    /* of an arm */
	bool locked;	    /* a clock's step is all that it shows */
};

struct blocks {
	struct block *all;
	size_t n;
};

struct fitted {
	double beta, error;
	double *control; /* mean of the round's baselines */
};

struct panel_effects {
	size_t rounds, workers;
	uint32_t *worker; /* of each round, numbered from 0 */
	struct compare_scale scale;
	struct blocks baselines, arms;
	struct fitted fit[FIGURES];
	struct serial serial; /* of the rounds, or of the processes */
};

int panel_effects_open(size_t rounds, const uint32_t *worker, const struct compare_scale *scale,
		       struct panel_effects **out)
{
	struct panel_effects *pe = calloc(1, sizeof(*pe));
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
	panel_effects_close(pe);
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

void panel_effects_close(struct panel_effects *pe)
{
	if (!pe)
		return;
	free_blocks(&pe->baselines);
	free_blocks(&pe->arms);
	for (size_t f = 0; f < FIGURES; f++)
		free(pe->fit[f].control);
	free(pe->worker);
	free(pe);
}

static int add(struct panel_effects *pe, struct blocks *blocks, const struct arm_samples *samples,
	       size_t own, size_t *id)
{
	struct block block = {.own = own};
	struct block *more;
	int err = -ENOMEM;

	if (samples->rounds != pe->rounds)
		return -EINVAL;
	more = realloc(blocks->all, (blocks->n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	blocks->all = more;
	block.x[TYPICAL] = calloc(pe->rounds + 1, sizeof(double));
	block.x[MEAN] = calloc(pe->rounds + 1, sizeof(double));
	if (block.x[TYPICAL] && block.x[MEAN])
		err = 0;
	for (size_t r = 0; r < pe->rounds && !err; r++)
		err = compare_block(samples->ticks + r * samples->calls, samples->calls, &pe->scale,
				    &block.x[TYPICAL][r], &block.x[MEAN][r]);
	if (!err)
		err = compare_locked(samples, &pe->scale, &block.locked);
	if (err) {
		free(block.x[TYPICAL]);
		free(block.x[MEAN]);
		return err;
	}
	*id = blocks->n;
	blocks->all[blocks->n++] = block;
	return 0;
}

int panel_effects_add_baseline(struct panel_effects *pe, const struct arm_samples *samples,
			       size_t *id)
{
	return add(pe, &pe->baselines, samples, 0, id);
}

int panel_effects_add_arm(struct panel_effects *pe, const struct arm_samples *samples,
			  size_t own_baseline, size_t *id)
{
	if (own_baseline >= pe->baselines.n)
		return -EINVAL;
	return add(pe, &pe->arms, samples, own_baseline, id);
}

/* ---- the shared control --------------------------------------------------------------------- */

static void mean_of_baselines(struct panel_effects *pe, enum figure f)
{
	for (size_t r = 0; r < pe->rounds; r++) {
		double sum = 0;
		size_t n = 0;

		for (size_t b = 0; b < pe->baselines.n; b++) {
			double x = pe->baselines.all[b].x[f][r];

			if (isnan(x))
				continue;
			sum += x;
			n++;
		}
		pe->fit[f].control[r] = n ? sum / (double)n : NAN;
	}
}

/* An arm over the control, and its own baseline over it, in each round that has all; about their means. */
struct pairs {
	double *y, *z;
	size_t *round;
	size_t n;
};

static void centre(double *x, size_t n)
{
	double mean = stats_mean(x, n);

	for (size_t i = 0; i < n; i++)
		x[i] -= mean;
}

static void pair(const struct panel_effects *pe, enum figure f, const struct block *arm,
		 struct pairs *out)
{
	const struct block *own = &pe->baselines.all[arm->own];

	out->n = 0;
	for (size_t r = 0; r < pe->rounds; r++) {
		double y = arm->x[f][r] - pe->fit[f].control[r];
		double z = own->x[f][r] - pe->fit[f].control[r];

		if (isnan(y) || isnan(z))
			continue;
		out->y[out->n] = y;
		out->z[out->n] = z;
		out->round[out->n++] = r;
	}
	centre(out->y, out->n);
	centre(out->z, out->n);
}

static double residual_variance(const struct pairs *p, double beta)
{
	double sum = 0;

	for (size_t i = 0; i < p->n; i++)
		sum += (p->y[i] - beta * p->z[i]) * (p->y[i] - beta * p->z[i]);
	return sum / (double)p->n;
}

/* Sums over the arms, each weighted by its scatter about the line of slope beta. score: of each round (one process) or process. */
struct normal {
	double yz, zz, *score;
};

static void add_to_normal(const struct panel_effects *pe, const struct pairs *p, double beta,
			  struct normal *sums)
{
	double variance = p->n > 2 ? residual_variance(p, beta) : 0;

	if (!(variance > 0))
		return;
	for (size_t i = 0; i < p->n; i++) {
		size_t at = pe->workers > 1 ? pe->worker[p->round[i]] : p->round[i];

		sums->yz += p->y[i] * p->z[i] / variance;
		sums->zz += p->z[i] * p->z[i] / variance;
		sums->score[at] += (p->y[i] - beta * p->z[i]) * p->z[i] / variance;
	}
}

static int pairs_alloc(struct pairs *p, size_t rounds)
{
	p->y = calloc(rounds + 1, sizeof(*p->y));
	p->z = calloc(rounds + 1, sizeof(*p->z));
	p->round = calloc(rounds + 1, sizeof(*p->round));
	return p->y && p->z && p->round ? 0 : -ENOMEM;
}

static void pairs_free(struct pairs *p)
{
	free(p->y);
	free(p->z);
	free(p->round);
}

/* Least squares, the weights of the arms and the slope in turn; the error from the scores' scatter (Liang & Zeger 1986). */
static int fit_beta(struct panel_effects *pe, enum figure f, struct pairs *p)
{
	struct fitted *fit = &pe->fit[f];
	struct normal sums = {0};
	double score2 = 0;

	fit->beta = 0.5;
	sums.score = calloc(pe->rounds + 1, sizeof(*sums.score));
	if (!sums.score)
		return -ENOMEM;
	for (size_t turn = 0; turn < TURNS; turn++) {
		sums.yz = sums.zz = 0;
		memset(sums.score, 0, (pe->rounds + 1) * sizeof(*sums.score));
		for (size_t a = 0; a < pe->arms.n; a++) {
			pair(pe, f, &pe->arms.all[a], p);
			add_to_normal(pe, p, fit->beta, &sums);
		}
		if (!(sums.zz > 0))
			break;
		if (turn + 1 < TURNS)
			fit->beta = fmin(fmax(sums.yz / sums.zz, 0), 1);
	}
	for (size_t r = 0; r < pe->rounds; r++)
		score2 += sums.score[r] * sums.score[r];
	/* one baseline a round: it is its own mean */
	if (sums.zz > 0)
		fit->error = sqrt(score2) / sums.zz;
	else
		fit->beta = 1;
	free(sums.score);
	return 0;
}

/* ---- effects -------------------------------------------------------------------------------- */

static double effect_in(const struct panel_effects *pe, enum figure f, const struct block *arm,
			size_t round)
{
	const struct fitted *fit = &pe->fit[f];

	return arm->x[f][round] - fit->control[round] -
	       fit->beta * (pe->baselines.all[arm->own].x[f][round] - fit->control[round]);
}

/* ---- how alike neighbours are ----------------------------------------------------------------- */

/* The effects of the rounds that have one, with who timed them. minus: subtracted instead of the control, or NULL. */
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

static int keep(const struct panel_effects *pe, enum figure f, const struct block *arm,
		const struct block *minus, struct kept *out)
{
	double sum = 0;

	out->n = 0;
	for (size_t r = 0; r < pe->rounds; r++) {
		double e = minus ? arm->x[f][r] - minus->x[f][r] : effect_in(pe, f, arm, r);

		if (isnan(e))
			continue;
		if (!minus)
			sum += pe->baselines.all[arm->own].x[f][r] - pe->fit[f].control[r];
		out->worker[out->n] = pe->worker[r];
		out->x[out->n++] = e;
	}
	out->off = out->n ? sum / (double)out->n : 0;
	return f == TYPICAL ? clusters_fence(out->x, out->worker, out->n) : 0;
}

/* Means of the processes, in place of the rounds. Returns how many. */
static size_t to_workers(const struct panel_effects *pe, struct kept *kept, double *mean)
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
static int pool_serial(struct panel_effects *pe)
{
	bool rounds = pe->workers == 1;
	double *mean = calloc(pe->workers + 1, sizeof(*mean));
	struct kept kept;
	struct lags *lags;
	int err = kept_alloc(&kept, pe->rounds);

	if (lags_open(rounds ? pe->rounds : pe->workers, &lags) || !mean)
		err = -ENOMEM;
	for (size_t a = 0; a < pe->arms.n && !err; a++) {
		err = keep(pe, TYPICAL, &pe->arms.all[a], NULL, &kept);
		if (!err && rounds)
			err = lags_add(lags, kept.x, kept.n);
		else if (!err)
			err = lags_add(lags, mean, to_workers(pe, &kept, mean));
	}
	if (!err)
		pe->serial = lags_pool(lags);
	lags_close(lags);
	kept_free(&kept);
	free(mean);
	return err;
}

int panel_effects_fit(struct panel_effects *pe)
{
	struct pairs p = {0};
	int err = pairs_alloc(&p, pe->rounds);

	for (size_t f = 0; f < FIGURES && !err; f++) {
		mean_of_baselines(pe, (enum figure)f);
		err = fit_beta(pe, (enum figure)f, &p);
	}
	pairs_free(&p);
	return err ? err : pool_serial(pe);
}

/* ---- what is asked of it -------------------------------------------------------------------- */

static int interval(const struct panel_effects *pe, enum figure f, const struct block *arm,
		    const struct block *minus, bool locked, struct effect *out)
{
	struct kept kept;
	int err = kept_alloc(&kept, pe->rounds);

	if (!err)
		err = keep(pe, f, arm, minus, &kept);
	if (!err) {
		double error = kept.off * pe->fit[f].error;

		*out = compare_in_units(
			clusters_mean(kept.x, kept.worker, kept.n, &pe->serial, error * error),
			&pe->scale, f == TYPICAL, locked);
	}
	kept_free(&kept);
	return err;
}

static int both(const struct panel_effects *pe, const struct block *arm, const struct block *minus,
		bool locked, struct overhead *out)
{
	int err = interval(pe, TYPICAL, arm, minus, locked, &out->typical);

	return err ? err : interval(pe, MEAN, arm, minus, locked, &out->mean);
}

int panel_effects_overhead(const struct panel_effects *pe, size_t id, struct overhead *out)
{
	const struct block *arm = &pe->arms.all[id];

	return both(pe, arm, NULL, arm->locked && pe->baselines.all[arm->own].locked, out);
}

int panel_effects_difference(const struct panel_effects *pe, size_t a, size_t b,
			     struct overhead *out)
{
	const struct block *arm = &pe->arms.all[a], *minus = &pe->arms.all[b];

	return both(pe, arm, minus, arm->locked && minus->locked, out);
}

void panel_effects_rounds(const struct panel_effects *pe, size_t id, double *out)
{
	for (size_t r = 0; r < pe->rounds; r++)
		out[r] = effect_in(pe, TYPICAL, &pe->arms.all[id], r) * pe->scale.unit_per_tick;
}

struct panel_fit panel_effects_fitted(const struct panel_effects *pe)
{
	const struct fitted *fit = &pe->fit[TYPICAL];

	return (struct panel_fit){
		.beta = fit->beta,
		.beta_error = fit->error,
		.serial = pe->serial,
		.widen = serial_widen(&pe->serial, pe->workers > 1 ? pe->workers : pe->rounds),
		.workers = pe->workers,
	};
}

const char *panel_effects_over(const struct panel_effects *pe)
{
	return pe->workers > 1 ? "worker processes" : "rounds";
}
