/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * control: what a configuration's round is compared with. Internal to effects: its blocks, and the
 * fitted weight of a configuration's own baseline against the mean of the round's.
 */
#ifndef BPFTOLL_REPORTS_EFFECTS_CONTROL_H
#define BPFTOLL_REPORTS_EFFECTS_CONTROL_H

#include <stdbool.h>
#include "reports/effects/compare_scale.h"
#include "reports/stats/autocorrelation.h"

enum figure { TYPICAL, MEAN, FIGURES };

struct block {
	double *x[FIGURES]; /* of each round, in ticks; NAN: missing */
	size_t rounds;	    /* those from this one on were not timed */
	size_t own;	    /* of a configuration */
	double noise2; /* variance of one typical that the block's own calls explain, in ticks; NAN:
			  unknown */
	bool locked;   /* a clock's step is all that it shows */
};

struct blocks {
	struct block *all;
	size_t n;
};

struct fitted {
	double beta, error;
	double *control; /* mean of the round's baselines */
};

struct effects {
	size_t rounds, workers;
	uint32_t *worker; /* of each round, numbered from 0 */
	struct compare_scale scale;
	struct blocks baselines, configs;
	struct fitted fit[FIGURES];
	struct serial serial; /* of the rounds, or of the processes */
};

/* Fits beta of one figure over all configurations, with its error, and keeps each round's control.
 * 0 or -ENOMEM. */
int control_fit(struct effects *pe, enum figure f);

/* Of a configuration in a round, in ticks; NAN when the configuration, its own baseline or every
 * baseline is missing. */
double control_effect(const struct effects *pe, enum figure f, const struct block *config,
		      size_t round);

#endif
