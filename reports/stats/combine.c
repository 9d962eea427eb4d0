/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "reports/stats/combine.h"

struct effect combine_sum(struct effect a, struct effect b)
{
	double value = a.value + b.value;

	return (struct effect){
		.value = value,
		.lo = value - hypot(a.value - a.lo, b.value - b.lo),
		.hi = value + hypot(a.hi - a.value, b.hi - b.value),
	};
}

struct effect combine_difference(struct effect a, struct effect b)
{
	return combine_sum(a, (struct effect){-b.value, -b.hi, -b.lo});
}
