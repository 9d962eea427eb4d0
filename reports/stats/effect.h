/* SPDX-License-Identifier: GPL-3.0-or-later */
/* effect: one estimate with its 95 % interval. Signed; NAN where it does not exist. */
#ifndef BPFTOLL_REPORTS_STATS_EFFECT_H
#define BPFTOLL_REPORTS_STATS_EFFECT_H

#include <stdbool.h>

struct effect {
	double value, lo, hi;
};

static inline bool effect_holds_zero(struct effect e)
{
	return e.lo <= 0 && e.hi >= 0;
}

#endif
