/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cache_state: what ran between two timed calls, and which of a record's results are quoted.
 *
 * "stirred": other code, as in a real program: what is quoted. "hot": nothing, a tight loop; quoted
 * where no stirred result of the same treatment was measured (records before 0.2, suite helpers,
 * the exact lab). "cold": everything was evicted; never quoted.
 */
#ifndef BPFTOLL_REPORTS_RECORD_CACHE_STATE_H
#define BPFTOLL_REPORTS_RECORD_CACHE_STATE_H

#include <stdbool.h>
#include "reports/record/record.h"

#define CACHE_STIRRED_NAME "stirred"
#define CACHE_HOT_NAME	   "hot"

bool cache_shown(const struct record *rec, const struct record_result *result);

/* "stirred" if the record has such results, else "hot". */
const char *cache_of(const struct record *rec);

/* The quoted result of these parts; NULL: there is none. */
const struct record_result *cache_find(const struct record *rec, const char *variant,
				       const char *workload, const char *wakeup);

#endif
