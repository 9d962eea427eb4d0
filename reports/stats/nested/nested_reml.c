/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Restricted maximum likelihood of two nested random effects (Patterson & Thompson 1971), the
 * residual's variance profiled out as in lme4 (Bates et al. 2015). A boot's runs have one common
 * covariance, a machine's boots too, so the likelihood is a sum over boots and machines and no
 * matrix is ever built.
 */
#include <errno.h>
#include <gsl/gsl_multimin.h>
#include <math.h>

#include "reports/stats/nested/nested_tree.h"

#define ROUNDING     1e-24 /* squares below this share of the largest figure's: left of doubles */
#define STEPS_MOST   5000
#define SIMPLEX_SIZE 1e-9

enum { RATIO_MACHINE, RATIO_BOOT, RATIOS };

struct likelihood {
	const struct nested *runs;
	bool vary[RATIOS];     /* which ratios are to be found; the others are zero */
	bool means;	       /* each boot counts as one figure, its mean */
	double scale;	       /* sums of squares are in units of its square */
	double mean, residual; /* as of the last evaluation */
};

/* One machine: what it adds to the determinant and to the squares; its weight and its mean. */
static double machine_part(const struct likelihood *l, const struct nested_machine *m,
			   const double *ratio, double *weight, double *mean, double *squares)
{
	double log_det = 0, sum = 0, at = 0, scale = l->scale;

	for (size_t j = 0; j < m->boots; j++) {
		double runs = l->means ? 1 : (double)m->boot[j].runs;
		double w = 1 / (ratio[RATIO_BOOT] + 1 / runs);

		log_det += log1p(runs * ratio[RATIO_BOOT]);
		sum += w;
		at += w * (m->boot[j].mean - l->runs->mean) / scale;
	}
	*mean = at / sum;
	for (size_t j = 0; j < m->boots; j++) {
		double runs = l->means ? 1 : (double)m->boot[j].runs;
		double off = (m->boot[j].mean - l->runs->mean) / scale - *mean;

		*squares += off * off / (ratio[RATIO_BOOT] + 1 / runs);
		*squares += l->means ? 0 : m->boot[j].squares / scale / scale;
	}
	*weight = 1 / (ratio[RATIO_MACHINE] + 1 / sum);
	return log_det + log1p(ratio[RATIO_MACHINE] * sum);
}

/* -2 log of the restricted likelihood at the ratios of standard deviations (their sign is of no
 * matter, so there is no edge to keep away from). */
static double criterion(const gsl_vector *at, void *of)
{
	struct likelihood *l = of;
	const struct nested *t = l->runs;
	double ratio[RATIOS] = {0, 0}, log_det = 0, squares = 0, sum = 0, centre = 0, square = 0;
	double left = (double)(l->means ? t->n_boots : t->n_runs) - 1;

	for (size_t i = 0, k = 0; i < RATIOS; i++) {
		if (l->vary[i]) {
			ratio[i] = gsl_vector_get(at, k) * gsl_vector_get(at, k);
			k++;
		}
	}
	for (size_t i = 0; i < t->n_machines; i++) {
		double weight, mean;

		log_det += machine_part(l, t->machines + i, ratio, &weight, &mean, &squares);
		sum += weight;
		centre += weight * mean;
		square += weight * mean * mean;
	}
	centre /= sum;
	squares += square - centre * centre * sum;
	l->mean = centre * l->scale + t->mean;
	l->residual = squares / left * l->scale * l->scale;
	return log_det + log(sum) + left * (1 + log(2 * M_PI * squares / left) + 2 * log(l->scale));
}

/* From one start to the nearest minimum. NAN: it did not settle. */
static double descend(struct likelihood *l, gsl_vector *at, double start)
{
	gsl_multimin_function f = {criterion, at->size, l};
	gsl_vector *step = gsl_vector_alloc(at->size);
	gsl_multimin_fminimizer *min =
		gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, at->size);
	double found = NAN;

	if (step && min) {
		gsl_vector_set_all(at, start);
		gsl_vector_set_all(step, start / 2);
		gsl_multimin_fminimizer_set(min, &f, at, step);
		for (int i = 0; i < STEPS_MOST && !gsl_multimin_fminimizer_iterate(min); i++) {
			if (gsl_multimin_fminimizer_size(min) < SIMPLEX_SIZE)
				break;
		}
		gsl_vector_memcpy(at, min->x);
		found = criterion(at, l);
	}
	if (min)
		gsl_multimin_fminimizer_free(min);
	if (step)
		gsl_vector_free(step);
	return found;
}

/* The best minimum of several starts: the restricted likelihood can have two. */
static int minimise(struct likelihood *l, double *ratio, double *out)
{
	static const double starts[] = {0.3, 1, 5, 50};
	size_t free_ratios = (size_t)l->vary[0] + l->vary[1];
	gsl_vector *at = free_ratios ? gsl_vector_calloc(free_ratios) : NULL;
	double best = INFINITY;

	if (!free_ratios) {
		*out = criterion(NULL, l);
		return isfinite(*out) ? 0 : -ERANGE;
	}
	for (size_t i = 0; at && i < sizeof(starts) / sizeof(*starts); i++) {
		double found = descend(l, at, starts[i]);

		if (!(found < best))
			continue;
		best = found;
		for (size_t r = 0, k = 0; r < RATIOS; r++) {
			ratio[r] = l->vary[r] ? pow(gsl_vector_get(at, k), 2) : 0;
			k += l->vary[r];
		}
	}
	if (at && isfinite(best)) { /* mean and residual once more, of the best */
		for (size_t r = 0, k = 0; r < RATIOS; r++)
			if (l->vary[r])
				gsl_vector_set(at, k++, sqrt(ratio[r]));
		*out = criterion(at, l);
	}
	if (at)
		gsl_vector_free(at);
	return isfinite(best) ? 0 : -ERANGE;
}

static double largest(const struct nested *t)
{
	double most = 0;

	for (size_t i = 0; i < t->n_boots; i++)
		most = fmax(most, fabs(t->boots[i].mean));
	return most;
}

/* Of what is left at the lowest level that there is, the part that a run's own rounds explain. */
static void split_rounds(const struct nested *t, struct nested_components *out)
{
	double *lowest = out->variance + nested_lowest(t);

	if (isnan(t->round))
		return;
	out->variance[NESTED_ROUND] = fmin(t->round, *lowest);
	*lowest -= out->variance[NESTED_ROUND];
}

int nested_reml(const struct nested *t, struct nested_components *out)
{
	const struct nested_squares *s = &t->squares;
	double least = ROUNDING * largest(t) * largest(t), ratio[RATIOS] = {0, 0};
	bool runs = s->run_df > 0 && s->run > least, boots = s->boot_df > 0 && s->boot > least;
	struct likelihood l = {.runs = t, .means = !runs, .scale = 1};
	int err;

	*out = (struct nested_components){.mean = t->mean, .criterion = NAN};
	if (!runs && !boots) { /* boots and runs agree to the last digit, or there is one of each */
		out->variance[NESTED_MACHINE] = s->machine;
		split_rounds(t, out);
		return 0;
	}
	l.vary[RATIO_MACHINE] = s->machine_df > 0;
	l.vary[RATIO_BOOT] = runs && s->boot_df > 0;
	l.scale = sqrt(runs ? s->run : s->boot);
	err = minimise(&l, ratio, &out->criterion);
	if (err)
		return err;
	out->mean = l.mean;
	out->variance[NESTED_MACHINE] = ratio[RATIO_MACHINE] * l.residual;
	out->variance[NESTED_BOOT] = runs ? ratio[RATIO_BOOT] * l.residual : l.residual;
	out->variance[NESTED_RUN] = runs ? l.residual : 0;
	split_rounds(t, out);
	return 0;
}
