/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * experiment: made-up experiments with a known truth, evaluated by reports/effects/effects.c. For
 * the bench and its unit test.
 *
 * 8 configurations and 8 baselines; the machine's state moves all blocks of a round alike, each
 * baseline has white noise of its own, each configuration what noise.h gives. With worker
 * processes, each configuration differs between them by `worker_sd`.
 */
#ifndef BPFTOLL_TESTS_BENCH_PANEL_H
#define BPFTOLL_TESTS_BENCH_PANEL_H

#include <stdint.h>
#include <stdlib.h>

#include "reports/effects/effects.h"
#include "tests/bench/noise.h"

#define EXPERIMENT_CONFIGS    8
#define EXPERIMENT_TICKS      1e3 /* per unit of noise */
#define EXPERIMENT_ROUNDS     256
#define EXPERIMENT_TRUTH      (50 * EXPERIMENT_TICKS)
#define EXPERIMENT_BASE_NOISE 0.5

struct experiment_kind {
	struct noise noise;
	size_t rounds, workers; /* workers 0: one process, without a name */
	bool fresh;		/* each process has a state of its own */
	double worker_sd;
};

/*
 * Figures of configuration 0; *ideal: the plain mean of configuration 0 less the mean of all
 * baselines. 0 or -errno.
 */
static inline int experiment_draw(struct experiment_kind *kind, struct overhead *out, double *ideal)
{
	static uint32_t base[EXPERIMENT_CONFIGS][EXPERIMENT_ROUNDS],
		config[EXPERIMENT_CONFIGS][EXPERIMENT_ROUNDS];
	static double state[EXPERIMENT_ROUNDS];
	uint32_t worker[EXPERIMENT_ROUNDS];
	const struct compare_scale scale = {.unit_per_tick = 1, .quantum = 1};
	struct effects *pe;
	size_t id, n = kind->rounds;
	int err;

	*ideal = 0;
	for (size_t r = 0; r < n; r++) {
		worker[r] = (uint32_t)(kind->workers ? r * kind->workers / n : 0);
		state[r] = 1000 + 2 * gsl_ran_ugaussian(kind->noise.rng);
	}
	for (size_t a = 0; a < EXPERIMENT_CONFIGS; a++) {
		double luck = 0;

		noise_start(&kind->noise);
		for (size_t r = 0; r < n; r++) {
			double own = EXPERIMENT_BASE_NOISE * gsl_ran_ugaussian(kind->noise.rng);
			double effect;

			if (kind->fresh && r && worker[r] != worker[r - 1])
				noise_start(&kind->noise);
			if (r == 0 || worker[r] != worker[r - 1])
				luck = kind->worker_sd * gsl_ran_ugaussian(kind->noise.rng);
			effect = noise_next(&kind->noise) + luck;
			base[a][r] = (uint32_t)((state[r] + own) * EXPERIMENT_TICKS);
			config[a][r] = (uint32_t)((state[r] + effect) * EXPERIMENT_TICKS +
						  EXPERIMENT_TRUTH);
			*ideal += (a == 0 ? effect / (double)n : 0) -
				  own / EXPERIMENT_CONFIGS / (double)n;
		}
	}
	*ideal *= EXPERIMENT_TICKS;
	err = effects_open(n, kind->workers ? worker : NULL, &scale, &pe);
	for (size_t a = 0; a < EXPERIMENT_CONFIGS && !err; a++)
		err = effects_add_baseline(
			pe, &(struct config_samples){.ticks = base[a], .rounds = n, .calls = 1},
			&id);
	for (size_t a = 0; a < EXPERIMENT_CONFIGS && !err; a++)
		err = effects_add_config(
			pe, &(struct config_samples){.ticks = config[a], .rounds = n, .calls = 1},
			a, &id);
	if (!err)
		err = effects_fit(pe);
	if (!err)
		err = effects_overhead(pe, 0, out);
	effects_close(pe);
	return err;
}

#endif
