/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diff: two records -> result by result, did the cost change?
 *
 * Results pair by id (variant/workload/wakeup/cache), so another workload, wakeup policy or cache
 * state never pairs; another unit is refused. The estimate is "typical" (in ns), or the median
 * where instructions are counted.
 *
 * A side is one run or several of one thing. ns: d = b - a, its standard error from both intervals
 * (half-width / Student's t of the rounds), degrees of freedom by Welch & Satterthwaite, where each
 * side has one run: that covers these two runs, not another boot, nor another placement. With more,
 * from the scatter of the runs about their side's mean, pooled over the two sides (an absolute
 * variance; runs - 2 degrees of freedom): that covers the next run of each. Two-sided p values,
 * corrected over all pairs by Holm (1979): slower or faster when the corrected p is below 5 %.
 * Same: the interval of d, at 5 % over all pairs together (Bonferroni), lies within +-margin of a.
 * Else undecided. Past the gate: b - (1 + margin) a is above zero, one-sided at 2.5 %, corrected in
 * the same way.
 *
 * The ratio B / A has Fieller's (1954) interval: all r for which b - r a is not told from zero,
 * with the error and the degrees of freedom that difference has. It is bounded where A is surely
 * above zero.
 *
 * Instructions that agree in every round have no interval: what differs, differs.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_DIFF_H
#define BPFTOLL_REPORTS_JUDGE_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include "calib/error.h"
#include "reports/record/record.h"

enum diff_verdict { DIFF_SAME, DIFF_SLOWER, DIFF_FASTER, DIFF_UNDECIDED };

/* The runs of one thing. */
struct diff_side {
	const struct record *const *records;
	size_t n;
};

/* One result in the runs of a side. */
struct diff_group {
	size_t runs;
	double mean, squares; /* of the runs; squares: sum of those of the distances to the mean */
	double within,
		df; /* standard error of the mean from the runs' own intervals; NAN: one has none */
};

struct diff_pair {
	const struct record_result *a, *b; /* of the side's first run that has it */
	struct diff_group group[2];
	struct effect from, to, change; /* change: 95 % for this pair alone */
	struct effect ratio;		/* B / A, the same; NAN where A may be zero */
	double p, p_holm;		/* NAN: exact, or without an interval */
	double p_gate;			/* one-sided, corrected */
	enum diff_verdict verdict;
	bool past_gate;
};

struct diff {
	struct diff_side side[2]; /* A, B */
	double margin;		  /* share: 0.05 */
	bool gated;		  /* the user asked for it */
	struct diff_pair *pairs;
	size_t n, past_gate;
};

/* margin: a share (0.05). The records must outlive out. 0; -EINVAL for two units or no pair at all,
 * why; -ENOMEM. */
int diff_sides(const struct diff_side *a, const struct diff_side *b, double margin,
	       struct diff *out, struct error *why);
void diff_free(struct diff *d);

const char *diff_verdict_name(enum diff_verdict verdict);

#endif
