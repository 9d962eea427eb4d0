/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * suite: what `bpftoll run --suite NAME` can do beside a plan of experiments (plan.h has quick,
 * full and matrix).
 *
 * A suite is one file (suite_NAME.c) that defines a struct suite, and one line in suite.c. Its own
 * options are an argp parser, a child of run's, shown below run's in --help under a heading made of
 * name and summary. suite_check (before anything is touched) -> run.
 */
#ifndef BPFTOLL_KIT_CMD_SUITE_H
#define BPFTOLL_KIT_CMD_SUITE_H

#include <argp.h>
#include <stdbool.h>

#include "calib/error.h"
#include "kit/probes/harness.h"
#include "kit/probes/plan.h"
#include "reports/record/record.h"

struct suite {
	const char *name, *summary;
	const struct argp *argp; /* its own options; NULL: none */
	void *input;		 /* their parser's state->input */
	/*
	 * named: the suite is the one that runs; else only whether options of its own were given
	 * without it. run: the options of run itself; the suite refuses those that mean nothing to
	 * it. 0 or -EINVAL, why. May be NULL.
	 */
	int (*check)(bool named, const struct plan_options *run, struct error *why);
	/*
	 * Measures into the record, writing it as often as something is finished. 0: done. -EINTR:
	 * stopped, the record is partial and written. -EBADMSG: done and written, but some event
	 * accounting don't balance (why), so the run fails. Other -errno: the record cannot be
	 * written or nothing could be tried; why.
	 */
	int (*run)(const struct harness_env *env, const struct plan_options *run,
		   struct record *record, struct error *why);
};

extern const struct suite suite_events;
extern const struct suite suite_helpers;
extern const struct suite suite_crosscheck;
extern const struct suite suite_apps;

/* NULL: no suite of that name here (it may be a plan's). */
const struct suite *suite_find(const char *name);

/* Their names, for messages; NULL past the last. */
const char *suite_name(size_t i);

/* Asks every suite. suite: the one that runs, or NULL. 0 or -EINVAL, why. */
int suite_check(const struct suite *suite, const struct plan_options *run, struct error *why);

/* For run's own argp: the children, and their inputs at ARGP_KEY_INIT. */
const struct argp_child *suite_children(void);
void suite_inputs(void **inputs);

#endif
