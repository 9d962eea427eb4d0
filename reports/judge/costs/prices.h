/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prices: what one call of each helper costs: the slopes of a record (slope.h), found and read.
 * price_tables.h prints them.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_COSTS_PRICES_H
#define BPFTOLL_REPORTS_JUDGE_COSTS_PRICES_H

#include "reports/record/record_rows.h"

/* The first measured row of that helper, size and wakeup policy (NULL: any), hot cache; NULL: there
 * is none. */
const struct slope *prices_find(const struct record *rec, const char *helper, const char *size,
				const char *wakeup);

/* The same, by this host program where it was measured on it: what a helper costs may depend on the
 * hook. */
const struct slope *prices_find_on(const struct record *rec, const char *host_program,
				   const char *helper, const char *size, const char *wakeup);

/* What the first call of the helper adds: the slope, or for a nonlinear row the step from 0 to 1
 * repetition; NAN where that was not measured. */
struct effect prices_first_call(const struct slope *row);

/* Which of the two it is: "slope" or "first call". */
const char *prices_kind(const struct slope *row);

/* The helper by which that hook's programs read the syscall's second argument; NULL: not known. */
const char *prices_argument(const char *hook);

#endif
