/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * panel: made-up panels with a known truth, evaluated by reports/panel_effects.c. For the bench and its unit test.
 *
 * 8 arms and 8 baselines; the machine's state moves all blocks of a round alike, each baseline has white noise of its own, each arm
 * what noise.h gives. With worker processes, each arm differs between them by `worker_sd`.
 */
#ifndef BPFTOLL_TESTS_PANEL_H
#define BPFTOLL_TESTS_PANEL_H

#include <stdint.h>
#include <stdlib.h>

#include "reports/panel_effects.h"
#include "tests/bench/noise.h"

#define PANEL_ARMS	 8
#define PANEL_TICKS	 1e3 /* of one unit of noise */
#define PANEL_ROUNDS	 256
#define PANEL_TRUTH	 (50 * PANEL_TICKS)
#define PANEL_BASE_NOISE 0.5

struct panel_kind {
	struct noise noise;
	size_t rounds, workers; /* workers 0: one process, not named */
	bool fresh;		/* each process draws its state anew */
	double worker_sd;
};

/* arm 0's figures; *ideal: the plain mean of arm 0 over the mean of all baselines. 0 or -errno. */
static inline int panel_draw(struct panel_kind *kind, struct overhead *out, double *ideal)
{
	static uint32_t base[PANEL_ARMS][PANEL_ROUNDS], arm[PANEL_ARMS][PANEL_ROUNDS];
	static double state[PANEL_ROUNDS];
	uint32_t worker[PANEL_ROUNDS];
	const struct compare_scale scale = {.unit_per_tick = 1, .quantum = 1};
	struct panel_effects *pe;
	size_t id, n = kind->rounds;
	int err;

	*ideal = 0;
	for (size_t r = 0; r < n; r++) {
		worker[r] = (uint32_t)(kind->workers ? r * kind->workers / n : 0);
		state[r] = 1000 + 2 * gsl_ran_ugaussian(kind->noise.rng);
	}
	for (size_t a = 0; a < PANEL_ARMS; a++) {
		double luck = 0;

		noise_start(&kind->noise);
		for (size_t r = 0; r < n; r++) {
			double own = PANEL_BASE_NOISE * gsl_ran_ugaussian(kind->noise.rng);
			double effect;

			if (kind->fresh && r && worker[r] != worker[r - 1])
				noise_start(&kind->noise);
			if (r == 0 || worker[r] != worker[r - 1])
				luck = kind->worker_sd * gsl_ran_ugaussian(kind->noise.rng);
			effect = noise_next(&kind->noise) + luck;
			base[a][r] = (uint32_t)((state[r] + own) * PANEL_TICKS);
			arm[a][r] = (uint32_t)((state[r] + effect) * PANEL_TICKS + PANEL_TRUTH);
			*ideal += (a == 0 ? effect / (double)n : 0) - own / PANEL_ARMS / (double)n;
		}
	}
	*ideal *= PANEL_TICKS;
	err = panel_effects_open(n, kind->workers ? worker : NULL, &scale, &pe);
	for (size_t a = 0; a < PANEL_ARMS && !err; a++)
		err = panel_effects_add_baseline(
			pe, &(struct arm_samples){.ticks = base[a], .rounds = n, .calls = 1}, &id);
	for (size_t a = 0; a < PANEL_ARMS && !err; a++)
		err = panel_effects_add_arm(
			pe, &(struct arm_samples){.ticks = arm[a], .rounds = n, .calls = 1}, a,
			&id);
	if (!err)
		err = panel_effects_fit(pe);
	if (!err)
		err = panel_effects_overhead(pe, 0, out);
	panel_effects_close(pe);
	return err;
}

#endif
