/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shifts: how far a configuration's quantiles lie above its baseline's, with intervals over
 * processes or rounds.
 *
 * Internal to compare.
 */
#ifndef BPFTOLL_REPORTS_EFFECTS_SHIFTS_H
#define BPFTOLL_REPORTS_EFFECTS_SHIFTS_H

#include "reports/effects/compare_scale.h"
#include "reports/effects/config_samples.h"

#define SHIFTS 4
extern const double shifts_probability[SHIFTS]; /* 0.5, 0.9, 0.99, 0.999 */

/*
 * The pooled quantiles of configuration minus those of baseline (NULL: nothing), in the scale's
 * unit, each at least +- a step of a clock that steps. widen: factor of each half-width, for
 * autocorrelation (1: none). 0, -ENOMEM or -E2BIG.
 */
int shifts_between(const struct config_samples *config, const struct config_samples *baseline,
		   const struct compare_scale *scale, double widen, struct effect out[SHIFTS]);

#endif
