/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * totals: what all workers of a run have told so far, summed: rounds and who timed them, events,
 * counters, conditions.
 *
 * results_open -> results_take (after each worker) … -> results_close.
 */
#ifndef BPFTOLL_KIT_PROBES_TOTALS_H
#define BPFTOLL_KIT_PROBES_TOTALS_H

#include "kit/probes/worker_page.h"
#include "reports/record/record.h"

struct config_sum {
	struct result_events events;
	double *counts; /* rounds x n_counters of a call, or NULL */
	struct neighbour_reading
		*neighbour; /* rounds x CONFIG_READINGS; a chain of 0 ticks: none */
};

struct experiment_sum {
	size_t rounds;
	uint32_t *worker; /* of each round */
	struct config_sum *configs;
	size_t n_configs;
	double seconds, steal; /* of all rounds; steal: % of them, weighted */
	uint64_t switches;
};

struct totals {
	const struct worker_page *page;
	struct experiment_sum *experiments;
	unsigned int workers; /* that did at least one round */
};

/* 0 or -ENOMEM. */
int totals_open(const struct worker_page *page, struct totals *out);
void totals_close(struct totals *results);

/* Adds what the page's worker told; the conditions of its rounds go into the record. 0 or -ENOMEM.
 */
int totals_take(struct totals *results, struct record *record);

/* The least that any experiment has. */
size_t totals_rounds(const struct totals *results);

#endif
