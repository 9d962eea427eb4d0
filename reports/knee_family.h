/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * knee_family: of many curves that were tested for a bend (knee.h), the ones that stand when all are counted: Holm's step-down
 * test (1979), so that curves without any give a knee in at most one report of a hundred.
 */
#ifndef BPFTOLL_KNEE_FAMILY_H
#define BPFTOLL_KNEE_FAMILY_H

#include <stdbool.h>
#include <stddef.h>

#include "reports/record_rows.h"

/* In how many of 100 reports without a knee one may be told. */
#define KNEE_FAMILY_P 0.01

/*
 * stands[i]: the i-th is a knee among these n. One that knee_find did not find, and one of a record from before bends had a
 * direction (highest NAN), never is; the latter is no test either. *tested: how many were. Returns the number that stand.
 */
size_t knee_family_holm(const struct knee *const *knees, size_t n, bool *stands, size_t *tested);

/* The record's own: found stays where it stands, the others become "no knee below the highest rate". 0 or -ENOMEM. */
int knee_family_settle(struct record *rec);

#endif
