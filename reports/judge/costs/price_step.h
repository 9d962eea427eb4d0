/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * price_step: what one call of a helper costs in a probe, beside its slope: the step of the
 * incremental programs that adds it, which is the difference of two neighbouring programs on a
 * hook.
 *
 * The slope is a throughput price: of one call more among others back to back, which the CPU
 * overlaps. The step is paid once, among other code, with what the program needs around the call.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_COSTS_PRICE_STEP_H
#define BPFTOLL_REPORTS_JUDGE_COSTS_PRICE_STEP_H

#include "reports/record/record_rows.h"

/*
 * The hook whose steps stand beside prices of that unit and workload: first (a host program) where
 * the record has a incremental programs on it, else the first hook with one; NULL: none.
 */
const char *price_step_hook(const struct record *rec, enum unit unit, const char *workload,
			    const char *first);

/* The step on that hook, in the row's unit, hot; NAN where the incremental programs has none for it
 * (other sizes, helpers in no program). */
struct effect price_step(const struct record *rec, const struct slope *row, const char *hook);

#endif
