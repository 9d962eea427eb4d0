/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * totals: the sum of what all workers of a run have reported so far: rounds and who timed them,
 * events, counters, conditions.
 *
 * totals_open -> totals_take (after each worker) … -> totals_close.
 */
#ifndef BPFTOLL_KIT_PROBES_TOTALS_H
#define BPFTOLL_KIT_PROBES_TOTALS_H

#include "kit/probes/worker_page.h"
#include "reports/record/record.h"

struct config_sum {
	size_t rounds; /* in which it was visited: the first ones of the experiment's */
	struct result_events events;
	double *counts; /* rounds x n_counters counts of one call, or NULL */
	/* rounds x CONFIG_READINGS; a chain of 0 ticks: no reading */
	struct neighbour_reading *neighbour;
};

struct experiment_sum {
	size_t rounds;
	uint32_t *worker; /* number of the worker that timed each round */
	struct config_sum *configs;
	size_t n_configs;
	double seconds, steal; /* over all rounds; steal: %, weighted by time */
	uint64_t switches;
};

struct totals {
	const struct worker_page *page;
	struct experiment_sum *experiments;
	unsigned int workers; /* workers that completed at least one round */
};

/* Returns 0 or -ENOMEM. */
int totals_open(const struct worker_page *page, struct totals *out);
void totals_close(struct totals *results);

/*
 * Adds what the worker of this page reported; conditions of its rounds go into the record. Returns
 * 0 or -ENOMEM.
 */
int totals_take(struct totals *results, struct record *record);

/* The workers that timed a configuration. */
unsigned int totals_workers(const struct experiment_sum *sum, size_t config);

/* The number of rounds that every experiment has. */
size_t totals_rounds(const struct totals *results);

#endif
