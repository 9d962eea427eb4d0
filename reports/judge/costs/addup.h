/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * addup: do the parts add up to the complete probe? The dispatch of a hook (its empty program) and
 * the prices of what the program calls (prices.h, measured apart, by repetition; on the same hook
 * where there is such) against the probe as it was measured.
 *
 * unexplained = whole - (dispatch + prices). Its interval is that of independent figures
 * (combine.h: half-widths in quadrature). What is left holds the few instructions that no helper
 * owns: the branch, filling the event in.
 *
 * The verdict is an equivalence test: it adds up when both ends of that interval lie within ±20 %
 * of the whole; it does not when all of the interval lies beyond; else it is too wide to tell (+20
 * ±30 of 160 includes zero and shows nothing). The variants of a table are judged together (Holm,
 * equivalence.h). Exact counts have no interval to speak of: they add up within 5 % of the whole,
 * and the table shows what is left to the instruction.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_COSTS_ADDUP_H
#define BPFTOLL_REPORTS_JUDGE_COSTS_ADDUP_H

#include <stdbool.h>
#include "reports/record/record.h"

#define ADDUP_WIDEST 0.20 /* of the whole */
#define ADDUP_EXACT  0.05

enum addup_verdict { ADDUP_YES, ADDUP_NO, ADDUP_TOO_WIDE, ADDUP_NO_PRICE };

struct addup {
	const struct record_result *result; /* the whole */
	struct effect parts;		    /* dispatch and prices */
	struct effect unexplained;
	bool bent; /* a price came from a nonlinear row: its first call was taken */
	enum addup_verdict verdict;
	const char *missing; /* ADDUP_NO_PRICE: what has no price */
};

/* "adds up", … */
const char *addup_verdict_name(enum addup_verdict verdict);

/* Judged alone. results: those among which the dispatch is found; a result that has no parts
 * (empty) is ADDUP_NO_PRICE. */
void addup_check(const struct record *rec, const struct record_result *const *results, size_t n,
		 const struct record_result *result, struct addup *out);

/* Judges n checked sums together, in place of each alone. 0 or -ENOMEM. */
int addup_judge(struct addup *sums, size_t n);

/* Has the record a price that such a sum needs, for the result's workload and unit, hot? */
bool addup_priced(const struct record *rec, const struct record_result *result);

/* Of all results that have parts, judged together; *count of them, to be freed. NULL: no memory. */
struct addup *addup_all(const struct record *rec, const struct record_result *const *results,
			size_t n, size_t *count);

#endif
