/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verdict_criteria: the three criteria of one configuration, each against the budget's thresholds.
 *
 * Each fills a judgement that begins as INCONCLUSIVE with nothing known; the result is measured.
 * verdict.h has the rules.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_VERDICT_CRITERIA_H
#define BPFTOLL_REPORTS_JUDGE_VERDICT_CRITERIA_H

#include <stdbool.h>
#include "reports/judge/budget.h"
#include "reports/judge/record_set.h"
#include "reports/record/record_rows.h"

/* From the best to the worst news of a run. */
enum verdict { VERDICT_GREEN, VERDICT_YELLOW, VERDICT_INCONCLUSIVE, VERDICT_RED };
enum criterion { CRITERION_P99, CRITERION_CPU, CRITERION_LOSS, CRITERIA };

#define VERDICT_UNDER_TEST_WAKEUP "caught_up"

struct judgement {
	/* ns, lo and hi: what the p99 of the cost lies between, value: the shift of p99s; % of one
	 * CPU; % of the events. NAN: not known */
	struct effect measured;
	enum verdict verdict;
	bool part;	  /* a lower bound: some of it was not measured */
	char rests[256];  /* the results and points that it rests on; "" for none */
	char shows[256];  /* what they show, in figures; "" for nothing */
	char settle[512]; /* INCONCLUSIVE: what would settle it; YELLOW within reach of GREEN: the
			     same */
};

/* What all configurations are judged by. */
struct criteria {
	struct budget budget;
	const struct record_set *record_set;
	const char *under_test_variant;
	double aa_p99_off; /* ns that p99 intervals are widened by */
};

enum verdict verdict_of(struct effect measured, struct bounds bounds);

/* Is it the probe under test, whose variant is given? */
bool criteria_under_test(const char *variant, const struct record_result *result);

void verdict_p99(const struct criteria *by, const struct record_result *result,
		 struct judgement *j);

/* others_cpu: % of one CPU that other syscalls pay. */
void verdict_cpu(const struct criteria *by, const struct record_result *result,
		 struct effect others_cpu, struct judgement *j);
void verdict_lost(const struct criteria *by, const struct record_result *result,
		  struct judgement *j);

/* The loss at the overload rate, the worst of all points. */
struct effect verdict_overload(const struct criteria *by, const struct record_result *result);

const char *verdict_name(enum verdict verdict);	      /* "GREEN" */
const char *criterion_name(enum criterion criterion); /* "p99", "CPU", "loss" */

#endif
