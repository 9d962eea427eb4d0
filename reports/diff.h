/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diff: two records -> cell by cell, did the cost change?
 *
 * Cells pair by id (variant/trigger/drain/cache), so another trigger, drain or cache state never pairs; another unit is refused.
 * The estimate is "typical" (in ns), or the median where instructions are counted.
 *
 * ns: d = b - a, its standard error from both intervals (half-width / Student's t of the rounds), degrees of freedom by
 * Welch & Satterthwaite. Two-sided p values, corrected over all pairs by Holm (1979): slower or faster when the
 * corrected p is below 5 %. Same: the interval of d, at 5 % over all pairs together (Bonferroni), lies within +-margin of a.
 * Else undecided. Past the gate: b - (1 + margin) a is above zero, one-sided, corrected in the same way.
 * Intervals cover the rounds of a run; not another boot, nor another placement: on a shared machine two runs of one thing may differ.
 *
 * Instructions that agree in every round have no interval: what differs, differs.
 */
#ifndef BPFTOLL_DIFF_H
#define BPFTOLL_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include "reports/record.h"
#include "reports/render.h"

enum diff_verdict { DIFF_SAME, DIFF_SLOWER, DIFF_FASTER, DIFF_UNDECIDED };

struct diff_pair {
	const struct record_cell *a, *b;
	struct effect from, to, change; /* change: 95 % for this pair alone */
	double p, p_holm;		/* NAN: exact, or without an interval */
	double p_gate;			/* one-sided, corrected */
	enum diff_verdict verdict;
	bool past_gate;
};

struct diff {
	const struct record *a, *b;
	double margin; /* share: 0.05 */
	bool gated;    /* the user asked for it */
	struct diff_pair *pairs;
	size_t n, past_gate;
};

/* margin: a share (0.05). 0; -EINVAL for two units or no pair at all, why; -ENOMEM. */
int diff_records(const struct record *a, const struct record *b, double margin, struct diff *out,
		 char *why, size_t why_len);
void diff_free(struct diff *d);

/* Hosts, the table, cells without a partner, the sum. 0 or -errno. */
int diff_print(const struct diff *d, enum render_format format, FILE *out);

const char *diff_verdict_name(enum diff_verdict verdict);

#endif
