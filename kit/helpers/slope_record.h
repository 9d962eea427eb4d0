/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slope_record: turns measured rows into slopes of the record.
 *
 * Where a neighbour on the core's other hardware thread can be detected, prices are those of the
 * core alone: a visit counts if the readings before and after it saw no neighbour; a row with too
 * few such rounds uses all. Visits of one round (copies) are reduced to one value (slope.h), so the
 * interval is over rounds. Disturbances of a round that all rows of a kind share (those that wake
 * nobody; each policy that wakes) are subtracted where the data show them (slope_common.h).
 */
#ifndef BPFTOLL_KIT_HELPERS_SLOPE_RECORD_H
#define BPFTOLL_KIT_HELPERS_SLOPE_RECORD_H

#include "kit/helpers/slope_rows.h"
#include "reports/record/record_rows.h"

/*
 * Adds all rows to the record, skipped ones too. record->host.tsc_quantum must be the step of the
 * clock with which they were timed. Returns 0 or -ENOMEM.
 */
int slope_rows_record(const struct slope_rows *rows, enum unit unit, struct record *record);

#endif
