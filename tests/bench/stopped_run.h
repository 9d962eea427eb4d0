/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stopped_run: made-up runs that end when their intervals are narrow enough
 * (reports/stats/sequential/stopping.h), evaluated by reports/effects. For the bench and its unit
 * test.
 *
 * A run has rows whose scatter differs, each with a baseline. A worker process adds a level of its
 * own to each row and makes PRECISION_ROUNDS rounds of it. At each look rows that are there rest;
 * the run ends when all are, or after `most` processes.
 */
#ifndef BPFTOLL_TESTS_BENCH_STOPPED_RUN_H
#define BPFTOLL_TESTS_BENCH_STOPPED_RUN_H

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>

#include "reports/effects/effects.h"
#include "reports/stats/sequential/stopping.h"

#define PRECISION_ROWS	    8
#define PRECISION_ROUNDS    3
#define PRECISION_PROCESSES 150
#define PRECISION_TICKS	    1e3 /* per unit of noise */
#define PRECISION_TRUTH	    50.0

/* Distributions with mean 0 and variance 1. */
enum precision_shape {
	SHAPE_NORMAL,
	SHAPE_LOGNORMAL, /* sigma 0.5: skewness 1.75 */
	SHAPE_EXPONENTIAL,
	SHAPE_T3,    /* Student's, 3 degrees of freedom */
	SHAPE_MODES, /* two levels, the dearer in 30 %, and some white noise */
	SHAPE_POOL,  /* drawn from `pool` */
};

struct precision_pool {
	double *x; /* mean 0, variance 1 */
	size_t n;
};

struct precision_kind {
	const char *name;
	enum precision_shape level, round; /* of processes, and of rounds within one */
	double level_sd;		   /* of rounds: 1 */
	size_t rows;
	const struct precision_pool *levels, *rounds;
	double truth; /* what the estimate is of; 0: PRECISION_TRUTH */
};

struct precision_run {
	gsl_rng *rng;
	const struct precision_kind *kind;
	struct precision precision; /* value 0: no look before the end */
	size_t most;		    /* processes */
	/* out */
	struct stopping_row rows[PRECISION_ROWS];
	size_t visited[PRECISION_ROWS]; /* processes that timed each row */
	size_t processes;
};

static inline double precision_draw(gsl_rng *rng, enum precision_shape shape,
				    const struct precision_pool *pool)
{
	switch (shape) {
	case SHAPE_LOGNORMAL:
		return (gsl_ran_lognormal(rng, 0, 0.5) - exp(0.125)) /
		       sqrt((exp(0.25) - 1) * exp(0.25));
	case SHAPE_EXPONENTIAL:
		return gsl_ran_exponential(rng, 1) - 1;
	case SHAPE_T3:
		return gsl_ran_tdist(rng, 3) / sqrt(3);
	case SHAPE_MODES:
		return 0.9 * ((gsl_rng_uniform(rng) < 0.3) - 0.3) / sqrt(0.21) +
		       gsl_ran_gaussian(rng, sqrt(1 - 0.81));
	case SHAPE_POOL:
		return pool->x[gsl_rng_uniform_int(rng, pool->n)];
	default:
		return gsl_ran_ugaussian(rng);
	}
}

/* The scatter of a row relative to the first's. */
static inline double precision_scale(size_t row)
{
	return 1 + 0.1 * (double)row;
}

struct precision_readings {
	uint32_t config[PRECISION_ROWS][PRECISION_PROCESSES * PRECISION_ROUNDS];
	uint32_t base[PRECISION_ROWS][PRECISION_PROCESSES * PRECISION_ROUNDS];
	uint32_t worker[PRECISION_PROCESSES * PRECISION_ROUNDS];
};

static inline void precision_process(struct precision_run *run, struct precision_readings *to)
{
	const struct precision_kind *kind = run->kind;
	double level[PRECISION_ROWS];

	for (size_t a = 0; a < kind->rows; a++) {
		level[a] = kind->level_sd * precision_draw(run->rng, kind->level, kind->levels);
		run->visited[a] += !run->rows[a].rests;
	}
	for (size_t i = 0; i < PRECISION_ROUNDS; i++) {
		size_t r = run->processes * PRECISION_ROUNDS + i;
		double state = 1000 + 2 * gsl_ran_ugaussian(run->rng);

		to->worker[r] = (uint32_t)run->processes;
		for (size_t a = 0; a < kind->rows; a++) {
			double noise = precision_draw(run->rng, kind->round, kind->rounds);
			double own = 0.5 * gsl_ran_ugaussian(run->rng);

			to->base[a][r] = (uint32_t)((state + own) * PRECISION_TICKS);
			to->config[a][r] = (uint32_t)((state + PRECISION_TRUTH +
						       precision_scale(a) * (level[a] + noise)) *
						      PRECISION_TICKS);
		}
	}
	run->processes++;
}

/* The intervals of what there is. 0 or -errno. */
static inline int precision_evaluate(struct precision_run *run, const struct precision_readings *of)
{
	const struct compare_scale scale = {
		.unit_per_tick = 1 / PRECISION_TICKS,
		.quantum = 1,
		.widen = run->precision.value > 0 ? STOPPING_WIDEN : 0,
	};
	size_t rounds = run->processes * PRECISION_ROUNDS, id;
	struct effects *pe;
	struct overhead o;
	int err = effects_open(rounds, of->worker, &scale, &pe);

	for (size_t a = 0; a < run->kind->rows && !err; a++)
		err = effects_add_baseline(
			pe,
			&(struct config_samples){
				/* the first one is the null test's, and never rests */
				of->base[a], a ? run->visited[a] * PRECISION_ROUNDS : rounds, 1,
				NULL},
			&id);
	for (size_t a = 0; a < run->kind->rows && !err; a++)
		err = effects_add_config(
			pe,
			&(struct config_samples){of->config[a], run->visited[a] * PRECISION_ROUNDS,
						 1, NULL},
			a, &id);
	if (!err)
		err = effects_fit(pe);
	for (size_t a = 0; a < run->kind->rows && !err; a++) {
		err = effects_overhead(pe, a, &o);
		run->rows[a].effect = o.typical;
	}
	effects_close(pe);
	return err;
}

/* One run. 0 or -errno. */
static inline int precision_run(struct precision_run *run)
{
	static struct precision_readings readings;
	bool looks = run->precision.value > 0, more = true;
	size_t next = looks ? stopping_next(0) : run->most;
	int err = 0;

	memset(run->rows, 0, sizeof(run->rows));
	memset(run->visited, 0, sizeof(run->visited));
	run->processes = 0;
	while (more && run->processes < run->most && !err) {
		precision_process(run, &readings);
		if (run->processes < next && run->processes < run->most)
			continue;
		err = precision_evaluate(run, &readings);
		if (looks)
			more = stopping_look(&run->precision, run->rows, run->kind->rows);
		next = stopping_next(run->processes);
	}
	return err;
}

/*
 * "typical" of skewed rounds, fenced, is not their mean: kind->truth is then the first row's, for
 * noise without a scale.
 */
static inline double precision_truth(const struct precision_kind *kind, size_t row)
{
	return PRECISION_TRUTH +
	       (kind->truth != 0 ? (kind->truth - PRECISION_TRUTH) * precision_scale(row) : 0);
}

struct precision_tally {
	size_t intervals, held, reached, worst; /* worst: trials held of the worst row */
	double processes;
};

/* 0 or -errno. */
static inline int precision_trials(struct precision_run *run, size_t trials,
				   struct precision_tally *out)
{
	size_t held[PRECISION_ROWS] = {0};

	*out = (struct precision_tally){.worst = trials};
	for (size_t t = 0; t < trials; t++) {
		int err = precision_run(run);

		if (err)
			return err;
		for (size_t a = 0; a < run->kind->rows; a++) {
			const struct stopping_row *row = &run->rows[a];
			double truth = precision_truth(run->kind, a);

			held[a] += row->effect.lo <= truth && truth <= row->effect.hi;
			out->reached += row->reached;
			out->processes += (double)run->visited[a];
		}
	}
	for (size_t a = 0; a < run->kind->rows; a++) {
		out->held += held[a];
		out->worst = held[a] < out->worst ? held[a] : out->worst;
	}
	out->intervals = trials * run->kind->rows;
	out->processes /= (double)out->intervals;
	return 0;
}

/* The half-width that the first row would have after n processes, were its scatter known. */
static inline double precision_after(const struct precision_kind *kind, double n)
{
	double base = 0.25 * (1 + 1 / (double)kind->rows); /* own noise, and the others' */

	return 1.96 * sqrt((kind->level_sd * kind->level_sd + (1 + base) / PRECISION_ROUNDS) / n);
}

#endif
