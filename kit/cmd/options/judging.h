/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * judging: the records and thresholds that a verdict is based on: options shared by verdict and
 * report.
 *
 * After options_parse: judging_record_set, judging_budget.
 */
#ifndef BPFTOLL_KIT_JUDGING_H
#define BPFTOLL_KIT_JUDGING_H

#include <stddef.h>

#include "calib/error.h"
#include "kit/cmd/options/options.h"
#include "reports/judge/budget.h"
#include "reports/judge/record_set.h"

extern const struct option_row judging_budget_rows[], judging_lab_rows[];

/* The operands of both commands. */
extern const char *judging_runs[];
extern size_t judging_n_runs;
#define JUDGING_RUNS                                                                    \
	.operands = "RUN...", .list = {judging_runs, &judging_n_runs, RECORD_SET_MOST}, \
	.least = 1, .missing = "which record? (a run's folder, or its record.json)"

/* Reads the records given. Call record_set_close whatever it returns: 0 or -errno with why. */
int judging_record_set(struct record_set *out, struct error *why);

/* Reads only records of the lab and of other machines. Returns as judging_record_set. */
int judging_labs(struct record_set *out, struct error *why);
int judging_budget(struct budget *out, struct error *why);

/* Says on stderr if a run was killed and not recovered: its record lacks rounds. */
void judging_hint(const char *run);

#endif
