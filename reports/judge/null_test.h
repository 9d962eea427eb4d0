/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * null_test: two configurations that are the same, and what their difference shows about every
 * other difference.
 *
 * Of two kinds: nothing attached, twice (the record's "aa"), and one probe as two configurations
 * ("bb"), which has loads, attaches and code addresses in it. An interval that includes zero is no
 * proof, since a wide one always does, and one that excludes it no fault, since a narrow one may by
 * a hair. So the test is one of equivalence (two one-sided tests: Westlake 1976, Schuirmann 1987)
 * against the bound that the table itself sets: the difference that its narrower rows claim to
 * show, 1.43 half-widths (abba_visible), taken at the rows' lower quartile, and no less than 1 ns
 * or instruction.
 *   passes: all of the 95 % interval lies within the bound, whether it includes zero or not
 *   FAILS: all of it lies beyond, on one side, even when widened for 40 tests, as in suite quick:
 *     five figures of two tests on each of four operations (Bonferroni, with Student's t). All of
 *     a run's tests together fail by chance in 5 % of runs at most
 *   not resolved: neither; a bias that would mislead is neither shown nor excluded
 * The largest difference that the interval allows is the detection limit: what is smaller cannot be
 * seen in this table.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_NULL_TEST_H
#define BPFTOLL_REPORTS_JUDGE_NULL_TEST_H

#include "reports/record/record.h"

#define NULL_TEST_LEAST 1.0
#define NULL_TEST_ALPHA (0.05 / 40)

enum null_verdict { NULL_PASSES, NULL_UNRESOLVED, NULL_FAILS, NULL_UNKNOWN };

/* "passes", "not resolved", "FAILS", "no interval" */
const char *null_verdict_name(enum null_verdict verdict);

/* The largest difference that the interval allows; NAN without one. */
double null_test_limit(struct effect e);

/*
 * bound: the least difference that matters; NAN: there is nothing to hold it against, and only what
 * is exactly the same passes. df: degrees of freedom of the 95 % interval. No interval:
 * NULL_UNKNOWN.
 */
enum null_verdict null_test_judge(struct effect e, double bound, double df);

/* The bound that rows set whose smallest visible differences (abba_visible) are these, sorted in
 * place; NAN left out; no less than least. None: NAN. */
double null_test_bound(double *visible, size_t n, double least);

/* The five figures that are tested, each judged by the rows of the same operation, cache state and
 * unit. */
#define NULL_TEST_FIGURES 5

struct null_figure {
	const char *name; /* typical, mean, p50, p99, p99.9 */
	struct effect e;
	double bound;
	enum null_verdict verdict;
};

struct null_test {
	struct null_figure figure[NULL_TEST_FIGURES];
	enum null_verdict verdict; /* that of typical; NULL_FAILS where any figure fails */
};

/* result: one of rec, whose program is "aa" or "bb". 0 or -ENOMEM. */
int null_test_of(const struct record *rec, const struct record_result *result,
		 struct null_test *out);

/* Is it measured, and one of the two kinds? */
bool null_test_is_one(const struct record_result *result);

#endif
