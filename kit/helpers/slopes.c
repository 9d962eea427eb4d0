/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "kit/timing/clock.h"
#include "kit/helpers/slope_bench.h"
#include "kit/helpers/slope_block.h"
#include "kit/helpers/slope_record.h"
#include "kit/helpers/slopes.h"

#define PILOT_ROUNDS 5

struct slopes {
	const struct harness_env *env;
	struct slopes_options options;
	struct slope_rows *rows;
	struct slope_bench bench;
	size_t *order, n_order; /* of the visits: each row as often as it has copies */
	size_t rounds;
	double started;
};

static double share_done(const struct slopes *slopes)
{
	double share = slopes->options.rounds
			       ? (double)slopes->rounds / slopes->options.rounds
			       : (clock_seconds() - slopes->started) / slopes->options.seconds;

	return share < 1 ? share : 1;
}

static bool host_program_wanted(const struct slope_rows *rows, int kind, bool *gated)
{
	bool wanted = false;

	*gated = false;
	for (size_t i = 0; i < rows->n; i++) {
		const struct slope_row *row = &rows->rows[i];

		if (row->host_program != kind || row->status != RESULT_MEASURED)
			continue;
		wanted = true;
		*gated = *gated || row->wakeup == WAKEUP_CAUGHT_UP;
	}
	return wanted;
}

static void fail_host_program(struct slope_rows *rows, int kind, enum result_status status,
			      const char *reason)
{
	for (size_t i = 0; i < rows->n; i++)
		if (rows->rows[i].host_program == kind && rows->rows[i].status == RESULT_MEASURED)
			slope_row_fail(&rows->rows[i], status, "%s", reason);
}

/* All rows of a host program once (exact: all their rounds). -EINTR: stopped between two rows. */
static int run_host_program(struct slopes *slopes, int kind)
{
	struct slope_bench *bench = &slopes->bench;
	char reason[256];
	uint64_t nothing;
	bool gated;
	int err = 0;

	if (!host_program_wanted(slopes->rows, kind, &gated))
		return 0;
	if (slope_host_program_begin(bench, kind, gated))
		fail_host_program(slopes->rows, kind, RESULT_SKIPPED, bench->reason.text);
	gsl_ran_shuffle(bench->rng, slopes->order, slopes->n_order, sizeof(*slopes->order));
	for (size_t i = 0; i < slopes->n_order && !err; i++) {
		struct slope_row *row = &slopes->rows->rows[slopes->order[i]];

		if (*slopes->env->stop)
			err = -EINTR;
		else if (row->host_program == kind && row->status == RESULT_MEASURED)
			slope_row_rounds(bench, row, bench->exact ? slopes->options.rounds : 1);
	}
	nothing = slope_host_program_end(bench);
	if (nothing) {
		snprintf(reason, sizeof(reason), "%llu hits found no program to run",
			 (unsigned long long)nothing);
		fail_host_program(slopes->rows, kind, RESULT_INVALID, reason);
	}
	return err;
}

int slopes_round(struct slopes *slopes)
{
	int err = 0;

	slopes->bench.round = slopes->rounds;
	slope_bench_make(&slopes->bench, slopes->rows);
	for (int kind = 0; kind < HOST_PROGRAM_COUNT && !err; kind++)
		err = run_host_program(slopes, kind);
	slope_bench_check(&slopes->bench, slopes->rows);
	slope_bench_drop(&slopes->bench);
	if (!err)
		slopes->rounds += slopes->bench.exact ? slopes->options.rounds : 1;
	return err;
}

static bool enough(const struct slopes *slopes)
{
	if (slopes->options.rounds)
		return slopes->rounds >= slopes->options.rounds;
	return slopes->rounds > HARNESS_ROUNDS_LEAST &&
	       clock_seconds() - slopes->started >= slopes->options.seconds;
}

int slopes_rounds(struct slopes *slopes)
{
	int err = 0;

	while (!err && !enough(slopes)) {
		slopes->env->progress(share_done(slopes), "helpers");
		err = slopes_round(slopes);
	}
	return err;
}

/* Without the round in the middle of which the run was stopped. */
static void keep_whole_rounds(struct slopes *slopes)
{
	for (size_t i = 0; i < slopes->rows->n; i++) {
		struct slope_row *row = &slopes->rows->rows[i];

		if (row->status != RESULT_MEASURED)
			continue;
		while (row->visits && row->round[row->visits - 1] >= slopes->rounds)
			row->visits--;
		if (!row->visits)
			slope_row_fail(row, RESULT_SKIPPED, "the run was stopped before it");
	}
}

int slopes_open(const struct harness_env *env, const struct slopes_options *options,
		struct slope_rows *rows, struct slopes **out)
{
	struct slopes *slopes = calloc(1, sizeof(*slopes));
	int err = -ENOMEM;

	if (!slopes)
		return err;
	*slopes = (struct slopes){
		.env = env, .options = *options, .rows = rows, .started = clock_seconds()};
	slopes->bench.idle_fd = -1;
	slopes->order = calloc(rows->n * SLOPE_COPIES + 1, sizeof(*slopes->order));
	if (slopes->order)
		err = slope_bench_open(&slopes->bench, env, options->exact, options->calls);
	for (size_t i = 0; !err && i < rows->n; i++) {
		if (options->exact)
			rows->rows[i].copies = 1;
		for (unsigned int c = 0; c < rows->rows[i].copies; c++)
			slopes->order[slopes->n_order++] = i;
	}
	if (!err) {
		*out = slopes;
		return 0;
	}
	slope_bench_close(&slopes->bench);
	free(slopes->order);
	free(slopes);
	return err;
}

int slopes_finish(struct slopes *slopes, struct record *record, struct error *why)
{
	int err;

	keep_whole_rounds(slopes);
	err = slope_rows_record(slopes->rows, slopes->options.exact ? UNIT_INSTRUCTIONS : UNIT_NS,
				record);
	if (err)
		error_say(why, "%s", strerror(-err));
	else
		err = record_write(record, slopes->env->dir, why);
	slope_bench_close(&slopes->bench);
	free(slopes->order);
	free(slopes);
	return err;
}

/* The median of a few attaches. */
static double pilot_hook(struct slope_bench *bench, int kind, size_t rounds)
{
	double costs[PILOT_ROUNDS];

	for (size_t i = 0; i < rounds; i++) {
		int err = slope_host_program_begin(bench, kind, false);

		costs[i] = err ? NAN : slope_host_program_empty(bench);
		slope_host_program_end(bench);
		if (err)
			return NAN;
	}
	gsl_sort(costs, 1, rounds);
	return costs[rounds / 2];
}

int slopes_pilot(const struct harness_env *env, bool exact,
		 struct host_program_cost costs[HOOK_COUNT])
{
	struct slope_bench bench = {.idle_fd = -1};
	int err = slope_bench_open(&bench, env, exact, 0);

	for (int kind = 0; kind < HOOK_COUNT && !err; kind++) {
		costs[kind] = (struct host_program_cost){.cost = NAN};
		if (*env->stop)
			continue;
		costs[kind].cost =
			pilot_hook(&bench, kind, exact ? 1 : PILOT_ROUNDS) * 1e9 / env->tsc->hz;
		if (isnan(costs[kind].cost))
			costs[kind].reason = bench.reason;
	}
	slope_bench_close(&bench);
	return err;
}
