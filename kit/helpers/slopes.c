/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "kit/timing/rounds.h"
#include "kit/helpers/slope_bench.h"
#include "kit/helpers/slope_block.h"
#include "kit/helpers/slope_record.h"
#include "kit/helpers/slopes.h"

#define PILOT_ROUNDS  5
#define EMPTY_REPEATS 3

struct slopes {
	const struct harness_env *env;
	struct slopes_options options;
	struct slope_rows *rows;
	struct slope_bench bench;
	struct rounds rounds; /* each visits all host programs */
	/* of one host program; it visits each row once for each of its copies */
	struct rounds visits;
	size_t *row; /* the row of each visit */
};

/* ---- the host program ---- */

static int prepare_host_program(struct slope_bench *bench, int kind)
{
	int err = host_program_open(kind, &bench->host_program, &bench->reason);

	if (err)
		return err;
	bench->area = host_program_test_run(bench->host_program);
	bench->workload = bench->area ? &workload_test_run : workload_find("munmap_einval");
	bench->stub_only = slope_program(bench, &helpers[0], 0, WAKEUP_OFF, 0, &bench->reason);
	return bench->stub_only < 0 ? bench->stub_only : 0;
}

/*
 * Attaches the host program. gated: there are rows that wait for a sleeping reader. Returns 0, or
 * -errno with bench->reason.
 */
static int host_program_begin(struct slope_bench *bench, int kind, bool gated)
{
	int err;

	*bench->reason.text = '\0';
	bench->kind = kind;
	err = prepare_host_program(bench, kind);
	if (err)
		return err;
	bench->bare = slope_bare(bench, false);
	bench->bare_gated = gated ? slope_bare(bench, true) : NAN;
	err = host_program_select(bench->host_program, bench->stub_only);
	if (!err)
		err = host_program_attach(bench->host_program, &bench->reason);
	if (!err)
		err = slope_count_hits(bench);
	if (err && !*bench->reason.text)
		error_say(&bench->reason, "%s", strerror(-err));
	return err;
}

/* The cost of the empty host program over nothing attached, in ticks; NAN if it failed. */
static double host_program_empty(struct slope_bench *bench)
{
	double sum = 0;

	for (int i = 0; i < EMPTY_REPEATS; i++)
		sum += slope_bare(bench, false);
	return sum / EMPTY_REPEATS - bench->bare;
}

/*
 * Detaches. Returns the hits that did not run the program: any makes the host program's rows
 * invalid.
 */
static uint64_t host_program_end(struct slope_bench *bench)
{
	uint64_t nothing = 0;

	if (!bench->host_program)
		return 0;
	if (!*bench->reason.text) {
		for (int o = 0; o < SLOPE_OUTPUTS; o++)
			slope_unfill(bench, (enum output)o);
		nothing = host_program_fell_through(bench->host_program);
	}
	host_program_detach(bench->host_program);
	if (bench->stub_only >= 0)
		close(bench->stub_only);
	bench->stub_only = -1;
	host_program_close(bench->host_program);
	bench->host_program = NULL;
	return nothing;
}

/* ---- rounds ---- */

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

static int visit_row(void *ctx, size_t i)
{
	struct slopes *slopes = ctx;
	struct slope_bench *bench = &slopes->bench;
	struct slope_row *row = &slopes->rows->rows[slopes->row[i]];

	if (row->host_program == bench->kind && row->status == RESULT_MEASURED)
		slope_row_rounds(bench, row, bench->exact ? slopes->options.rounds : 1);
	return 0;
}

/*
 * All rows of a host program once (exact: all their rounds). Returns 0 or -EINTR: stopped between
 * two rows.
 */
static int run_host_program(struct slopes *slopes, int kind)
{
	struct slope_bench *bench = &slopes->bench;
	char reason[256];
	uint64_t nothing;
	bool gated;
	int err;

	if (!host_program_wanted(slopes->rows, kind, &gated))
		return 0;
	if (host_program_begin(bench, kind, gated))
		fail_host_program(slopes->rows, kind, RESULT_SKIPPED, bench->reason.text);
	err = rounds_once(&slopes->visits, visit_row, slopes);
	nothing = host_program_end(bench);
	if (nothing) {
		snprintf(reason, sizeof(reason), "%llu hits found no program to run",
			 (unsigned long long)nothing);
		fail_host_program(slopes->rows, kind, RESULT_INVALID, reason);
	}
	return err;
}

static int add_rows(const struct slopes *slopes, struct record *record)
{
	return slope_rows_record(slopes->rows, slopes->options.exact ? UNIT_INSTRUCTIONS : UNIT_NS,
				 record);
}

/* Between rounds, so no visit is of half a round; before the first one there is nothing to say. */
static int provisional_rows(void *ctx, struct record *record)
{
	const struct slopes *slopes = ctx;

	return slopes->rounds.done ? add_rows(slopes, record) : 0;
}

/* What runs between these rounds, the incremental programs, writes checkpoints with them too. */
static void join_checkpoints(struct slopes *slopes)
{
	if (!slopes->env->checkpoint)
		return;
	slopes->env->checkpoint->rows = provisional_rows;
	slopes->env->checkpoint->ctx = slopes;
}

bool slopes_left(const struct slopes *slopes)
{
	for (size_t i = 0; i < slopes->rows->n; i++)
		if (slopes->rows->rows[i].status == RESULT_MEASURED)
			return true;
	return false;
}

int slopes_round(struct slopes *slopes)
{
	int err = 0;

	/* the visits look too, but a round without a row to measure has none */
	if (*slopes->env->stop)
		return -EINTR;
	slopes->bench.round = slopes->rounds.done;
	slope_bench_make(&slopes->bench, slopes->rows);
	for (int kind = 0; kind < HOST_PROGRAM_COUNT && !err; kind++)
		err = run_host_program(slopes, kind);
	slope_bench_check(&slopes->bench, slopes->rows);
	slope_bench_drop(&slopes->bench);
	if (!err)
		slopes->rounds.done += slopes->bench.exact ? slopes->options.rounds : 1;
	if (!err && checkpoint_due(slopes->env->checkpoint))
		checkpoint_put(slopes->env->checkpoint, slopes->options.record, slopes->env->dir);
	return err;
}

int slopes_rounds(struct slopes *slopes)
{
	int err = 0;

	while (!err && slopes_left(slopes) && rounds_go_on(&slopes->rounds)) {
		slopes->env->progress(rounds_share(&slopes->rounds), "helpers");
		err = slopes_round(slopes);
	}
	return err;
}

static void let_go(struct slopes *slopes)
{
	if (slopes->env->checkpoint)
		slopes->env->checkpoint->rows = NULL;
	slope_bench_close(&slopes->bench);
	rounds_close(&slopes->visits);
	free(slopes->row);
	free(slopes);
}

int slopes_open(const struct harness_env *env, const struct slopes_options *options,
		struct slope_rows *rows, struct slopes **out)
{
	struct slopes *slopes = calloc(1, sizeof(*slopes));
	int err = -ENOMEM;

	if (!slopes)
		return err;
	*slopes = (struct slopes){
		.env = env,
		.options = *options,
		.rows = rows,
		.bench.idle_fd = -1,
		.rounds = {.most = options->rounds,
			   .least = HARNESS_ROUNDS_LEAST + 1,
			   .seconds = options->rounds ? 0 : options->seconds},
		.row = calloc(rows->n * SLOPE_COPIES + 1, sizeof(*slopes->row)),
	};
	rounds_begin(&slopes->rounds);
	if (slopes->row)
		err = slope_bench_open(&slopes->bench, env, options->exact, options->calls);
	for (size_t i = 0; !err && i < rows->n; i++) {
		if (options->exact)
			rows->rows[i].copies = 1;
		for (unsigned int c = 0; c < rows->rows[i].copies; c++)
			slopes->row[slopes->visits.n++] = i;
	}
	slopes->visits.rng = slopes->bench.rng;
	slopes->visits.stop = env->stop;
	if (!err)
		err = rounds_open(&slopes->visits);
	if (err)
		let_go(slopes);
	else
		*out = slopes;
	if (!err)
		join_checkpoints(slopes);
	return err;
}

int slopes_finish(struct slopes *slopes, struct record *record, struct error *why)
{
	int err;

	slope_rows_keep(slopes->rows, slopes->rounds.done);
	err = add_rows(slopes, record);
	if (err)
		error_say(why, "%s", strerror(-err));
	else
		err = record_write(record, slopes->env->dir, why);
	let_go(slopes);
	return err;
}

/* The median of a few attachments; NAN with bench->reason if it cannot be attached. */
static double pilot_hook(struct slope_bench *bench, int kind, size_t rounds)
{
	double costs[PILOT_ROUNDS];

	for (size_t i = 0; i < rounds; i++) {
		int err = host_program_begin(bench, kind, false);

		costs[i] = err ? NAN : host_program_empty(bench);
		host_program_end(bench);
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
