/* SPDX-License-Identifier: GPL-3.0-or-later */
/* open_counters: opens the counters of a run, named by option --events or --counters. */
#ifndef BPFTOLL_KIT_TIMING_OPEN_COUNTERS_H
#define BPFTOLL_KIT_TIMING_OPEN_COUNTERS_H

#include <stddef.h>

#include "calib/error.h"
#include "calib/counters.h"

/*
 * For the calling thread on cpu. events: libpfm4's names; set: a name in counter_sets.h; each may
 * be empty or NULL. Returns 0 (*out is NULL if nothing was named) or -errno with why.
 */
int open_counters(const char *events, const char *set, int cpu, struct counters **out,
		  struct error *why);

#endif
