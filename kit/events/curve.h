/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * curve: finds the breakpoints of one configuration's overhead, CPU use and losses as the event
 * rate rises (reports/stats/breakpoint.h).
 *
 * curve_breakpoints for each configuration, then breakpoint_family_settle once for the run, which
 * corrects for the number of curves.
 */
#ifndef BPFTOLL_KIT_EVENTS_CURVE_H
#define BPFTOLL_KIT_EVENTS_CURVE_H

#include "kit/events/rate_run.h"

/*
 * series: n rate runs of one configuration, one for each rate. Adds rows to record->breakpoints:
 * overhead (ns a call), cpu (% of one CPU: the producer's added time and the reader's) and loss
 * (events a second). No row where rates or rounds are too few, or nothing was measured. Rates that
 * were not reached (saturated) are left out. Returns 0 or -ENOMEM.
 */
int curve_breakpoints(const struct rate_run *series, size_t n, const struct rate_run_scale *scale,
		      struct record *record);

#endif
