/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * harness: runs a plan. Worker processes follow one another, each with rounds of all experiments;
 * their readings become results of the record.
 *
 * The record is written between workers, and after each round what is known of it goes to the round
 * log (checkpoint/): a killed run loses no complete round. A stop by a signal is noticed between
 * two configurations; the results then come from the rounds that are complete, and the record is
 * marked partial.
 *
 * A record that is partial before stays so: there the harness measures a part of a suite.
 *
 * With a precision (plan.h) the run ends before its time if every row has it (stopping.h).
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
 * Where a worker has made WORKER_ROUNDS_ENOUGH rounds its slice is shorter: in a run of a minute or
 * less four processes, and with them an interval, are there after 10 s. More processes make
 * narrower intervals too: of 50 s, 19 at 2.5 s (t 2.10) and 8 at 6.25 s (t 2.36). A process takes
 * 0.15 s beside its rounds.
 */
#define HARNESS_SLICE_SHORT_S 2.5
#define HARNESS_SLICES	      20
/*
 * With a precision: a look is over processes, and more of them make it sooner. Later slices are a
 * 40th of what the run has taken: an evaluation of hundreds of processes takes long.
 */
#define HARNESS_SLICE_PRECISION_S 1.0
#define HARNESS_SLICES_PRECISION  40

/*
 * Returns 0: every result of the plan is in the record, measured or with the reason why not.
 * -EINTR: stopped, the record is partial. Other -errno with why: the record cannot be written, or a
 * worker died; the complete rounds are in the record.
 */
int harness_run(const struct plan *plan, const struct harness_env *env, struct record *record,
		struct error *why);

/*
 * Looks for tracing programs of others that have come, and warns of them in the record. seconds: of
 * the run so far. Called where none of ours is loaded.
 */
void harness_note_others(const struct harness_env *env, struct record *record, double seconds);

#endif
