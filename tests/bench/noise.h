/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * noise: the noise of successive rounds, with mean 0 and variance 1, for simulations (bench and
 * unit tests).
 */
#ifndef BPFTOLL_TESTS_BENCH_NOISE_H
#define BPFTOLL_TESTS_BENCH_NOISE_H

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum noise_kind {
	NOISE_WHITE,
	NOISE_AR1,	/* lag-1 correlation 0.5 */
	NOISE_MODES,	/* two modes, the slower one in 30 % of rounds and entered for 3 rounds on
			   average, and white noise */
	NOISE_SLOW,	/* the same modes, entered for 30 rounds */
	NOISE_RECORDED, /* values of pool, in runs of 3 on average that keep their order */
};

struct noise {
	enum noise_kind kind;
	gsl_rng *rng;
	double before;
	bool dear;
	const double *pool; /* mean 0, variance 1 */
	size_t n_pool, at;
};

#define NOISE_DEAR	 0.3
#define NOISE_LEAVE	 (1.0 / 3)
#define NOISE_LEAVE_SLOW (1.0 / 30)
#define NOISE_MODE_PART	 0.7 /* share of the variance */

/* leave: probability per round of leaving the slower mode */
static inline double noise_mode(struct noise *noise, double leave)
{
	double sd = sqrt(NOISE_DEAR * (1 - NOISE_DEAR));

	if (!noise->dear)
		leave *= NOISE_DEAR / (1 - NOISE_DEAR);
	if (gsl_rng_uniform(noise->rng) < leave)
		noise->dear = !noise->dear;
	return sqrt(NOISE_MODE_PART) * ((noise->dear ? 1 : 0) - NOISE_DEAR) / sd +
	       gsl_ran_gaussian(noise->rng, sqrt(1 - NOISE_MODE_PART));
}

static inline double noise_recorded(struct noise *noise)
{
	if (gsl_rng_uniform(noise->rng) < 1.0 / 3)
		noise->at = gsl_rng_uniform_int(noise->rng, noise->n_pool);
	noise->at = (noise->at + 1) % noise->n_pool;
	return noise->pool[noise->at];
}

static inline double noise_next(struct noise *noise)
{
	switch (noise->kind) {
	case NOISE_AR1:
		noise->before =
			0.5 * noise->before + gsl_ran_gaussian(noise->rng, sqrt(1 - 0.5 * 0.5));
		return noise->before;
	case NOISE_MODES:
		return noise_mode(noise, NOISE_LEAVE);
	case NOISE_SLOW:
		return noise_mode(noise, NOISE_LEAVE_SLOW);
	case NOISE_RECORDED:
		return noise_recorded(noise);
	default:
		return gsl_ran_ugaussian(noise->rng);
	}
}

/* Starts from the state's long-run distribution. */
static inline void noise_start(struct noise *noise)
{
	noise->before = gsl_ran_ugaussian(noise->rng);
	noise->dear = gsl_rng_uniform(noise->rng) < NOISE_DEAR;
	noise->at = noise->n_pool ? gsl_rng_uniform_int(noise->rng, noise->n_pool) : 0;
}

#endif
