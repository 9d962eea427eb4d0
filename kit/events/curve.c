/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/events/curve.h"
#include "reports/stats/breakpoint.h"

/* Rates closer than this factor count as one. */
#define RATE_STEP 1.05

enum quantity { OVERHEAD, CPU, LOSS, QUANTITIES };
static const char *const quantity_names[] = {
	[OVERHEAD] = "overhead", [CPU] = "cpu", [LOSS] = "loss"};

struct curve {
	const struct rate_run *points[BREAKPOINT_POINTS_MOST];
	double rates[BREAKPOINT_POINTS_MOST];
	size_t n, rounds;
	double *values[QUANTITIES]; /* index: round * n + point */
};

/* Inserts a point in order of achieved rate. */
static void insert(struct curve *curve, size_t got, const struct rate_run *series)
{
	size_t at = got;

	for (; at > 0 && rate_run_rate(curve->points[at - 1]) > rate_run_rate(series); at--)
		curve->points[at] = curve->points[at - 1];
	curve->points[at] = series;
}

/* Chooses the measured points, in order of achieved rate, without near duplicates. */
static void choose(struct curve *curve, const struct rate_run *series, size_t n)
{
	size_t got = 0;

	for (size_t i = 0; i < n && got < BREAKPOINT_POINTS_MOST; i++)
		/*
		 * at a rate that was not reached the producer is the limit: no breakpoint of the
		 * probe
		 */
		if (series[i].status == RESULT_MEASURED && !rate_run_saturated(&series[i]) &&
		    series[i].rounds >= BREAKPOINT_ROUNDS_LEAST &&
		    isfinite(rate_run_rate(&series[i])))
			insert(curve, got++, &series[i]);
	curve->rounds = BREAKPOINT_ROUNDS_MOST;
	for (size_t i = 0; i < got; i++) {
		double rate = rate_run_rate(curve->points[i]);

		if (curve->n && rate < RATE_STEP * curve->rates[curve->n - 1])
			continue;
		curve->points[curve->n] = curve->points[i];
		curve->rates[curve->n++] = rate;
		if (curve->points[i]->rounds < curve->rounds)
			curve->rounds = curve->points[i]->rounds;
	}
}

static int read_values(struct curve *curve, const struct rate_run_scale *scale)
{
	for (int q = 0; q < QUANTITIES; q++) {
		curve->values[q] = calloc(curve->rounds * curve->n, sizeof(double));
		if (!curve->values[q])
			return -ENOMEM;
	}
	for (size_t p = 0; p < curve->n; p++)
		for (size_t r = 0; r < curve->rounds; r++) {
			const struct rate_run *series = curve->points[p];
			struct rate_run_cost cost = rate_run_round_cost(series, r, scale);
			size_t at = r * curve->n + p;

			curve->values[OVERHEAD][at] = cost.typical;
			curve->values[CPU][at] =
				cost.mean * curve->rates[p] * 1e-7 + series->consumer[r];
			curve->values[LOSS][at] = series->lost[r];
		}
	return 0;
}

static int add_breakpoint(const struct curve *curve, enum quantity quantity, uint64_t seed,
			  struct record *record)
{
	const struct series_name *name = &curve->points[0]->name;
	struct breakpoint found = {0}, *row;
	int err = breakpoint_find(curve->rates, curve->n, curve->values[quantity], curve->rounds,
				  seed, &found);

	if (err)
		return err == -ENOMEM ? err : 0; /* a round could not be read: no curve */
	row = record_add_breakpoint(record);
	if (!row)
		return -ENOMEM;
	*row = found;
	row->quantity = strdup(quantity_names[quantity]);
	if (asprintf(&row->curve, "%s/%s_%s/%s/%s/%s", name->scenario, hook_name(name->hook),
		     stream_buffer_name(name->buffer), curve->points[0]->load.workload->name,
		     wakeup_policy_name(name->wakeup), name->policy) < 0)
		row->curve = NULL;
	return row->curve && row->quantity ? 0 : -ENOMEM;
}

int curve_breakpoints(const struct rate_run *series, size_t n, const struct rate_run_scale *scale,
		      struct record *record)
{
	struct curve curve = {.n = 0};
	int err = 0;

	choose(&curve, series, n);
	if (curve.n < BREAKPOINT_POINTS_LEAST)
		return 0;
	err = read_values(&curve, scale);
	for (int q = 0; q < QUANTITIES && !err; q++) {
		/* where nobody reads, every event is lost by design */
		if (q != LOSS || series[0].name.wakeup != WAKEUP_NONE)
			err = add_breakpoint(&curve, (enum quantity)q, scale->seed, record);
	}
	for (int q = 0; q < QUANTITIES; q++)
		free(curve.values[q]);
	return err;
}
