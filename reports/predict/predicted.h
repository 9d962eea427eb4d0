/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * predicted: what the records of a set predict together: prices from its run, instructions from its
 * lab records, and how far off that was on its runs of other machines.
 *
 * predicted_open -> if it was asked for: if it was made, of; else why -> predicted_close. The set
 * must outlive it.
 */
#ifndef BPFTOLL_REPORTS_PREDICT_PREDICTED_H
#define BPFTOLL_REPORTS_PREDICT_PREDICTED_H

#include "reports/judge/record_set.h"
#include "reports/predict/prediction.h"

struct predicted {
	bool asked; /* the set has a lab record with instructions by class */
	int err;    /* 0: made; -ENOENT: no such record of the kernel; as prediction_make */
	struct error why;
	struct prediction of;
};

/*
 * kernel: the series ("6.12") to predict for; NULL: the run's. Of several runs the first that will
 * do. others_alone: the run's own errors have no part in the ranges (where there are others). 0 or
 * -ENOMEM.
 */
int predicted_open(const struct record_set *set, const char *kernel, bool others_alone,
		   struct predicted *out);
void predicted_close(struct predicted *predicted);

/* Made, and is there a range for this one? wakeup: the record's word. NULL: withheld, or measured.
 */
const struct prediction_row *predicted_find(const struct predicted *predicted, const char *hook,
					    const char *body, const char *wakeup);

#endif
