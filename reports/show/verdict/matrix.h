/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * matrix: a verdict as a reader decides on it: the decision matrix, what would settle it, the
 * budget check.
 */
#ifndef BPFTOLL_REPORTS_SHOW_VERDICT_MATRIX_H
#define BPFTOLL_REPORTS_SHOW_VERDICT_MATRIX_H

#include "reports/show/page.h"
#include "reports/judge/verdict.h"

/* All of it, with the conditions that a verdict must not be read without. 0 or -errno. */
int matrix_print(const struct verdicts *v, enum render_format format, FILE *out);

/* The parts, for the report. Each prints a table or lines, without a heading; nothing when there is
 * nothing. */
void matrix_budget(struct page *page, const struct verdicts *v); /* the thresholds, one paragraph */
int matrix_table(struct page *page, const struct verdicts *v);	 /* the measured configurations */
void matrix_settle(struct page *page,
		   const struct verdicts *v);		       /* what would settle the open ones */
int matrix_check(struct page *page, const struct verdicts *v); /* the budget of a tick */
int matrix_unmeasured(struct page *page,
		      const struct verdicts *v); /* with their instruction counts */

#endif
