/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cells: what the workers measured, in samples and results -> the cells of the record.
 */
#ifndef BPFTOLL_CELLS_H
#define BPFTOLL_CELLS_H

#include "kit/harness.h"
#include "kit/results.h"

/*
 * Adds a cell for every arm of every panel, evaluated over the rounds that are done; called again after more rounds, once
 * the cells of the last time were dropped (record_drop_cells). 0 or -errno, why.
 */
int cells_fill(const struct results *results, const struct plan *plan,
	       const struct harness_env *env, struct record *record, char *why, size_t why_len);

/* What was bad while it was measured, and null tests among the cells from `from` on that failed, as degraded lines. Once, at the end. */
void cells_tell_conditions(const struct results *results, struct record *record, size_t from);

#endif
