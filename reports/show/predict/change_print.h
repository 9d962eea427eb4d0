/* SPDX-License-Identifier: GPL-3.0-or-later */
/* change_print: what other kernels and mitigations would change, to text of 80 columns. */
#ifndef BPFTOLL_REPORTS_SHOW_PREDICT_CHANGE_PRINT_H
#define BPFTOLL_REPORTS_SHOW_PREDICT_CHANGE_PRINT_H

#include <stdio.h>

#include "reports/predict/change.h"

/* hook: only of this one; NULL: of all. 0 or -ENOMEM. */
int change_print(const struct prediction *prediction, const struct change *changes, size_t n,
		 const char *hook, FILE *out);

#endif
