/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * results: what the workers measured, in samples and results -> the results of the record.
 */
#ifndef BPFTOLL_KIT_PROBES_RESULTS_H
#define BPFTOLL_KIT_PROBES_RESULTS_H

#include "calib/error.h"
#include "kit/probes/harness.h"
#include "kit/probes/totals.h"

/*
 * Adds a result for every configuration of every experiment, evaluated over the rounds that are
 * done; called again after more rounds, once the results of the last time were dropped
 * (record_drop_results). 0 or -errno, why.
 */
int results_fill(const struct totals *results, const struct plan *plan,
		 const struct harness_env *env, struct record *record, struct error *why);

/* What disturbed the run, and null tests among the results from `from` on that failed, as
 * warnings. Once, at the end. */
void results_tell_conditions(const struct totals *results, struct record *record, size_t from);

#endif
