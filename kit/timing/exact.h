/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exact: the overhead of a configuration whose rounds are the same to the tick: a plain difference,
 * with nothing to estimate.
 *
 * Bootstrapping what does not vary gives the same ends, for a sixth of an exact run's time.
 */
#ifndef BPFTOLL_KIT_TIMING_EXACT_H
#define BPFTOLL_KIT_TIMING_EXACT_H

#include <stdbool.h>

#include "reports/effects/compare.h"

/* Two rounds or more, and each holds the same readings, in whatever order? */
bool exact_rounds(const struct config_samples *samples);

/* Every interval is its value. For configurations of exact_rounds only. */
void exact_overhead(const struct distribution *config, const struct distribution *baseline,
		    struct overhead *out);

#endif
