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

#include <signal.h>
#include <stddef.h>

#include "calib/error.h"
#include "calib/counters.h"
#include "calib/tsc.h"
#include "cpuset/pick.h"
#include "kit/probes/plan.h"
#include "reports/record/record.h"

/* Fewer worker processes give an interval that is mostly Student's t (7 degrees of freedom: 21 %
 * wider than normal). */
#define HARNESS_WORKERS_LEAST 8
/* Below this an interval over rounds says little. */
#define HARNESS_ROUNDS_LEAST 9
#define HARNESS_SLICE_S	     10.0

struct harness_env {
	const char *dir; /* of the record */
	const struct placement *placement;
	const struct tsc_rate *tsc; /* hz 1e9 and quantum 1 where ticks are instructions */
	uint64_t seed;
	struct counters
		*counters; /* NULL: none; what they are called, and what counts in this process */
	const char *events,
		*counter_set; /* how a worker opens the same (open_counters.h); NULL: it does not */
	bool allow_sysctl;    /* attach_allow_sysctl, for workers */
	bool keep_samples;
	const volatile sig_atomic_t *stop;
	/* share: 0 to 1 of the whole plan; what: the experiment or step at hand */
	void (*progress)(double share, const char *what);
	/* NULL, or called after each round: what else is to be measured under the same conditions
	 */
	void (*between)(void *ctx);
	void *between_ctx;
};

/*
 * 0: every result of the plan is in the record, measured or not. -EINTR: stopped, the record is
 * partial. Other -errno: the record cannot be written, or a worker died, why says it; what was
 * finished is in the record.
 */
int harness_run(const struct plan *plan, const struct harness_env *env, struct record *record,
		struct error *why);

#endif
