/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer_costs: the table of what probes add to a syscall, and what follows from it. Internal to
 * reports/answer. */
#ifndef BPFTOLL_REPORTS_ANSWER_COSTS_H
#define BPFTOLL_REPORTS_ANSWER_COSTS_H

#include <stddef.h>
#include "reports/answer/answer.h"
#include "reports/record/record.h"

/* The syscall and cache state that an answer is about. */
struct costs_of {
	const char *workload, *cache;
};

/* The first measured configuration of them; hook, body and wakeup (the record's word): NULL for
 * any. */
const struct record_result *costs_find(const struct record *rec, const struct costs_of *of,
				       const char *hook, const char *body, const char *wakeup);

/* The hooks measured with them, in the record's order; how many. */
size_t costs_hooks(const struct record *rec, const struct costs_of *of, const char **out,
		   size_t most);

/* Summary, data, quality, budget (answer_costs_lines.c). */
void answer_costs_lines(struct answer *a, const struct record *rec, const struct costs_of *of);
void answer_costs_next(struct answer *a, const struct record *rec);

#endif
