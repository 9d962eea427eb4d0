/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slope_record: rows that were measured -> slopes of the record.
 *
 * Where a neighbour on the core's other hardware thread can be told, prices are those of the core
 * alone: a visit counts when the readings before and after it saw no neighbour, and a row that has
 * too few of such rounds keeps all. Visits of one round (copies) are reduced to one value
 * (slope.h), so the interval is over rounds. What rows of a kind (those that wake nobody; each
 * state that does) have in common in a round is taken off where the data show such
 * (slope_common.h).
 */
#ifndef BPFTOLL_KIT_HELPERS_SLOPE_RECORD_H
#define BPFTOLL_KIT_HELPERS_SLOPE_RECORD_H

#include "kit/helpers/slope_rows.h"
#include "reports/record/record_rows.h"

/*
 * Adds the rows to the record, skipped ones too. record->host.tsc_quantum is the step of the clock
 * that took the readings. 0 or -ENOMEM.
 */
int slope_rows_record(const struct slope_rows *rows, enum unit unit, struct record *record);

#endif
