/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * open_counters: the counters of a run, as --events or --counters name them.
 */
#ifndef BPFTOLL_KIT_TIMING_OPEN_COUNTERS_H
#define BPFTOLL_KIT_TIMING_OPEN_COUNTERS_H

#include <stddef.h>

#include "calib/error.h"
#include "calib/counters.h"

/*
 * For the calling thread on cpu. events: libpfm4's names, set: a name of counter_sets.h; empty or
 * NULL: not that one. 0 (*out may be NULL: nothing was named) or -errno, why.
 */
int open_counters(const char *events, const char *set, int cpu, struct counters **out,
		  struct error *why);

#endif
