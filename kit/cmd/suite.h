/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * suite: what `bpftoll run --suite NAME` can do beside a plan of experiments (plan.h has quick,
 * full and matrix).
 *
 * A suite is one file (suite_NAME.c) that defines a struct suite, and one line in suite.c. Its own
 * options are shown below run's in --help under a heading made of name and summary; where one of
 * them is given, --suite need not be. check (before anything is touched) -> run.
 */
#ifndef BPFTOLL_KIT_CMD_SUITE_H
#define BPFTOLL_KIT_CMD_SUITE_H

#include "calib/error.h"
#include "kit/probes/harness.h"
#include "kit/cmd/options/options.h"
#include "kit/probes/plan.h"
#include "reports/record/record.h"

struct suite {
	const char *name, *summary;
	const struct option_row *options; /* its own; NULL: none */
	char ***words; /* takes words behind the options: a command with its arguments; NULL:
			  doesn't */
	/*
	 * Of the suite that runs. run: the options of run itself; the suite refuses those that mean
	 * nothing to it. 0 or -EINVAL, why. May be NULL.
	 */
	int (*check)(const struct plan_options *run, struct error *why);
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

/*
 * The name of the suite that the options given belong to; NULL: they belong to none. named: by
 * --suite, or NULL. 0; -EINVAL, why: to another than the one named, or to several.
 */
int suite_of_options(const char *named, const char **name, struct error *why);

/* For run's --help: a group of options for each suite that has some. */
const struct option_group *suite_option_groups(void);

#endif
