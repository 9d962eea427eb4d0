/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows that are no cells, for the tests of their rendering. */
#ifndef BPFTOLL_TESTS_EXAMPLE_ROWS_H
#define BPFTOLL_TESTS_EXAMPLE_ROWS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/slope.h"

static inline struct effect example_about(double value, double half)
{
	return (struct effect){value, value - half, value + half};
}

/* A measured price; points 0, 1, 2, 4, 8 lie on its line, but for first, which is on top of every call's. */
static inline struct slope *example_price(struct record *rec, const char *carrier,
					  const char *helper, const char *size, const char *drain,
					  double slope, double half, double first)
{
	static const unsigned int repeats[] = {0, 1, 2, 4, 8};
	double costs[10 * 5];
	char id[128];
	struct slope *s = record_add_slope(rec);

	if (!s)
		abort();
	snprintf(id, sizeof(id), "%s/%s/%s/%s/hot", carrier, helper, size, drain);
	s->id = strdup(id);
	s->carrier = strdup(carrier);
	s->helper = strdup(helper);
	s->size = strdup(size);
	s->trigger = strdup("munmap_einval");
	s->drain = strdup(drain);
	s->cache = strdup("hot");
	/* the noise of the points is a fixed pattern: the fit's own interval is replaced below */
	for (size_t i = 0; i < sizeof(costs) / sizeof(*costs); i++) {
		double noise = (double)((i * 7) % 11) / 5 - 1;

		costs[i] =
			35 + slope * repeats[i % 5] + (repeats[i % 5] ? first : 0) + noise * half;
	}
	if (slope_fit(repeats, 5, costs, 10, s))
		abort();
	s->slope = example_about(slope, half);
	return s;
}

#endif
