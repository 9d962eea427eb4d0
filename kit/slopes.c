/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kit/slope_bench.h"
#include "kit/slope_block.h"
#include "kit/slopes.h"

#define PILOT_ROUNDS 5

struct slopes {
	const struct harness_env *env;
	struct slopes_options options;
	struct slope_rows *rows;
	struct slope_bench bench;
	size_t *order; /* of the rows */
	size_t rounds;
	double started;
};

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static double share_done(const struct slopes *run)
{
	double share = run->options.rounds ? (double)run->rounds / run->options.rounds
					   : (seconds() - run->started) / run->options.seconds;

	return share < 1 ? share : 1;
}

static bool carrier_wanted(const struct slope_rows *rows, int kind, bool *gated)
{
	bool wanted = false;

	*gated = false;
	for (size_t i = 0; i < rows->n; i++) {
		const struct slope_row *row = &rows->rows[i];

		if (row->carrier != kind || row->status != CELL_MEASURED)
			continue;
		wanted = true;
		*gated = *gated || row->drain == DRAIN_CAUGHT_UP;
	}
	return wanted;
}

static void fail_carrier(struct slope_rows *rows, int kind, enum cell_status status,
			 const char *reason)
{
	for (size_t i = 0; i < rows->n; i++)
		if (rows->rows[i].carrier == kind && rows->rows[i].status == CELL_MEASURED)
			slope_row_fail(&rows->rows[i], status, "%s", reason);
}

/* All rows of a carrier once (exact: all their rounds). -EINTR: stopped between two rows. */
static int run_carrier(struct slopes *run, int kind)
{
	struct slope_bench *bench = &run->bench;
	char reason[256];
	uint64_t nothing;
	bool gated;
	int err = 0;

	if (!carrier_wanted(run->rows, kind, &gated))
		return 0;
	if (slope_carrier_begin(bench, kind, gated))
		fail_carrier(run->rows, kind, CELL_SKIPPED, bench->reason);
	gsl_ran_shuffle(bench->rng, run->order, run->rows->n, sizeof(*run->order));
	for (size_t i = 0; i < run->rows->n && !err; i++) {
		struct slope_row *row = &run->rows->rows[run->order[i]];

		if (*run->env->stop)
			err = -EINTR;
		else if (row->carrier == kind && row->status == CELL_MEASURED)
			slope_row_rounds(bench, row, bench->exact ? run->options.rounds : 1);
	}
	nothing = slope_carrier_end(bench);
	if (nothing) {
		snprintf(reason, sizeof(reason), "%llu hits found no program to run",
			 (unsigned long long)nothing);
		fail_carrier(run->rows, kind, CELL_INVALID, reason);
	}
	return err;
}

int slopes_round(struct slopes *run)
{
	int err = 0;

	slope_bench_make(&run->bench, run->rows);
	for (int kind = 0; kind < CARRIER_COUNT && !err; kind++)
		err = run_carrier(run, kind);
	slope_bench_check(&run->bench, run->rows);
	slope_bench_drop(&run->bench);
	if (!err)
		run->rounds += run->bench.exact ? run->options.rounds : 1;
	return err;
}

static bool enough(const struct slopes *run)
{
	if (run->options.rounds)
		return run->rounds >= run->options.rounds;
	return run->rounds > HARNESS_ROUNDS_LEAST &&
	       seconds() - run->started >= run->options.seconds;
}

int slopes_rounds(struct slopes *run)
{
	int err = 0;

	while (!err && !enough(run)) {
		run->env->progress(share_done(run), "helpers");
		err = slopes_round(run);
	}
	return err;
}

/* The rounds that all rows of the round have; fewer than an interval needs are none. */
static void keep_whole_rounds(struct slopes *run)
{
	for (size_t i = 0; i < run->rows->n; i++) {
		struct slope_row *row = &run->rows->rows[i];

		if (row->status != CELL_MEASURED)
			continue;
		if (row->rounds > run->rounds)
			row->rounds = run->rounds;
		if (!row->rounds)
			slope_row_fail(row, CELL_SKIPPED, "the run was stopped before it");
	}
}

int slopes_open(const struct harness_env *env, const struct slopes_options *options,
		struct slope_rows *rows, struct slopes **out)
{
	struct slopes *run = calloc(1, sizeof(*run));
	int err = -ENOMEM;

	if (!run)
		return err;
	*run = (struct slopes){.env = env, .options = *options, .rows = rows, .started = seconds()};
	run->bench.idle_fd = -1;
	run->order = calloc(rows->n + 1, sizeof(*run->order));
	if (run->order)
		err = slope_bench_open(&run->bench, env, options->exact, options->calls);
	for (size_t i = 0; !err && i < rows->n; i++)
		run->order[i] = i;
	if (!err) {
		*out = run;
		return 0;
	}
	slope_bench_close(&run->bench);
	free(run->order);
	free(run);
	return err;
}

int slopes_finish(struct slopes *run, struct record *record, char *why, size_t why_len)
{
	int err;

	keep_whole_rounds(run);
	err = slope_rows_record(run->rows, run->options.exact ? UNIT_INSTRUCTIONS : UNIT_NS,
				record);
	if (err)
		snprintf(why, why_len, "%s", strerror(-err));
	else
		err = record_write(record, run->env->dir, why, why_len);
	slope_bench_close(&run->bench);
	free(run->order);
	free(run);
	return err;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median of a few attaches. */
static double pilot_hook(struct slope_bench *bench, int kind, size_t rounds)
{
	double costs[PILOT_ROUNDS];

	for (size_t i = 0; i < rounds; i++) {
		int err = slope_carrier_begin(bench, kind, false);

		costs[i] = err ? NAN : slope_carrier_empty(bench);
		slope_carrier_end(bench);
		if (err)
			return NAN;
	}
	qsort(costs, rounds, sizeof(*costs), compare_doubles);
	return costs[rounds / 2];
}

int slopes_pilot(const struct harness_env *env, bool exact, struct carrier_cost costs[HOOK_COUNT])
{
	struct slope_bench bench = {.idle_fd = -1};
	int err = slope_bench_open(&bench, env, exact, 0);

	for (int kind = 0; kind < HOOK_COUNT && !err; kind++) {
		costs[kind] = (struct carrier_cost){.cost = NAN};
		if (*env->stop)
			continue;
		costs[kind].cost =
			pilot_hook(&bench, kind, exact ? 1 : PILOT_ROUNDS) * 1e9 / env->tsc->hz;
		if (isnan(costs[kind].cost))
			snprintf(costs[kind].reason, sizeof(costs[kind].reason), "%s",
				 bench.reason);
	}
	slope_bench_close(&bench);
	return err;
}
