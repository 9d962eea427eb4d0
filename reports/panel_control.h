/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * panel_control: what an arm's round is compared with. Internal to panel_effects: its blocks, and the fitted weight of an arm's own
 * baseline against the mean of the round's.
 */
#ifndef BPFTOLL_PANEL_CONTROL_H
#define BPFTOLL_PANEL_CONTROL_H

#include <stdbool.h>
#include "reports/panel_effects.h"

enum figure { TYPICAL, MEAN, FIGURES };

struct block {
	double *x[FIGURES]; /* of each round, in ticks; NAN: missing */
	size_t own;	    /* of an arm */
	double noise2; /* variance of one typical that the block's own calls explain, in ticks; NAN: unknown */
	bool locked; /* a clock's step is all that it shows */
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

/* Fits beta of one figure over all arms, with its error, and keeps each round's control. 0 or -ENOMEM. */
int panel_control_fit(struct panel_effects *pe, enum figure f);

/* Of an arm in a round, in ticks; NAN when the arm, its own baseline or every baseline is missing. */
double panel_control_effect(const struct panel_effects *pe, enum figure f, const struct block *arm,
			    size_t round);

#endif
