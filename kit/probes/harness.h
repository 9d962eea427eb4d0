/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * harness: runs a plan: worker processes one after another, each with rounds of all experiments ->
 * results of the record.
 *
 * The record is written after every worker, with the rounds that are done: a killed run loses at
 * most one worker's slice (HARNESS_SLICE_S). A stop (signal) is seen between two configurations;
 * the results are then made of the rounds that were done, and the record says partial. Instructions
 * are the same in every process and are counted in this one.
 */
#ifndef BPFTOLL_KIT_PROBES_HARNESS_H
#define BPFTOLL_KIT_PROBES_HARNESS_H

#include <stddef.h>

#include "calib/error.h"
#include "kit/probes/harness_env.h"
#include "kit/probes/plan.h"
#include "reports/record/record.h"

/* Fewer worker processes give an interval that is mostly Student's t (7 degrees of freedom: 21 %
 * wider than normal). */
#define HARNESS_WORKERS_LEAST 8
#define HARNESS_SLICE_S	      10.0

/*
 * 0: every result of the plan is in the record, measured or not. -EINTR: stopped, the record is
 * partial. Other -errno: the record cannot be written, or a worker died, why says it; what was
 * finished is in the record.
 */
int harness_run(const struct plan *plan, const struct harness_env *env, struct record *record,
		struct error *why);

#endif
