/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prediction_print: predictions and their validation to text; every predicted figure has a "≈". */
#ifndef BPFTOLL_REPORTS_SHOW_PREDICT_PREDICTION_PRINT_H
#define BPFTOLL_REPORTS_SHOW_PREDICT_PREDICTION_PRINT_H

#include <stdio.h>

#include "reports/predict/prediction.h"

/* hook: only of this one; NULL: of all. 0 or -ENOMEM. */
int prediction_print(const struct prediction *prediction, const char *hook, FILE *out);

/* What was measured beside what is predicted when its hook is left out. 0 or -ENOMEM. */
int prediction_print_validation(const struct prediction *prediction, FILE *out);

#endif
