/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * panel_effects: what each arm of a panel costs, judged by all its rounds, baselines and processes together.
 *
 * panel_effects_open -> _add_baseline …, _add_arm … -> _fit -> _overhead, _difference, _rounds … -> _close. Only the "typical" and the mean of
 * each block are kept, so the samples can be freed as soon as they were added.
 *
 * One panel_effects holds blocks that may be compared: one trigger and cache state, one kind of call (gated or not), one
 * scale.period. The baselines of a round are then measurements of one thing, and the effect of an arm in a round is
 *
 *	arm - (beta * own baseline + (1 - beta) * mean of the round's baselines)
 *
 * beta is fitted over all arms by least squares, each arm weighted by its own scatter, and is within 0..1: near 1 where the machine
 * drifts within a round, near 0 where a block's own noise outweighs that. Its error is in every interval.
 *
 * An A/A arm is a block with nothing attached, added as an arm and not as a baseline.
 */
#ifndef BPFTOLL_PANEL_EFFECTS_H
#define BPFTOLL_PANEL_EFFECTS_H

#include <stddef.h>
#include <stdint.h>
#include "reports/compare.h"
#include "reports/lags.h"

struct panel_effects;

/* worker: of each round, copied; NULL: one process timed all. 0 or -ENOMEM. */
int panel_effects_open(size_t rounds, const uint32_t *worker, const struct compare_scale *scale,
		       struct panel_effects **out);
void panel_effects_close(struct panel_effects *pe);

/*
 * Readings of all the panel's rounds (samples->worker is not looked at); a round without a kept call is missing. *id names it
 * below; arms and baselines are numbered apart. 0, -ENOMEM, -EINVAL for another number of rounds or an unknown own baseline.
 */
int panel_effects_add_baseline(struct panel_effects *pe, const struct arm_samples *samples,
			       size_t *id);
int panel_effects_add_arm(struct panel_effects *pe, const struct arm_samples *samples,
			  size_t own_baseline, size_t *id);

/* After everything was added, before anything is asked. 0 or -ENOMEM. */
int panel_effects_fit(struct panel_effects *pe);

/*
 * Fills typical and mean of arm id in the scale's unit; the quantile shifts are compare_overhead's and left alone. Two or more
 * processes: t over their means (clusters.h). One: t over its rounds. Either is widened by how alike neighbours are (lags.h).
 * typical: rounds fenced (clusters_fence); mean: nothing is cut. 0 or -ENOMEM.
 */
int panel_effects_overhead(const struct panel_effects *pe, size_t id, struct overhead *out);

/* The same for arm a minus arm b of the same round: two arms of one probe (B/B). */
int panel_effects_difference(const struct panel_effects *pe, size_t a, size_t b,
			     struct overhead *out);

/*
 * Arm id's "typical" effect round by round, in the scale's unit, in out[rounds]: NAN where the round is missing.
 */
void panel_effects_rounds(const struct panel_effects *pe, size_t id, double *out);

/*
 * The standard error of one of those that its blocks' own calls explain, from the difference of a block's halves; NAN for blocks too small to
 * have halves.
 */
double panel_effects_noise(const struct panel_effects *pe, size_t id);

/*
 * All that a cell keeps of arm id: overhead.typical and .mean, spread and modes of its loads (loads.h), workers and
 * interval_over. 0 or -ENOMEM.
 */
int panel_effects_cell(const struct panel_effects *pe, size_t id, struct record_cell *cell);

/* The fit, for those who show it: of the typicals. */
struct panel_fit {
	double beta, beta_error; /* weight of the own baseline, and its standard error */
	struct serial
		serial; /* of neighbouring processes (rounds, if there is one), pooled over the arms */
	double widen; /* what that makes of a half-width: compare_scale's */
	size_t workers;
};
struct panel_fit panel_effects_fitted(const struct panel_effects *pe);

/* "worker processes" or "rounds": what the intervals are over. */
const char *panel_effects_over(const struct panel_effects *pe);

#endif
