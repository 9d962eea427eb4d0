/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * allocation: which configurations the next worker processes visit in a run that goes on until its
 * intervals are narrow enough (reports/stats/stopping.h).
 *
 * allocation_look after an evaluation, at the numbers of processes that stopping_next gives and at
 * the end. Only half-widths decide. The null tests and the baselines that they and the remaining
 * rows are compared with go on as long as their experiment does.
 */
#ifndef BPFTOLL_KIT_PROBES_ALLOCATION_H
#define BPFTOLL_KIT_PROBES_ALLOCATION_H

#include "kit/probes/worker_page.h"
#include "reports/record/record.h"

/*
 * Notes in the record's results which rows have reached the precision, and in the page what rests.
 * more: would another process be of use to any row? Returns 0 or -ENOMEM.
 */
int allocation_look(const struct precision *precision, struct worker_page *page,
		    struct record *record, bool *more);

#endif
