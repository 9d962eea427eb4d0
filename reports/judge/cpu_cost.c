/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "reports/stats/combine.h"
#include "reports/judge/cpu_cost.h"

struct effect cpu_cost_sum(struct effect producer, struct effect reader)
{
	return combine_sum(producer, reader);
}

bool cpu_cost_rate_same(double a, double b)
{
	return fabs(a - b) <= CPU_COST_RATE_TOLERANCE * fmax(fabs(a), fabs(b));
}
