/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * allocation: which configurations the next worker processes visit in a run that goes on until its
 * intervals are narrow enough (reports/stats/sequential/stopping.h).
 *
 * allocation_note after each evaluation, allocation_look after those at the numbers of processes
 * that stopping_next gives and at the end. Only half-widths decide. The null tests and the
 * baselines that they and the remaining rows are compared with go on as long as their experiment
 * does.
 */
#ifndef BPFTOLL_KIT_PROBES_STOPPING_ALLOCATION_H
#define BPFTOLL_KIT_PROBES_STOPPING_ALLOCATION_H

#include "kit/probes/worker_page.h"
#include "reports/record/record.h"

/*
 * Notes in the record's results which rows have the half-width that was asked for. Returns 0 or
 * -ENOMEM.
 */
int allocation_note(const struct precision *precision, const struct worker_page *page,
		    struct record *record);

/*
 * The same, and decides what rests from now on. more: would another process be of use to any row?
 */
int allocation_look(const struct precision *precision, struct worker_page *page,
		    struct record *record, bool *more);

#endif
