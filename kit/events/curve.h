/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * curve: one configuration's series over the rates -> the breakpoints of its overhead, its CPU and
 * its losses (reports/stats/breakpoint.h).
 */
#ifndef BPFTOLL_KIT_EVENTS_CURVE_H
#define BPFTOLL_KIT_EVENTS_CURVE_H

#include "kit/events/rate_run.h"

/*
 * series: n of one configuration, a rate each. Rows of record->breakpoints: overhead (ns a call),
 * cpu (% of one CPU, the producer's added time and the consumer's) and loss (events a second); none
 * where the rates or rounds are too few, or nothing was measured. A rate that was not reached
 * (saturated) is left out. breakpoint_family_settle comes behind the last curve of a run. 0 or
 * -ENOMEM.
 */
int curve_breakpoints(const struct rate_run *series, size_t n, const struct rate_run_scale *scale,
		      struct record *record);

#endif
