/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "reports/effects/censor.h"

static const struct effect unknown = {NAN, NAN, NAN};

double censor_share(const struct record_result *result)
{
	uint64_t out = result->migrated + result->censored;

	return out ? (double)out / (double)(result->n + out) : 0;
}

bool censor_withheld(const struct record_result *result, double most)
{
	return censor_share(result) > most;
}

void censor_withhold(struct record_result *result)
{
	if (censor_withheld(result, CENSOR_P99_MOST)) {
		result->config.p99 = NAN;
		result->overhead.p99 = unknown;
	}
	if (censor_withheld(result, CENSOR_P999_MOST)) {
		result->config.p999 = NAN;
		result->overhead.p999 = unknown;
	}
}
