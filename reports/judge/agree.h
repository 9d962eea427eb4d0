/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * agree: several runs of one result: are their differences within their intervals?
 *
 * The estimate of a run is "typical" (the median where instructions are counted), its standard
 * error the wider half of the interval over Student's t. The test is chi-square over the runs
 * (weights 1/error²), in Welch's (1951) form, which has the few degrees of freedom of each interval
 * in it; corrected over the results by Holm. agree_records -> agree_say -> agree_free.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_AGREE_H
#define BPFTOLL_REPORTS_JUDGE_AGREE_H

#include <stdbool.h>
#include <stdio.h>
#include "reports/judge/record_set.h"

#define AGREE_ALPHA 0.05 /* over all results together */

/* One run's figure of a result. */
struct estimate {
	double value, error, df; /* error 0: exact; NAN: no interval */
};

/* What runs are compared by: typical, or the median where instructions are counted. */
struct effect agree_figure(const struct record_result *result);

/* false: no configuration, or not measured. */
bool agree_estimate(const struct record_result *result, struct estimate *out);

/* How likely so large differences are by chance; NAN where two or more intervals are not there; 0
 * or 1 where all are exact. */
double agree_p(const struct estimate *x, size_t n);

struct disagreement {
	const struct record_result *low,
		*high; /* the runs with the lowest and the highest figure */
	size_t low_run, high_run;
	double p; /* corrected */
};

struct agreement {
	size_t results; /* measured in two or more of them */
	struct disagreement
		*apart; /* results beyond their intervals, the largest share of the figure first */
	size_t n_apart;
};

/* 0 or -ENOMEM. */
int agree_records(const struct record *const *records, size_t n, struct agreement *out);
int agree_record_set(const struct record_set *e, struct agreement *out);
void agree_free(struct agreement *a);

/* "run A", "run B", …: how a run is called that is the n-th one given, from 0. */
void agree_name(char *out, size_t len, size_t run);

#endif
