/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer_prediction: lines about a prediction that several answers have. Internal to
 * reports/answer. */
#ifndef BPFTOLL_REPORTS_ANSWER_SUITES_ANSWER_PREDICTION_H
#define BPFTOLL_REPORTS_ANSWER_SUITES_ANSWER_PREDICTION_H

#include "reports/answer/answer.h"
#include "reports/predict/prediction.h"

/* Was the hook measured on the kernel that is predicted for? */
bool prediction_has_measured(const struct prediction *p, const char *hook);

/* Does the run's record say that it tried the hook? */
bool prediction_tried(const struct prediction *p, const char *hook);

/* "Withheld": each reason once, with its hooks. hook: of this one; NULL: of all; tried: only of
 * those that the run tried, in short. 0 or -ENOMEM. */
int prediction_say_withheld(struct answer *a, const struct prediction *p, const char *hook,
			    bool tried);

/* "Seen" and "Range": how far off such predictions were; "Note". */
void prediction_say_seen(struct answer *a, const struct prediction *p);
void prediction_say_notes(struct answer *a, const struct prediction *p);

/* The machine, what prices were fitted to, whose instructions. */
void prediction_titles(struct answer *a, const struct prediction *p);
void prediction_prices(struct answer *a, const struct prediction *p);

#endif
