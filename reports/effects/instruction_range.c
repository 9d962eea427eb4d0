/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "reports/effects/instruction_range.h"

struct effect instruction_range(const struct instruction_price *price)
{
	struct effect range = price->ns;

	/* fmin and fmax leave a NAN out */
	range.lo = fmin(range.lo, price->between.lo);
	range.hi = fmax(range.hi, price->between.hi);
	return range;
}
