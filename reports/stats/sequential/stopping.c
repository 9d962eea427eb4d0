/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "reports/stats/sequential/stopping.h"

/* The fit of the baselines still moves a little with the rows that go on. */
#define RESTS_BELOW 0.95

double stopping_target(const struct precision *precision, const struct effect *effect)
{
	return precision->relative ? precision->value * fabs(effect->value) : precision->value;
}

size_t stopping_next(size_t done)
{
	return done < STOPPING_PROCESSES_LEAST ? STOPPING_PROCESSES_LEAST : (5 * done + 3) / 4;
}

bool stopping_look(const struct precision *precision, struct stopping_row *rows, size_t n)
{
	bool more = false;

	for (size_t i = 0; i < n; i++) {
		struct stopping_row *row = &rows[i];
		double half = (row->effect.hi - row->effect.lo) / 2;
		double target = stopping_target(precision, &row->effect);

		/* a comparison with NAN is false */
		row->reached = half <= target;
		row->rests = row->rests || half <= RESTS_BELOW * target;
		more = more || (!row->reached && !row->rests);
	}
	return more;
}
