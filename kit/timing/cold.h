/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cold: opens the eviction that runs between cold calls, proves that it works on this machine, and
 * stores the proof in the record.
 *
 * cold_open -> evict_all before each timed call (calib/evict.h).
 */
#ifndef BPFTOLL_KIT_TIMING_COLD_H
#define BPFTOLL_KIT_TIMING_COLD_H

#include <stddef.h>

#include "calib/error.h"
#include "calib/evict.h"
#include "calib/tsc.h"
#include "reports/record/record.h"

/*
 * Call it on the measuring CPU, in the thread that makes the calls. Adds the proofs to the record,
 * and a warning if the branch predictor keeps something. Returns 0; -EOPNOTSUPP: data or
 * instructions stay warm, so results must not be called cold, and why has the figures; other
 * -errno: no memory, or none that is executable. *out is NULL after an error.
 */
int cold_open(int cpu, const struct tsc_rate *tsc, struct record *record, struct evict **out,
	      struct error *why);

#endif
