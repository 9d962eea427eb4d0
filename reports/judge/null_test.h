/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * null_test: two configurations that are the same, and what their difference shows about every
 * other difference.
 *
 * Of two kinds: nothing attached, twice (the record's "aa"), and one probe as two configurations
 * ("bb"), which has loads, attaches and code addresses in it. An interval that includes zero is no
 * proof: a wide one always does. So the test is one of equivalence with a detection limit: the
 * largest difference that the interval allows is the smallest that this table can show. It fails
 * only where the difference is surely there and matters: the nearer end of an interval that is wide
 * enough for all tests of a run is off zero by more than 1 % of the operation or 1 (ns or
 * instruction), whichever is larger. Wide enough: five figures of two tests on each of four
 * operations, as in suite quick, are 40 chances, so that together they fail by chance in 5 % of
 * runs at most (Bonferroni, with Student's t).
 */
#ifndef BPFTOLL_REPORTS_JUDGE_NULL_TEST_H
#define BPFTOLL_REPORTS_JUDGE_NULL_TEST_H

#include "reports/record/record.h"

#define NULL_TEST_SHARE 0.01
#define NULL_TEST_LEAST 1.0
#define NULL_TEST_ALPHA (0.05 / 40)

enum null_verdict { NULL_PASSES, NULL_FAILS, NULL_UNKNOWN };

/* The largest difference that the interval allows; NAN without one. */
double null_test_limit(struct effect e);

/*
 * length: of the operation with nothing attached ("bb": of the first configuration); NAN: not
 * known. df: degrees of freedom of the 95 % interval. No interval: NULL_UNKNOWN.
 */
enum null_verdict null_test_judge(struct effect e, double length, double df);

/*
 * Of a result whose program is "aa" or "bb": NULL_FAILS when any of typical, mean, p50, p99, p999
 * does, NULL_UNKNOWN when typical has no interval.
 */
enum null_verdict null_test_result(const struct record_result *result);

/* The five figures that are tested, each judged. */
#define NULL_TEST_FIGURES 5

struct null_figure {
	const char *name;
	struct effect e;
	double length; /* of the operation, by the same statistic */
	enum null_verdict verdict;
};

void null_test_figures(const struct record_result *result,
		       struct null_figure out[NULL_TEST_FIGURES]);

#endif
