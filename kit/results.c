/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kit/results.h"
#include "reports/record_rows.h"

int results_open(const struct worker_page *page, struct results *out)
{
	*out = (struct results){.page = page,
				.panels = calloc(page->n_panels, sizeof(*out->panels))};
	if (!out->panels)
		return -ENOMEM;
	for (size_t p = 0; p < page->n_panels; p++) {
		struct panel_sum *sum = &out->panels[p];

		sum->n_arms = worker_page_panel(page, p)->n_arms;
		sum->arms = calloc(sum->n_arms, sizeof(*sum->arms));
		if (!sum->arms)
			return -ENOMEM;
	}
	return 0;
}

void results_close(struct results *results)
{
	for (size_t p = 0; results->panels && p < results->page->n_panels; p++) {
		struct panel_sum *sum = &results->panels[p];

		for (size_t i = 0; sum->arms && i < sum->n_arms; i++) {
			free(sum->arms[i].counts);
			free(sum->arms[i].neighbour);
		}
		free(sum->arms);
		free(sum->worker);
	}
	free(results->panels);
	results->panels = NULL;
}

static void note_conditions(struct panel_sum *sum, const struct worker_row *row,
			    const struct worker_panel *told, size_t round, struct record *record)
{
	struct round_conditions *kept;

	/* instructions know no conditions: there is no row then */
	if (!(row->seconds > 0))
		return;
	if (isfinite(row->steal))
		sum->steal += row->steal * row->seconds;
	sum->seconds += row->seconds;
	sum->switches += row->switches;
	kept = record_add_round_conditions(record);
	if (!kept)
		return;
	kept->trigger = strdup(triggers[told->trigger].name);
	kept->cache = strdup(cache_state_name(told->cache));
	kept->round = (unsigned int)round;
	kept->seconds = row->seconds;
	kept->steal = row->steal;
	kept->interrupts = row->interrupts;
	kept->switches = row->switches;
	kept->frequency = row->frequency;
}

static int add_rounds(struct results *r, size_t p, struct record *record)
{
	const struct worker_panel *told = worker_page_panel(r->page, p);
	struct panel_sum *sum = &r->panels[p];
	size_t rounds = sum->rounds + told->rounds;
	uint32_t *worker = realloc(sum->worker, (rounds + 1) * sizeof(*worker));

	if (!worker)
		return -ENOMEM;
	sum->worker = worker;
	for (size_t i = 0; i < told->rounds; i++) {
		worker[sum->rounds + i] = r->page->number;
		if (i < WORKER_ROWS_MOST)
			note_conditions(sum, worker_page_row(r->page, p, i), told, sum->rounds + i,
					record);
	}
	return 0;
}

static int add_counts(struct results *r, size_t p, size_t arm)
{
	size_t n = r->page->n_counters, more = worker_page_panel(r->page, p)->rounds;
	struct panel_sum *sum = &r->panels[p];
	struct arm_sum *to = &sum->arms[arm];
	double *counts;

	if (!n || !more)
		return 0;
	counts = realloc(to->counts, (sum->rounds + more) * n * sizeof(*counts));
	if (!counts)
		return -ENOMEM;
	to->counts = counts;
	for (size_t i = 0; i < more * n; i++)
		counts[sum->rounds * n + i] =
			i / n < WORKER_ROWS_MOST ? worker_page_counts(r->page, p, arm, i / n)[i % n]
						 : NAN;
	return 0;
}

static int add_neighbour(struct results *r, size_t p, size_t arm)
{
	size_t more = worker_page_panel(r->page, p)->rounds;
	struct panel_sum *sum = &r->panels[p];
	struct arm_sum *to = &sum->arms[arm];
	size_t rounds = sum->rounds + more, bytes = ARM_READINGS * sizeof(*to->neighbour);
	struct neighbour_reading *readings = realloc(to->neighbour, (rounds + 1) * bytes);

	if (!readings)
		return -ENOMEM;
	to->neighbour = readings;
	memset(readings + sum->rounds * ARM_READINGS, 0, more * bytes);
	if (more > WORKER_ROWS_MOST)
		more = WORKER_ROWS_MOST;
	for (size_t i = 0; i < more; i++)
		memcpy(readings + (sum->rounds + i) * ARM_READINGS,
		       worker_page_neighbour(r->page, p, arm, i), bytes);
	return 0;
}

static void add_books(struct arm_sum *to, const struct worker_arm *told)
{
	to->books.produced += told->books.produced;
	to->books.received += told->books.received;
	to->books.lost += told->books.lost;
	to->books.lost_records += told->books.lost_records;
	to->books.wakeups += told->books.wakeups;
}

int results_take(struct results *r, struct record *record)
{
	bool any = false;
	int err = 0;

	for (size_t p = 0; p < r->page->n_panels && !err; p++) {
		struct panel_sum *sum = &r->panels[p];

		err = add_rounds(r, p, record);
		for (size_t i = 0; i < sum->n_arms && !err; i++) {
			add_books(&sum->arms[i], worker_page_arm(r->page, p, i));
			err = add_counts(r, p, i);
			err = err ? err : add_neighbour(r, p, i);
		}
		if (!err) {
			sum->rounds += worker_page_panel(r->page, p)->rounds;
			any = any || worker_page_panel(r->page, p)->rounds;
		}
	}
	r->workers += any;
	return err;
}

size_t results_rounds(const struct results *r)
{
	size_t least = SIZE_MAX;

	for (size_t p = 0; p < r->page->n_panels; p++)
		if (r->panels[p].rounds < least)
			least = r->panels[p].rounds;
	return r->page->n_panels ? least : 0;
}
