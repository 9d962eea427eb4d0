/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exact: the overhead of a configuration whose rounds are identical to the tick: a plain
 * difference of the two distributions. A bootstrap of values that do not vary would give the same
 * numbers and takes a sixth of an exact run's time.
 *
 * exact_rounds decides whether exact_overhead may be used.
 */
#ifndef BPFTOLL_KIT_TIMING_EXACT_H
#define BPFTOLL_KIT_TIMING_EXACT_H

#include <stdbool.h>

#include "reports/effects/compare.h"

/* Are there at least two rounds, and do all have the same readings, in any order? */
bool exact_rounds(const struct config_samples *samples);

/* Every interval is the value itself. Only for configurations for which exact_rounds is true. */
void exact_overhead(const struct distribution *config, const struct distribution *baseline,
		    struct overhead *out);

#endif
