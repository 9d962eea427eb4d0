/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * censor: calls that were timed and then left out are no random sample: their reader was still
 * awake after 2 ms, or they changed CPU. A quantile is shown only where what is left out is small
 * against it.
 */
#ifndef BPFTOLL_REPORTS_EFFECTS_CENSOR_H
#define BPFTOLL_REPORTS_EFFECTS_CENSOR_H

#include <stdbool.h>

#include "reports/record/record.h"

/* Half of what lies beyond the quantile. */
#define CENSOR_P99_MOST	 0.005
#define CENSOR_P999_MOST 0.0005

/* The share of a result's calls that was left out; 0 where none was timed. */
double censor_share(const struct record_result *result);

/* p99 and p99.9 of the configuration and of its difference become NAN where too much is left out.
 * Before the result is written. */
void censor_withhold(struct record_result *result);

/* Was it withheld for that? (Quantiles that too few calls support are NAN as well.) */
bool censor_withheld(const struct record_result *result, double most);

#endif
