/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kit/probes/totals.h"
#include "reports/record/record_rows.h"

int totals_open(const struct worker_page *page, struct totals *out)
{
	*out = (struct totals){.page = page,
			       .experiments =
				       calloc(page->n_experiments, sizeof(*out->experiments))};
	if (!out->experiments)
		return -ENOMEM;
	for (size_t p = 0; p < page->n_experiments; p++) {
		struct experiment_sum *sum = &out->experiments[p];

		sum->n_configs = worker_page_experiment(page, p)->n_configs;
		sum->configs = calloc(sum->n_configs, sizeof(*sum->configs));
		if (!sum->configs)
			return -ENOMEM;
	}
	return 0;
}

void totals_close(struct totals *results)
{
	for (size_t p = 0; results->experiments && p < results->page->n_experiments; p++) {
		struct experiment_sum *sum = &results->experiments[p];

		for (size_t i = 0; sum->configs && i < sum->n_configs; i++) {
			free(sum->configs[i].counts);
			free(sum->configs[i].neighbour);
		}
		free(sum->configs);
		free(sum->worker);
	}
	free(results->experiments);
	results->experiments = NULL;
}

static void note_conditions(struct experiment_sum *sum, const struct worker_row *row,
			    const struct worker_experiment *told, size_t round,
			    struct record *record)
{
	struct round_conditions *kept;

	/* where instructions are counted no conditions are noted */
	if (!(row->seconds > 0))
		return;
	if (isfinite(row->steal))
		sum->steal += row->steal * row->seconds;
	sum->seconds += row->seconds;
	sum->switches += row->switches;
	kept = record_add_round_conditions(record);
	if (!kept)
		return;
	kept->workload = strdup(workloads[told->workload].name);
	kept->cache = strdup(cache_state_name(told->cache));
	kept->round = (unsigned int)round;
	kept->seconds = row->seconds;
	kept->steal = row->steal;
	kept->interrupts = row->interrupts;
	kept->switches = row->switches;
	kept->frequency = row->frequency;
}

/*
 * Appends n elements of the given size to a list (may be NULL) that has `have` of them. Returns
 * NULL without memory; the list then stays valid.
 */
static void *append(void *list, size_t have, const void *more, size_t n, size_t bytes)
{
	char *grown = reallocarray(list, have + n + 1, bytes);

	if (grown)
		memcpy(grown + have * bytes, more, n * bytes);
	return grown;
}

static int add_rounds(struct totals *r, size_t p, struct record *record)
{
	const struct worker_experiment *told = worker_page_experiment(r->page, p);
	struct experiment_sum *sum = &r->experiments[p];
	uint32_t *worker =
		reallocarray(sum->worker, sum->rounds + told->rounds + 1, sizeof(*worker));

	if (!worker)
		return -ENOMEM;
	sum->worker = worker;
	for (size_t i = 0; i < told->rounds; i++) {
		worker[sum->rounds + i] = r->page->number;
		note_conditions(sum, worker_page_row(r->page, p, i), told, sum->rounds + i, record);
	}
	return 0;
}

/* The page holds the rounds of a configuration one after another. */
static int add_config(struct totals *r, size_t p, size_t config)
{
	struct config_sum *to = &r->experiments[p].configs[config];
	size_t have = r->experiments[p].rounds, more = worker_page_experiment(r->page, p)->rounds;
	struct neighbour_reading *readings =
		append(to->neighbour, have, worker_page_neighbour(r->page, p, config, 0), more,
		       CONFIG_READINGS * sizeof(*readings));
	double *counts;

	if (!readings)
		return -ENOMEM;
	to->neighbour = readings;
	if (!worker_page_config(r->page, p, config)->rests)
		to->rounds += more;
	if (!r->page->n_counters)
		return 0;
	counts = append(to->counts, have, worker_page_counts(r->page, p, config, 0), more,
			r->page->n_counters * sizeof(*counts));
	to->counts = counts ? counts : to->counts;
	return counts ? 0 : -ENOMEM;
}

int totals_take(struct totals *r, struct record *record)
{
	bool any = false;
	int err = 0;

	for (size_t p = 0; p < r->page->n_experiments && !err; p++) {
		struct experiment_sum *sum = &r->experiments[p];

		err = add_rounds(r, p, record);
		for (size_t i = 0; i < sum->n_configs && !err; i++) {
			result_events_add(&sum->configs[i].events,
					  &worker_page_config(r->page, p, i)->told.events);
			err = add_config(r, p, i);
		}
		if (!err) {
			sum->rounds += worker_page_experiment(r->page, p)->rounds;
			any = any || worker_page_experiment(r->page, p)->rounds;
		}
	}
	r->workers += any;
	return err;
}

unsigned int totals_workers(const struct experiment_sum *sum, size_t config)
{
	unsigned int workers = 0;

	/* the rounds of one worker are consecutive */
	for (size_t r = 0; r < sum->configs[config].rounds; r++)
		workers += r == 0 || sum->worker[r] != sum->worker[r - 1];
	return workers;
}

size_t totals_rounds(const struct totals *r)
{
	size_t least = SIZE_MAX;

	for (size_t p = 0; p < r->page->n_experiments; p++)
		if (r->experiments[p].rounds < least)
			least = r->experiments[p].rounds;
	return r->page->n_experiments ? least : 0;
}
