/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * equivalence: which of many figures lie within their band, surely, and which without.
 *
 * Of one figure: within, when both ends of its 95 % interval are in the band (Schuirmann 1987);
 * below or above, when all of it is beyond; else it cannot be told. Of several: at most one false
 * "within", "below" or "above" in twenty sets, by Holm's (1979) step-down over them all.
 */
#ifndef BPFTOLL_REPORTS_STATS_EQUIVALENCE_H
#define BPFTOLL_REPORTS_STATS_EQUIVALENCE_H

#include <stddef.h>
#include "reports/record/record.h"

enum equivalence { EQUIVALENCE_OPEN, EQUIVALENCE_WITHIN, EQUIVALENCE_BELOW, EQUIVALENCE_ABOVE };

struct equivalence_test {
	struct effect e;
	double from, to; /* the band; either may be infinite */
	enum equivalence outcome;
};

/*
 * Fills the outcomes. A figure without an interval is open, and no test. An interval is taken for
 * Student's with 7 degrees of freedom (8 processes; a wider one is worth more than that, and is
 * then judged a little too strictly beyond 95 %). 0 or -ENOMEM.
 */
int equivalence_holm(struct equivalence_test *tests, size_t n);

/* Of one alone. */
enum equivalence equivalence_one(struct effect e, double from, double to);

#endif
