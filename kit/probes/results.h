/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * results: turns the readings and reports of all workers into results of the record.
 *
 * results_fill after one or more workers, results_tell_conditions once at the end.
 */
#ifndef BPFTOLL_KIT_PROBES_RESULTS_H
#define BPFTOLL_KIT_PROBES_RESULTS_H

#include "calib/error.h"
#include "kit/probes/harness_env.h"
#include "kit/probes/totals.h"

/*
 * Adds a result for every configuration of every experiment, computed from the complete rounds. To
 * call it again after more rounds, first remove the earlier results (record_drop_results). Returns
 * 0 or -errno with why.
 */
int results_fill(const struct totals *results, const struct plan *plan,
		 const struct harness_env *env, struct record *record, struct error *why);

/*
 * Adds warnings for bad conditions during the run, and for null tests that failed among the results
 * from index `from` on. Call it once, at the end.
 */
void results_tell_conditions(const struct totals *results, struct record *record, size_t from);

#endif
