/* SPDX-License-Identifier: GPL-3.0-or-later */
/* changes: bpftoll predict --changes. */
#ifndef BPFTOLL_KIT_CHANGES_H
#define BPFTOLL_KIT_CHANGES_H

#include "reports/judge/record_set.h"
#include "reports/predict/prediction.h"

/*
 * Prints what the kernels of the set's lab records, but for the one that the prediction was fitted
 * with, would change. hook: NULL, all. Returns an exit status.
 */
int changes_show(const struct prediction *prediction, const struct record_set *labs,
		 const char *hook);

#endif
