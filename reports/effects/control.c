/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/effects/control.h"
#include "reports/stats/stats.h"

#define TURNS 4 /* of the configurations' weights and the slope: settled to the third digit */

static void mean_of_baselines(struct effects *pe, enum figure f)
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

/* A configuration over the control, and its own baseline over it, in each round that has all; about
 * their means. */
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

static void pair(const struct effects *pe, enum figure f, const struct block *config,
		 struct pairs *out)
{
	const struct block *own = &pe->baselines.all[config->own];

	out->n = 0;
	for (size_t r = 0; r < pe->rounds; r++) {
		double y = config->x[f][r] - pe->fit[f].control[r];
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

/* Sums over the configurations, each weighted by its scatter about the line of slope beta. score:
 * of each round (one process) or process. */
struct normal {
	double yz, zz, *score;
};

static void add_to_normal(const struct effects *pe, const struct pairs *p, double beta,
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

/* Least squares, the weights of the configurations and the slope in turn; the error from the
 * scores' scatter (Liang & Zeger 1986). */
static int fit_beta(struct effects *pe, enum figure f, struct pairs *p)
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
		for (size_t a = 0; a < pe->configs.n; a++) {
			pair(pe, f, &pe->configs.all[a], p);
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

int control_fit(struct effects *pe, enum figure f)
{
	struct pairs p = {0};
	int err = pairs_alloc(&p, pe->rounds);

	mean_of_baselines(pe, f);
	if (!err)
		err = fit_beta(pe, f, &p);
	pairs_free(&p);
	return err;
}

double control_effect(const struct effects *pe, enum figure f, const struct block *config,
		      size_t round)
{
	const struct fitted *fit = &pe->fit[f];

	return config->x[f][round] - fit->control[round] -
	       fit->beta * (pe->baselines.all[config->own].x[f][round] - fit->control[round]);
}
