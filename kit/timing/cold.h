/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cold: opens what evicts between cold calls, proves that it does here, and keeps the proof in the
 * record.
 */
#ifndef BPFTOLL_KIT_TIMING_COLD_H
#define BPFTOLL_KIT_TIMING_COLD_H

#include <stddef.h>

#include "calib/error.h"
#include "calib/evict.h"
#include "calib/tsc.h"
#include "reports/record/record.h"

/*
 * On the measuring CPU, from its thread. Adds the proofs to the record, and a warning where the
 * branch predictor stays warm. 0; -EOPNOTSUPP: data or instructions stay warm, results must not be
 * called cold, why gives the figures; other -errno: no memory, or none executable. *out is NULL
 * then.
 */
int cold_open(int cpu, const struct tsc_rate *tsc, struct record *record, struct evict **out,
	      struct error *why);

#endif
