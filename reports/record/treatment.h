/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * treatment: when do a result and a row of an event run measure the same thing? A shared name is
 * none: the whole key must be the same: hook, program, buffer, syscall under test, cache, and the
 * reader: when the kernel wakes it (with the N of every N), the reader's wait and interval, and how
 * often it really was woken.
 *
 * In older records one name had several meanings, and they say nothing of the reader. There a name
 * counts only where it meant one thing in results and event runs alike: none, caught_up.
 */
#ifndef BPFTOLL_REPORTS_RECORD_TREATMENT_H
#define BPFTOLL_REPORTS_RECORD_TREATMENT_H

#include <stdbool.h>

#include "reports/record/record_rows.h"

/*
 * Does the point's probe, reader and syscall stand for the result's? Rate, scenario and status are
 * the caller's to choose. Event runs evict nothing: they stand for hot and stirred results, not for
 * cold ones.
 */
bool treatment_same(const struct record_result *result, const struct event_point *point);

/* Two rows of event runs, of whatever rate, policy included. */
bool treatment_points_same(const struct event_point *a, const struct event_point *b);

/* Does the row say how its events were read? */
bool treatment_known(const struct record_reader *reader);

/*
 * Wakeups an event against the 1/N of its wakeup policy: false where they are off by more than 20 %
 * (the row is of another wakeup policy than its name says). true where no N is set, or nothing was
 * read. *per_event: what they were, may be NULL.
 */
#define TREATMENT_REALISED_OFF 0.2
bool treatment_realised(const struct record_reader *reader, uint64_t wakeups, uint64_t events,
			double *per_event);

#endif
