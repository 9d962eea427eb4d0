/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * app_answer: what a probe did to a program, against what its price and the program's rate of calls
 * predict.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_APP_ANSWER_H
#define BPFTOLL_REPORTS_JUDGE_APP_ANSWER_H

#include "reports/judge/null_test.h"
#include "reports/record/record_rows.h"

#define APP_ALONE "none"       /* the program without a probe */
#define APP_AGAIN "none_again" /* the same, as if it were one */

enum app_answer {
	APP_UNKNOWN, /* nothing is predicted, or there is no interval */
	APP_NEVER,   /* the program makes none of the calls that the probe is attached to */
	APP_BELOW,   /* nothing is seen, and what is predicted could not be (abba_visible) */
	APP_ALIKE,   /* the two intervals meet */
	APP_MORE,
	APP_LESS
};

/* Does the program make none of the calls that run the probe? Programs on sys_enter run for each.
 */
bool app_never_fires(const struct record *rec, const struct app_result *row);

/* row: a measured one of rec. */
enum app_answer app_answer(const struct record *rec, const struct app_result *row);

const char *app_answer_name(enum app_answer answer); /* "the probe never fires here"; "-" */

/*
 * The null test of a program by that quantity: again, its row with APP_AGAIN, against what the rows
 * of the program claim to show (null_test.h). bound: that, in %. 0 or -ENOMEM.
 */
int app_null_test(const struct record *rec, const struct app_result *again,
		  enum null_verdict *verdict, double *bound);

#endif
