/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/read/wakeup_policy.h"
#include "kit/probes/stopping/allocation.h"
#include "kit/probes/comparison.h"

struct row {
	struct worker_config *config;
	struct record_result *result;
};

/* A probe that works here, no null test. */
static bool is_row(const struct worker_config *config)
{
	return config->kind == CONFIG_PROBE && !config->again && config->status == RESULT_MEASURED;
}

static struct record_result *result_of(const struct worker_page *page, struct record *record,
				       size_t experiment, size_t config)
{
	const struct worker_experiment *of = worker_page_experiment(page, experiment);
	const struct worker_config *row = worker_page_config(page, experiment, config);
	char id[192];

	snprintf(id, sizeof(id), "%s/%s/%s/%s", worker_config_variant(page, experiment, config),
		 workloads[of->workload].name, wakeup_policy_name(row->wakeup),
		 cache_state_name(of->cache));
	for (size_t i = 0; i < record->n_results; i++)
		if (!strcmp(record->results[i]->id, id))
			return record->results[i];
	return NULL;
}

/* rows and states have room for all configurations of the page. Returns how many rows there are. */
static size_t gather(const struct worker_page *page, struct record *record, struct row *rows,
		     struct stopping_row *states)
{
	size_t n = 0;

	for (size_t p = 0; p < page->n_experiments; p++)
		for (size_t i = 0; i < worker_page_experiment(page, p)->n_configs; i++) {
			struct worker_config *config = worker_page_config(page, p, i);
			struct record_result *result =
				is_row(config) ? result_of(page, record, p, i) : NULL;

			if (!result || result->status != RESULT_MEASURED)
				continue;
			rows[n] = (struct row){config, result};
			states[n] = (struct stopping_row){.effect = result->overhead.typical,
							  .rests = config->rests};
			/* over the rounds of one process: not the interval that is asked for */
			if (result->workers < 2)
				states[n].effect.lo = states[n].effect.hi = NAN;
			n++;
		}
	return n;
}

static bool any_row_goes_on(const struct worker_page *page, size_t p)
{
	for (size_t i = 0; i < worker_page_experiment(page, p)->n_configs; i++)
		if (is_row(worker_page_config(page, p, i)) &&
		    !worker_page_config(page, p, i)->rests)
			return true;
	return false;
}

static bool is_needed(const struct worker_page *page, size_t p, size_t baseline)
{
	if (baseline == COMPARISON_BASELINE)
		return true; /* of the null test with nothing attached */
	for (size_t i = 0; i < worker_page_experiment(page, p)->n_configs; i++) {
		const struct worker_config *config = worker_page_config(page, p, i);

		if (is_row(config) && !config->rests && config->own == baseline)
			return true;
	}
	return false;
}

/* What rests beside the rows of an experiment. */
static void rest_others(const struct worker_page *page, size_t p)
{
	const struct worker_experiment *experiment = worker_page_experiment(page, p);
	bool over = !any_row_goes_on(page, p);

	for (size_t i = 0; i < experiment->n_configs && !over; i++) {
		const struct worker_config *config = worker_page_config(page, p, i);

		/* the probe that a null test repeats */
		if (config->kind == CONFIG_PROBE && config->again)
			worker_page_config(page, p, config->own)->rests = false;
	}
	for (size_t i = 0; i < experiment->n_configs; i++) {
		struct worker_config *config = worker_page_config(page, p, i);

		if (over || (comparison_is_baseline(config) && !is_needed(page, p, i)))
			config->rests = true;
	}
}

/* decides: what rests is changed. */
static int judge(const struct precision *precision, const struct worker_page *page,
		 struct record *record, bool decides, bool *more)
{
	struct row *rows = calloc(page->n_configs + 1, sizeof(*rows));
	struct stopping_row *states = calloc(page->n_configs + 1, sizeof(*states));
	size_t n = 0;
	int err = rows && states ? 0 : -ENOMEM;

	if (!err) {
		n = gather(page, record, rows, states);
		*more = stopping_look(precision, states, n);
	}
	for (size_t i = 0; i < n; i++) {
		if (decides)
			rows[i].config->rests = states[i].rests;
		rows[i].result->precision = (struct result_precision){
			.present = true,
			.target = stopping_target(precision, &states[i].effect),
			.reached = states[i].reached,
		};
	}
	free(states);
	free(rows);
	return err;
}

int allocation_note(const struct precision *precision, const struct worker_page *page,
		    struct record *record)
{
	bool more;

	return judge(precision, page, record, false, &more);
}

int allocation_look(const struct precision *precision, struct worker_page *page,
		    struct record *record, bool *more)
{
	int err = judge(precision, page, record, true, more);

	for (size_t p = 0; p < page->n_experiments && !err; p++)
		rest_others(page, p);
	return err;
}
