/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * effects: what each configuration of an experiment costs, judged by all its rounds, baselines and
 * processes together.
 *
 * effects_open -> _add_baseline …, _add_config … -> _fit -> _overhead, _difference, _rounds … ->
 * _close. Only the "typical" and the mean of each block are kept, so the samples can be freed as
 * soon as they were added.
 *
 * One effects holds blocks that may be compared: one workload and cache state, one kind of call
 * (after a wait for the reader or not), one scale.period. The baselines of a round are then
 * measurements of one thing, and the effect of a configuration in a round is
 *
 *	configuration - (beta * own baseline + (1 - beta) * mean of the round's baselines)
 *
 * beta is fitted over all configurations by least squares, each configuration weighted by its own
 * scatter, and is within 0..1: near 1 where the machine drifts within a round, near 0 where a
 * block's own noise outweighs that. Its error is in every interval.
 *
 * The null test with nothing attached is a block of that kind, added as a configuration and not as
 * a baseline.
 */
#ifndef BPFTOLL_REPORTS_EFFECTS_EFFECTS_H
#define BPFTOLL_REPORTS_EFFECTS_EFFECTS_H

#include <stddef.h>
#include <stdint.h>
#include "reports/effects/compare.h"
#include "reports/stats/autocorrelation.h"

struct effects;

/* worker: of each round, copied; NULL: one process timed all. 0 or -ENOMEM. */
int effects_open(size_t rounds, const uint32_t *worker, const struct compare_scale *scale,
		 struct effects **out);
void effects_close(struct effects *pe);

/*
 * Readings of the experiment's first samples->rounds rounds (samples->worker is not looked at);
 * the others, and a round without a kept call, are missing. *id names it below; configurations and
 * baselines are numbered apart. 0, -ENOMEM, -EINVAL for too many rounds or an unknown own baseline.
 */
int effects_add_baseline(struct effects *pe, const struct config_samples *samples, size_t *id);
int effects_add_config(struct effects *pe, const struct config_samples *samples,
		       size_t own_baseline, size_t *id);

/* After everything was added, before anything is asked. 0 or -ENOMEM. */
int effects_fit(struct effects *pe);

/*
 * Fills typical and mean of configuration id in the scale's unit; the quantile shifts are
 * compare_overhead's and left alone. Two or more processes: t over their means (clusters.h). One: t
 * over its rounds. Either is widened by how alike neighbours are (autocorrelation.h), and by the
 * scale's widen. typical:
 * rounds fenced (clusters_fence); mean: nothing is cut. 0 or -ENOMEM.
 */
int effects_overhead(const struct effects *pe, size_t id, struct overhead *out);

/* The same for configuration a minus configuration b of the same round: two configurations of one
 * probe (a null test). */
int effects_difference(const struct effects *pe, size_t a, size_t b, struct overhead *out);

/*
 * Arm id's "typical" effect round by round, in the scale's unit, in out[rounds]: NAN where the
 * round is missing.
 */
void effects_rounds(const struct effects *pe, size_t id, double *out);

/*
 * All that a result keeps of configuration id: overhead.typical and .mean, spread and modes of its
 * loads (loads.h), workers and interval_over. 0 or -ENOMEM.
 */
int effects_result(const struct effects *pe, size_t id, struct record_result *result);

/* The fit, for those who show it: of the typicals. */
struct experiment_fit {
	double beta, beta_error; /* weight of the own baseline, and its standard error */
	struct serial serial;	 /* of neighbouring processes (rounds, if there is one), pooled over
				    the configurations */
	double widen;		 /* what that makes of a half-width: compare_scale's */
	size_t workers;
};
struct experiment_fit effects_fitted(const struct effects *pe);

/* "worker processes" or "rounds": what the intervals are over. */
const char *effects_over(const struct effects *pe);

#endif
