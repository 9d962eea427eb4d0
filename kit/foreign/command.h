/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command: what a command of the user's takes longer with all programs of the bundle attached, as
 * in suite apps: windows of a run each, with and without, in blocks of four (ABBA).
 */
#ifndef BPFTOLL_KIT_FOREIGN_COMMAND_H
#define BPFTOLL_KIT_FOREIGN_COMMAND_H

#include "kit/probes/harness_env.h"
#include "kit/probes/plan.h"
#include "reports/record/record.h"

/*
 * Attaches the entries with `works`, those of an object at once. Rows go into the record, which is
 * written. The programs' runs are counted in a first run of the command, which is not timed: what
 * it did not run has no figure. 0; -EINTR: stopped; other -errno with why.
 */
int command_run(const struct harness_env *env, const struct plan_options *run, char *const *command,
		struct record *record, struct error *why);

#endif
