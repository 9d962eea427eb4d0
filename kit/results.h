/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * results: what all workers of a run have told so far, summed: rounds and who timed them, events, counters, conditions.
 *
 * results_open -> results_take (after each worker) … -> results_close.
 */
#ifndef BPFTOLL_RESULTS_H
#define BPFTOLL_RESULTS_H

#include "kit/worker_page.h"
#include "reports/record.h"

struct arm_sum {
	struct arm_books books;
	double *counts;			     /* rounds x n_counters of a call, or NULL */
	struct neighbour_reading *neighbour; /* rounds x ARM_READINGS; a chain of 0 ticks: none */
};

struct panel_sum {
	size_t rounds;
	uint32_t *worker; /* of each round */
	struct arm_sum *arms;
	size_t n_arms;
	double seconds, steal; /* of all rounds; steal: % of them, weighted */
	uint64_t switches;
};

struct results {
	const struct worker_page *page;
	struct panel_sum *panels;
	unsigned int workers; /* that did at least one round */
};

/* 0 or -ENOMEM. */
int results_open(const struct worker_page *page, struct results *out);
void results_close(struct results *results);

/* Adds what the page's worker told; the conditions of its rounds go into the record. 0 or -ENOMEM. */
int results_take(struct results *results, struct record *record);

/* The least that any panel has. */
size_t results_rounds(const struct results *results);

#endif
