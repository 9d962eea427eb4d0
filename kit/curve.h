/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * curve: one arm's series over the rates -> the knees of its overhead, its CPU and its losses (reports/knee.h).
 */
#ifndef BPFTOLL_CURVE_H
#define BPFTOLL_CURVE_H

#include "kit/series.h"

/*
 * series: n of one arm, a rate each. Rows of record->knees: overhead (ns a call), cpu (% of one CPU, the producer's added time
 * and the consumer's) and loss (events a second); none where the rates or rounds are too few, or nothing was measured. A
 * rate that was not reached (saturated) is left out. knee_family_settle comes behind the last curve of a run. 0 or -ENOMEM.
 */
int curve_knees(const struct series *series, size_t n, const struct series_scale *scale,
		struct record *record);

#endif
