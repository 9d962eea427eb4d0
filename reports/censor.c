/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "reports/censor.h"

static const struct effect unknown = {NAN, NAN, NAN};

double censor_share(const struct record_cell *cell)
{
	uint64_t out = cell->migrated + cell->censored;

	return out ? (double)out / (double)(cell->n + out) : 0;
}

bool censor_withheld(const struct record_cell *cell, double most)
{
	return censor_share(cell) > most;
}

void censor_withhold(struct record_cell *cell)
{
	if (censor_withheld(cell, CENSOR_P99_MOST)) {
		cell->arm.p99 = NAN;
		cell->overhead.p99 = unknown;
	}
	if (censor_withheld(cell, CENSOR_P999_MOST)) {
		cell->arm.p999 = NAN;
		cell->overhead.p999 = unknown;
	}
}
