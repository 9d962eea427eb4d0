/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * harness: runs a plan. Worker processes follow one another, each with rounds of all experiments;
 * their readings become results of the record.
 *
 * The record is written after every worker, so a killed run loses at most the slice of one worker
 * (HARNESS_SLICE_S). A stop by a signal is noticed between two configurations; the results then
 * come from the rounds that are complete, and the record is marked partial.
 *
 * Instruction counts are the same in every process and are made in the calling one.
 */
#ifndef BPFTOLL_KIT_PROBES_HARNESS_H
#define BPFTOLL_KIT_PROBES_HARNESS_H

#include <stddef.h>

#include "calib/error.h"
#include "kit/probes/harness_env.h"
#include "kit/probes/plan.h"
#include "reports/record/record.h"

/*
 * With fewer worker processes the interval is mostly Student's t (at 7 degrees of freedom it is
 * 21 % wider than a normal one).
 */
#define HARNESS_WORKERS_LEAST 8
#define HARNESS_SLICE_S	      10.0

/*
 * Returns 0: every result of the plan is in the record, measured or with the reason why not.
 * -EINTR: stopped, the record is partial. Other -errno with why: the record cannot be written, or a
 * worker died; the complete rounds are in the record.
 */
int harness_run(const struct plan *plan, const struct harness_env *env, struct record *record,
		struct error *why);

#endif
