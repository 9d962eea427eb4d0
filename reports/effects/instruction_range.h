/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * instruction_range: what an instruction costs, with all that is known to move it: the interval
 * over the rounds and what one more cost between two lengths of its loop.
 */
#ifndef BPFTOLL_REPORTS_EFFECTS_INSTRUCTION_RANGE_H
#define BPFTOLL_REPORTS_EFFECTS_INSTRUCTION_RANGE_H

#include <math.h>

#include "reports/record/record_rows.h"

static inline struct effect instruction_range(const struct instruction_price *price)
{
	struct effect range = price->ns;

	/* fmin and fmax leave a NAN out */
	range.lo = fmin(range.lo, price->between.lo);
	range.hi = fmax(range.hi, price->between.hi);
	return range;
}

#endif
