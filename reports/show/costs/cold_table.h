/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cold_table: what was evicted before cold calls and the proof that it was; what a probe costs cold
 * against hot.
 *
 * Internal to render. Both print nothing for a record without cold calls. 0 or -ENOMEM.
 */
#ifndef BPFTOLL_REPORTS_SHOW_COSTS_COLD_TABLE_H
#define BPFTOLL_REPORTS_SHOW_COSTS_COLD_TABLE_H

#include "reports/show/page.h"
#include "reports/record/record.h"

int cold_print_proofs(struct page *page);
int cold_print_against_hot(struct page *page);

/* a minus b, measured apart from each other: the ends' distances are added in quadrature. */
struct effect cold_difference(struct effect a, struct effect b);

#endif
