/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * calibration: prices that a run of suite calibrate measured in user space, as rows that the model
 * is fitted to beside the run's own.
 *
 * Taken are instructions whose price is their own, whatever stands around them: branches that the
 * kernel's mitigations send through the return stack, atomics, clock reads, flags, serialising
 * ones. Plain code, loads and stores are not: in a loop of nothing else they cost what the
 * processor can do at best (or, each waiting for the one before, at worst), and between other code
 * anything in between. Those prices stay the run's to tell.
 */
#ifndef BPFTOLL_REPORTS_PREDICT_CALIBRATION_H
#define BPFTOLL_REPORTS_PREDICT_CALIBRATION_H

#include "calib/error.h"
#include "reports/predict/model.h"

#define CALIBRATION_ROWS_MOST 16
#define CALIBRATION_HOOK      "user space" /* hook of such rows */

/* Has it any prices? */
bool calibration_is(const struct record *rec);

/* 0; -EINVAL, why: it is of another machine, or of other mitigations, than the run. */
int calibration_check(const struct record *run, const struct record *prices, struct error *why);

/* The first of the records that has prices and passes calibration_check; NULL: none. */
const struct record *calibration_find(struct record *const *records, size_t n,
				      const struct record *run);

/* Room for CALIBRATION_ROWS_MOST; the strings are the record's. Returns how many. */
size_t calibration_rows(const struct record *prices, struct model_row *rows);

#endif
