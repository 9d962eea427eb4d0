/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trust: does the instrument prove itself? Trials with a known answer in, verdicts out; no I/O.
 *
 * trust_coverage: intervals of differences that are zero. trust_line: delays that were planted, and
 * what came back.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_TRUST_H
#define BPFTOLL_REPORTS_JUDGE_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include "reports/record/record.h"

/* An interval that misses zero by less has no error that matters: null_test.h's least. */
#define TRUST_NEAR 1.0

/* What 200 trials of intervals that are 95 % intervals may show; beyond it they are not. */
#define TRUST_COVERAGE_LEAST 0.92
#define TRUST_COVERAGE_MOST  0.98

enum trust_coverage_verdict {
	COVERAGE_NOMINAL,
	COVERAGE_LOW, /* the intervals are narrower than their error, by more than TRUST_NEAR */
	COVERAGE_HIGH /* they are wider: safe, and blunter than need be */
};

struct trust_coverage {
	size_t trials, held, near; /* near: of a value within TRUST_NEAR of zero */
	struct effect rate; /* held / trials, Clopper & Pearson's (1934) exact 95 % interval */
	double limit;
	enum trust_coverage_verdict verdict;
};

/*
 * How many of the n intervals hold zero, and the detection limit of the median one: the largest
 * difference that it allows. One without ends holds nothing. n = 0: rate and limit NAN,
 * COVERAGE_LOW.
 */
void trust_coverage(const struct effect *intervals, size_t n, struct trust_coverage *out);

#define TRUST_SLOPE_ERROR 0.01

struct trust_line {
	struct effect slope, intercept; /* found = intercept + slope * planted; over batches */
	double intercept_most;		/* what is asked: the standard error of a clock's step */
	struct effect worst;		/* found - planted where that is largest, over batches */
	double worst_at;		/* planted */
	bool slope_ok, intercept_ok;
};

/*
 * planted and found: [batch * points + point], in one unit, as is quantum (the step of the clock).
 * Each batch is fitted by least squares, and the intervals are over the batches. A step of q leaves
 * a standard error of q / sqrt(12) in a reading: the intercept is ok within that, the slope within
 * 1 +- TRUST_SLOPE_ERROR, and either only where its interval is no wider than that (half of it): a
 * scatter that could hide the fault proves nothing. 0; -EINVAL below two batches or three points;
 * -ENOMEM.
 */
int trust_line(const double *planted, const double *found, size_t batches, size_t points,
	       double quantum, struct trust_line *out);

#endif
