/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * strata: what a probe costs on a core that is alone, and beside a neighbour on the core's other
 * hardware thread.
 *
 * A neighbour takes adders, front end and caches: the call that is timed and the probe both take
 * longer, and how much of a run it was there is chance. So the rounds of each kind are estimated
 * apart, and the core alone comes first.
 *
 * The unit of an interval is the worker process: a worker's value is the interquartile mean of its
 * rounds in the stratum, the estimate the mean over workers, the interval Student's t. Where one
 * process measured all rounds the unit is the round (stats_mean_interval): that interval says
 * nothing of the next run. Pure.
 */
#ifndef BPFTOLL_REPORTS_EFFECTS_STRATA_H
#define BPFTOLL_REPORTS_EFFECTS_STRATA_H

#include <stddef.h>
#include "reports/record/record.h"

/* Of a round, as calib/neighbour.h's flags: what the readings around its blocks said. */
enum { STRATA_UNKNOWN = -1, STRATA_ALONE = 0, STRATA_CONTENDED = 1, STRATA_PARTLY = 2 };

/* A stratum is estimated from at least so many workers with so many of its rounds each, or of one
 * process's rounds. */
#define STRATA_WORKERS_LEAST 4
#define STRATA_ROUNDS_LEAST  3
#define STRATA_SINGLE_LEAST  10

struct strata_rounds {
	const double *effect;	      /* ns (or instructions) in each round; NAN: none */
	const unsigned int *worker;   /* NULL: one process measured all */
	const signed char *neighbour; /* STRATA_…; NULL: all unknown */
	const double *hz;	      /* the core's frequency in each round; NAN, NULL: unknown */
	size_t n;
	double widen; /* factor of half-widths (compare_scale.h); 0: 1 */
};

struct strata {
	double contended_share; /* of the rounds that are known, 0 to 1, those contended in part
				   with them; NAN: none is */
	struct effect all;	/* every round */
	struct effect uncontended, contended; /* rounds wholly so; NAN: withheld, note says why */
	struct effect
		cycles; /* core cycles: of the uncontended core if that is estimated, else of all */
	char note[256]; /* empty: nothing is withheld */
};

/* 0 or -ENOMEM. */
int strata_evaluate(const struct strata_rounds *rounds, struct strata *out);

/* Into the result's members of the same names; note becomes strata_note. 0 or -ENOMEM. */
int strata_store(const struct strata *strata, struct record_result *result);

#endif
